"""Following: cases one keeps an eye on, and what happens on each now."""

from engine.runtime import user_tasks
from tests.wire import count_statements


def test_who_registers_a_case_follows_it_and_sees_what_happens_now(browser, office):
    office.customer()
    case = office.case(customer_number="C1")
    page = browser("zhou.min").get("/inbox?tab=following").text
    assert case in page and "Review the request" in page and "Wang Wei" in page
    office.do("wang.fang", user_tasks.claim, office.task("review").id)
    assert "王芳" in browser("zhou.min").get("/inbox?tab=following").text


def test_following_is_chosen_on_the_case_page_and_ended_there(browser, office):
    case = office.case()
    gao = browser("gao.yuan")
    assert case not in gao.get("/inbox?tab=following").text
    assert "You follow this case now." in gao.post(f"/cases/{case}/follow", {"following": "1"}).text
    assert case in gao.get("/inbox?tab=following").text
    assert "Stop following" in gao.get(f"/cases/{case}").text
    gao.post(f"/cases/{case}/follow")
    assert case not in gao.get("/inbox?tab=following").text


def test_a_note_makes_its_writer_follow_unless_they_once_stopped(browser, office):
    case = office.case()
    gao = browser("gao.yuan")
    gao.post(f"/cases/{case}/notes", {"text": "I asked the carrier."})
    assert case in gao.get("/inbox?tab=following").text
    gao.post(f"/cases/{case}/follow")
    gao.post(f"/cases/{case}/notes", {"text": "They answered."})
    assert case not in gao.get("/inbox?tab=following").text


def test_a_closed_case_leaves_the_tab_but_is_found(browser, office):
    case = office.case()
    office.do("gao.yuan", user_tasks.complete, office.task("review").id, {"decision": "approve"})
    page = browser("zhou.min")
    assert "Confirm by phone" in page.get("/inbox?tab=following").text
    office.do("wang.fang", user_tasks.complete, office.task("confirm").id, {})
    assert case not in page.get("/inbox?tab=following").text
    assert case in page.get("/inbox?tab=following&stage=all").text


def test_it_is_narrowed_and_sorted_by_its_address(browser, office):
    office.customer()
    case = office.case(customer_number="C1")
    zhou = browser("zhou.min")
    for query, found in (
        ("q=wang", True),
        ("q=nobody", False),
        ("procedure=request", True),
        ("procedure=other", False),
        ("sort=-case", True),
        ("sort=applied", True),
        ("sort=amount", True),
        ("sort=nonsense", True),
    ):
        assert (case in zhou.get(f"/inbox?tab=following&{query}").text) == found, query


def test_pages_follow_each_other_without_gaps_or_repeats(app, office):
    from web.lists import Sort
    from web.queries import followed

    opened = [office.case() for _ in range(5)]
    for sort in (Sort("due"), Sort("case", True), Sort("applied"), Sort("amount", True)):
        seen, after = [], None
        while True:
            with app.commands.begin(office.actor("zhou.min")) as ctx:
                page = followed.rows(ctx, followed.Filter(), sort, after=after, size=2)
            seen += [row.number for row in page.rows]
            after = page.next
            if after is None:
                break
        assert sorted(seen) == sorted(opened)


def test_the_list_costs_the_same_however_long_it_is(browser, office, app):
    zhou = browser("zhou.min")
    office.case()
    zhou.get("/inbox?tab=following")
    costs = []
    for _ in range(2):
        statements = count_statements()
        zhou.get("/inbox?tab=following")
        costs.append(len(statements))
        for _ in range(5):
            office.case()
    assert costs[0] == costs[1] <= 6


def test_who_does_not_work_on_cases_does_not_follow_them(browser, office):
    case = office.case()
    assert "/follow" not in browser("shen.ke").get(f"/cases/{case}").text
    assert browser("shen.ke").post(f"/cases/{case}/follow", {"following": "1"}).status_code == 403
