"""The case page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.aftersales.tables import Attachment, Note
from engine.runtime import user_tasks
from tests.web import goods
from tests.wire import count_statements

TABS = ("overview", "timeline", "goods", "messages", "files", "links", "diagram")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_everything_about_a_case_stands_on_its_page(browser, office):
    goods.furnish(office, customer={"name": "王小明", "tier": "high_value"})
    case = goods.case(office)
    goods.pay_back(office, case)

    page = browser("gao.yuan").get(f"/cases/{case}").text
    for said in (
        case,
        "王小明",
        "High-value",
        "SO-1",
        "Quality problem",
        "It wobbles.",
        "Review the request",
    ):
        assert said in page, said
    assert "CHAIR-01" in page and "TABLE-01" not in page
    assert "200.00" in page and "100.00" in page

    money = browser("gao.yuan").get(f"/cases/{case}?tab=goods").text
    assert f"RF-{case}" in money


def test_the_reviewer_decides_on_that_very_page(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    task = office.task("review", case)
    gao = browser("gao.yuan")
    page = gao.get(f"/cases/{case}").text
    assert "Yours to do: Review the request" in page
    assert f'action="/user-tasks/{task.id}/complete"' in page

    gao.post(f"/user-tasks/{task.id}/complete", {"remark": "Fine", "decision": "approve"})
    assert office.task("review", case).state == "completed"
    assert "Review the request: Approve" in gao.get(f"/cases/{case}?tab=timeline").text


def test_whoever_may_not_do_the_step_sees_who_may(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    page = browser("xu.dan").get(f"/cases/{case}").text
    assert "Yours to do" not in page
    assert "After-sales operations" in page


def test_auditors_read_cases_and_change_nothing(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    auditor = browser("shen.ke")
    page = auditor.get(f"/cases/{case}").text
    assert case in page and "note-form" not in page
    assert auditor.post(f"/cases/{case}/notes", {"text": "I was here"}).status_code == 403
    refused = auditor.post(f"/cases/{case}/attachments", files={"files": ("a.png", PNG, "image/png")})
    assert refused.status_code == 403


def test_a_note_hands_the_case_to_a_colleague(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    goods.case(office)
    browser("zhou.min").post(f"/cases/{case}/notes", {"text": "Ask about the leg", "mention": "gao.yuan"})
    with office.app.database.begin() as session:
        assert session.execute(select(Note.mentions)).scalar_one() == ["gao.yuan"]
    gao = browser("gao.yuan")
    assert "@Gao Yuan" in gao.get(f"/cases/{case}").text
    assert gao.get("/cases?mine=mentioned").text.count('class="open"') == 1


def test_an_empty_note_is_refused_with_a_sentence(browser, office):
    goods.furnish(office)
    answer = browser("zhou.min").post(f"/cases/{goods.case(office)}/notes", {"text": "  "})
    assert answer.status_code == 409
    assert "Write something first." in answer.text


def test_a_note_is_text_and_never_markup(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    zhou = browser("zhou.min")
    zhou.post(f"/cases/{case}/notes", {"text": "<script>alert(1)</script> @nobody"})
    page = zhou.get(f"/cases/{case}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "@nobody" in page


def test_files_are_attached_and_handed_out_again(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    zhou = browser("zhou.min")
    zhou.post(f"/cases/{case}/attachments", files={"files": ("腿 leg.png", PNG, "image/png")})
    with office.app.database.begin() as session:
        file = session.execute(select(Attachment)).scalar_one()
    page = zhou.get(f"/cases/{case}?tab=files").text
    assert "腿 leg.png" in page and f"/attachments/{file.id}" in page
    assert zhou.get(f"/attachments/{file.id}").content == PNG


def test_a_file_of_a_forbidden_type_is_refused_and_nothing_kept(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    sent = [("files", ("a.png", PNG, "image/png")), ("files", ("b.html", b"<html>", "text/html"))]
    answer = browser("zhou.min").post(f"/cases/{case}/attachments", files=sent)
    assert answer.status_code == 409
    with office.app.database.begin() as session:
        assert session.execute(select(Attachment)).first() is None


def test_the_timeline_tells_what_people_did_and_can_be_narrowed(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    task = office.task("review", case)
    office.do("gao.yuan", user_tasks.claim, task.id)
    zhou = browser("zhou.min")
    whole = zhou.get(f"/cases/{case}?tab=timeline").text
    assert "Registered: Request" in whole and "Review the request: claimed" in whole
    assert "Nothing of this kind happened" in zhou.get(f"/cases/{case}?tab=timeline&kind=money").text


def test_a_long_timeline_comes_in_pages_without_gaps_or_repeats(office):
    from web.queries import case_history

    goods.furnish(office)
    case = goods.case(office)
    task = office.task("review", case)
    for _ in range(4):
        office.do("gao.yuan", user_tasks.claim, task.id)
        office.do("gao.yuan", user_tasks.release, task.id)
    with office.app.commands.begin(office.actor("gao.yuan")) as ctx:
        running = case_history.instances(ctx, case)
        seen, after = [], None
        while True:
            page = case_history.timeline(ctx, case, running, after=after, size=4)
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 9
    assert seen == sorted(seen, reverse=True)


def test_the_diagram_shows_the_way_the_case_took(browser, office):
    goods.furnish(office)
    page = browser("gao.yuan").get(f"/cases/{goods.case(office)}?tab=diagram").text
    assert 'data-active="review"' in page
    assert 'data-done="asked"' in page
    assert 'data-taken="f1"' in page


def test_cases_of_the_same_customer_are_neighbours(browser, office):
    goods.furnish(office)
    first, second = goods.case(office), goods.case(office)
    page = browser("gao.yuan").get(f"/cases/{second}?tab=links").text
    assert first in page and "same order" in page
    assert "Cases before" in browser("gao.yuan").get(f"/cases/{second}").text


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("person", ["li.na", "gao.yuan"])
def test_every_tab_is_shown_in_both_languages(browser, office, tab, person):
    goods.furnish(office)
    case = goods.case(office)
    answer = browser(person).get(f"/cases/{case}?tab={tab}")
    assert answer.status_code == 200
    assert ("概览" if person == "li.na" else "Overview") in answer.text


@pytest.mark.parametrize(("tab", "most"), list(zip(TABS, (13, 6, 11, 6, 4, 5, 7), strict=True)))
def test_a_tab_costs_the_same_few_statements_however_much_happened(browser, office, tab, most):
    goods.furnish(office)
    case = goods.case(office)
    gao = browser("gao.yuan")
    address = f"/cases/{case}?tab={tab}"
    gao.get(address)
    statements = count_statements()
    gao.get(address)
    few = len(statements)
    for n in range(5):
        gao.post(f"/cases/{case}/notes", {"text": f"Note {n} @zhou.min"})
        goods.case(office)
    goods.pay_back(office, case)
    statements.clear()
    gao.get(address)
    assert len(statements) == few <= most, "\n\n".join(statements)


def test_a_case_that_does_not_exist_is_a_page_that_says_so(browser, office):
    answer = browser("gao.yuan").get("/cases/AS-1999-000001")
    assert answer.status_code == 404
    assert "AS-1999-000001" in answer.text


def test_notes_stand_in_the_timeline_among_what_people_did(browser, office, clock):
    case = office.case()
    gao = browser("gao.yuan")
    clock.advance(timedelta(minutes=5))
    gao.post(f"/cases/{case}/notes", {"text": "Asked the carrier, @wang.fang knows more."})
    clock.advance(timedelta(minutes=5))
    office.do("gao.yuan", user_tasks.claim, office.task("review").id)
    for kind, shown in (
        ("", True),
        ("people", True),
        ("system", False),
        ("money", False),
        ("messages", False),
    ):
        page = gao.get(f"/cases/{case}?tab=timeline&kind={kind}").text
        assert ("Asked the carrier, @王芳 knows more." in page) == shown, kind
    page = gao.get(f"/cases/{case}?tab=timeline").text
    assert (
        page.index("Review the request: claimed")
        < page.index("Asked the carrier")
        < page.rindex("Registered: ")
    )


def test_pages_of_the_timeline_have_neither_gaps_nor_repeats_with_notes_in_it(app, office):
    from engine.aftersales import notes
    from web.queries import case_history

    case = office.case()
    for n in range(4):
        office.do("gao.yuan", notes.add, case, f"Note {n}")
        office.do("gao.yuan", user_tasks.claim, office.task("review").id)
        office.do("gao.yuan", user_tasks.release, office.task("review").id)
    seen, after = [], None
    while True:
        with app.commands.begin(office.actor("gao.yuan")) as ctx:
            running = case_history.instances(ctx, case)
            page = case_history.timeline(ctx, case, running, after=after, size=3)
        seen += [row.id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 13
