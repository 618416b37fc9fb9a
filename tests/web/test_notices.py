"""Notices: told once, read by each for themselves."""

import re

import pytest
from sqlalchemy import select

from engine.aftersales import staff_notices
from engine.aftersales.tables import AftersalesCase, StaffNotice
from tests.wire import count_statements
from web.queries import work


@pytest.fixture
def tell(app, office):
    """A notice of a procedure to a role, as `staff.notify` leaves it."""

    def told(case, role="operations", n=1):
        with app.database.begin() as session:
            case_id = session.scalar(select(AftersalesCase.id).where(AftersalesCase.number == case))
            for number in range(n):
                session.add(
                    StaffNotice(
                        role=role,
                        case_id=case_id,
                        texts={"en": f"Case {case} is late.", "zh": f"案件 {case} 已逾期。"},
                        created_at=app.engine.clock.now(),
                        idempotency_key=f"{case}-{role}-{number}-{told.n}",
                    )
                )
            told.n += 1

    told.n = 0
    return told


def unread(app, office, key):
    with app.commands.begin(office.actor(key)) as ctx:
        return work.counts(ctx).notices


def test_a_notice_to_a_role_is_told_to_each_in_their_language(browser, office, tell):
    case = office.case()
    tell(case)
    assert f"Case {case} is late." in browser("gao.yuan").get("/notices").text
    assert f"案件 {case} 已逾期。" in browser("wang.fang").get("/notices").text
    assert case not in browser("xu.dan").get("/notices").text


def test_opening_one_leads_to_its_case_and_reads_it_for_oneself_only(app, browser, office, tell):
    case = office.case()
    tell(case)
    gao = browser("gao.yuan")
    assert unread(app, office, "gao.yuan") == 1
    link = re.search(r"/notices/\d+", gao.get("/notices").text)[0]
    assert str(gao.get(link).url).endswith(f"/cases/{case}")
    assert (unread(app, office, "gao.yuan"), unread(app, office, "wang.fang")) == (0, 1)
    assert case in gao.get("/notices").text, "what one has read stays in the list"


def test_somebody_elses_notice_is_not_there(browser, office, tell):
    tell(office.case())
    gao, xu = browser("gao.yuan"), browser("xu.dan")
    link = re.search(r"/notices/\d+", gao.get("/notices").text)[0]
    assert xu.get(link).status_code == 404


def test_all_are_read_at_once_and_what_is_not_read_stands_first(app, browser, office, tell):
    first, second = office.case(), office.case()
    tell(second)
    gao = browser("gao.yuan")
    answer = gao.post("/notices/read")
    assert "1 notice is read." in answer.text and "Mark all as read" not in answer.text
    tell(second, role="finance")
    tell(first)
    page = gao.get("/notices").text
    assert page.index(first) < page.index(second) and page.count('class="is-unread"') == 1
    assert unread(app, office, "gao.yuan") == 1


def test_the_bell_counts_without_a_statement_of_its_own(app, office, tell):
    case = office.case()
    tell(case, n=3)
    with app.commands.begin(office.actor("gao.yuan")) as ctx:
        statements = count_statements()
        counts = work.counts(ctx)
        assert counts.shown()["notices"] == {"n": 3, "late": 0}
    assert len(statements) == 1
    before = counts.mark
    tell(case)
    with app.commands.begin(office.actor("gao.yuan")) as ctx:
        assert work.counts(ctx).mark != before


def test_a_mention_by_key_or_by_name_is_a_notice_to_that_person(app, browser, office):
    case = office.case()
    zhou = browser("zhou.min")
    zhou.post(
        f"/cases/{case}/notes", {"text": "@Gao Yuan请看一下，@王芳, and a@xu.dan is no mention. @zhou.min"}
    )
    page = browser("gao.yuan").get("/notices").text
    assert "Zhou Min mentions you" in page and "@Gao Yuan请看一下，@王芳" in page
    assert unread(app, office, "wang.fang") == 1
    assert (unread(app, office, "xu.dan"), unread(app, office, "zhou.min")) == (0, 0)
    assert '<b class="mention">@Gao Yuan</b>' in zhou.get(f"/cases/{case}").text


def test_who_is_told_looks_again_at_once(app, office, monkeypatch):
    from engine.aftersales import notes
    from engine.runtime import notices

    case, told = office.case(), []
    monkeypatch.setattr(notices, "send", lambda _session, concerned: told.append(set(concerned.people)))
    office.do("zhou.min", notes.add, case, "@gao.yuan look")
    assert told == [{"gao.yuan"}]


def test_pages_follow_each_other_without_gaps_or_repeats(app, office, tell):
    from web.queries import notices

    tell(office.case(), n=7)
    with app.commands.begin(office.actor("gao.yuan")) as ctx:
        some = notices.rows(ctx, after=None, size=3).rows
        for row in some[:2]:
            staff_notices.mark_read(ctx, row.id)
    seen, after = [], None
    while True:
        with app.commands.begin(office.actor("gao.yuan")) as ctx:
            page = notices.rows(ctx, after=after, size=3)
        seen += [(row.unread, row.id) for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 7


def test_the_list_costs_the_same_however_long_it_is(app, browser, office, tell):
    gao, case = browser("gao.yuan"), office.case()
    tell(case)
    costs = []
    for _ in range(2):
        statements = count_statements()
        gao.get("/notices")
        costs.append(len(statements))
        tell(case, n=5)
    assert costs[0] == costs[1] <= 2


def test_nothing_to_read_says_what_would_stand_there(browser):
    assert "notes that mention you, appear here" in browser("tech").get("/notices").text
