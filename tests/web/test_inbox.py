"""The inbox."""

from datetime import timedelta

import pytest

from engine.runtime import user_tasks
from tests.wire import count_statements


def test_work_of_ones_groups_stands_there_until_somebody_takes_it(browser, office):
    case = office.case()
    wang, gao, xu = browser("wang.fang"), browser("gao.yuan"), browser("xu.dan")
    assert case in wang.get("/inbox?tab=groups").text
    assert case not in xu.get("/inbox?tab=groups").text

    wang.post(f"/user-tasks/{office.task('review').id}/claim")
    assert case in wang.get("/inbox?tab=mine").text
    assert case not in gao.get("/inbox?tab=groups").text
    assert case in gao.get("/inbox?tab=groups&who=all").text


def test_steps_and_procedures_are_named_in_the_persons_language(browser, office):
    office.case()
    assert "审核申请" in browser("wang.fang").get("/inbox?tab=groups").text
    assert "Review the request" in browser("gao.yuan").get("/inbox?tab=groups").text


def test_what_is_late_says_so_in_words(browser, office, clock):
    office.case()
    gao = browser("gao.yuan")
    assert "in 2 h" in gao.get("/inbox?tab=groups").text
    clock.advance(timedelta(hours=5))
    assert "3 h overdue" in gao.get("/inbox?tab=groups").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("procedure=request", True),
        ("procedure=other", False),
        ("procedure=request&step=review", True),
        ("procedure=request&step=confirm", False),
        ("due=today", True),
        ("due=overdue", False),
        ("due=none", False),
        ("priority=normal", True),
        ("priority=high", False),
        ("tier=high_value", True),
        ("tier=standard", False),
        ("q=wang", True),
        ("q=1380013", True),
        ("q=nobody", False),
        ("sort=-case", True),
        ("sort=nonsense", True),
    ],
)
def test_the_list_is_narrowed_and_sorted_by_its_address(browser, office, query, found):
    office.customer(tier="high_value")
    case = office.case(customer_number="C1")
    assert (case in browser("gao.yuan").get(f"/inbox?tab=groups&{query}").text) == found


def test_pages_follow_each_other_without_gaps_or_repeats(app, office, monkeypatch):
    from web.lists import Sort
    from web.queries import inbox

    opened = [office.case() for _ in range(7)]
    for sort in (Sort("first"), Sort("due", True), Sort("case"), Sort("since", True), Sort("amount")):
        seen, after = [], None
        while True:
            with app.commands.begin(office.actor("gao.yuan")) as ctx:
                page = inbox.rows(ctx, inbox.Filter(tab="groups"), sort, after=after, size=3)
            seen += [row.business_key for row in page.rows]
            after = page.next
            if after is None:
                break
        assert sorted(seen) == sorted(opened)


def test_a_mangled_cursor_shows_the_first_page(browser, office):
    case = office.case()
    for cursor in ("!!!", "WzFd", "WyJ4IiwgMV0"):
        answer = browser("gao.yuan").get(f"/inbox?tab=groups&after={cursor}")
        assert answer.status_code == 200 and case in answer.text


def test_several_steps_are_claimed_at_once_and_one_that_is_gone_keeps_none_back(browser, office):
    cases = [office.case() for _ in range(3)]
    tasks = [office.task("review", case).id for case in cases]
    office.do("wang.fang", user_tasks.claim, tasks[0])

    answer = browser("gao.yuan").post("/inbox/claim", {"id": tasks})
    assert "Claimed: 2. Not 1: 王芳 is working on this step." in answer.text
    assert office.task("review", cases[0]).assignee == "wang.fang"
    assert office.task("review", cases[2]).assignee == "gao.yuan"


def test_several_steps_are_given_to_a_colleague_who_may_do_them(browser, office):
    tasks = [office.task("review", office.case()).id for _ in range(2)]
    gao = browser("gao.yuan")
    assert "Choose a colleague first." in gao.post("/inbox/assign", {"id": tasks}).text
    answer = gao.post("/inbox/assign", {"id": tasks, "person": "wang.fang", "back": "/inbox?tab=groups"})
    assert "Given to 王芳: 2." in answer.text and "tab=groups" in str(answer.url)
    assert office.task("review").assignee == "wang.fang"

    answer = gao.post("/inbox/assign", {"id": tasks, "person": "xu.dan"})
    assert "Not 2: This step is for After-sales operations; Xu Dan is not one of them." in answer.text
    assert office.task("review").assignee == "wang.fang"


def test_colleagues_offered_are_those_who_share_the_work(browser, office):
    office.case()
    offered = browser("gao.yuan").get("/inbox?tab=groups").text.partition('data-bulk="assign"')[2]
    offered = offered.partition("</select>")[0]
    assert "王芳" in offered and "Xu Dan" not in offered


def test_claiming_can_be_undone_from_the_answer(browser, office):
    office.case()
    task = office.task("review")
    answer = browser("gao.yuan").htmx(f"/user-tasks/{task.id}/claim", {})
    assert f'action="/user-tasks/{task.id}/release"' in answer.text
    assert "refresh" in answer.headers["hx-trigger"]


def test_what_one_may_not_do_for_four_eyes_is_not_offered(browser, office):
    case = office.case()
    office.do("gao.yuan", user_tasks.complete, office.task("review").id, {"decision": "approve"})
    assert case not in browser("gao.yuan").get("/inbox?tab=groups").text
    assert case in browser("wang.fang").get("/inbox?tab=groups").text


def test_htmx_gets_the_list_alone(browser, office):
    office.case()
    part = browser("gao.yuan").htmx("/inbox?tab=groups").text
    assert 'id="list"' in part and "<html" not in part


def test_empty_tabs_say_what_to_do(browser):
    gao = browser("gao.yuan")
    assert "Steps you claim or are given appear here" in gao.get("/inbox").text
    assert "New steps appear here by themselves" in gao.get("/inbox?tab=groups").text
    assert "Clear filters" in gao.get("/inbox?tab=groups&q=nothing").text


def test_the_list_costs_the_same_however_long_it_is(browser, office, app):
    gao = browser("gao.yuan")
    office.case()
    gao.get("/inbox?tab=groups")
    costs = []
    for _ in range(2):
        statements = count_statements()
        gao.get("/inbox?tab=groups")
        costs.append(len(statements))
        for _ in range(5):
            office.case()
    assert costs[0] == costs[1] <= 6
