"""A step on its page."""

import io
from datetime import timedelta
from threading import Thread

from sqlalchemy import event

from engine.aftersales import cases
from engine.runtime import instances, task_forms, user_tasks
from engine.store.tables import ProcessInstance
from tests.wire import count_statements

FILLED = {"remark": "fine", "decision": "approve"}


def test_the_page_shows_form_case_and_why(browser, office):
    office.customer()
    case = office.case("a blue chair", customer_number="C1")
    page = browser("gao.yuan").get(f"/user-tasks/{office.task('review').id}").text
    for part in (
        "Look at the wish first.",
        "Wanted: a blue chair",
        "Wang Wei",
        case,
        "Approve",
        "After-sales operations",
    ):
        assert part in page


def test_completing_goes_on_and_says_what_was_done(browser, office):
    case = office.case()
    answer = browser("gao.yuan").post(f"/user-tasks/{office.task('review').id}/complete", FILLED)
    assert answer.url.path == "/inbox"
    assert f"Done: Review the request ({case})." in answer.text
    assert office.task("review").outcome == "approve"
    assert office.task("confirm").state == "created"


def test_after_a_step_one_goes_on_with_the_same_case_where_one_may(browser, office):
    office.do("wang.fang", cases.open_case, "both", {})
    left, right = office.task("left"), office.task("right")
    answer = browser("gao.yuan").post(f"/user-tasks/{left.id}/complete", {})
    assert answer.url.path == f"/user-tasks/{right.id}"


def test_what_is_missing_is_shown_at_its_field_and_what_was_typed_is_kept(browser, office):
    office.case()
    answer = browser("gao.yuan").post(
        f"/user-tasks/{office.task('review').id}/complete", {"remark": " ", "decision": "approve"}
    )
    assert answer.status_code == 422
    assert "Fill this in." in answer.text
    assert office.task("review").state == "created"


def test_a_second_submit_is_told_who_was_first(browser, office):
    office.case()
    task = office.task("review")
    wang, gao = browser("wang.fang"), browser("gao.yuan")
    wang.post(f"/user-tasks/{task.id}/complete", FILLED)

    answer = gao.post(f"/user-tasks/{task.id}/complete", FILLED)
    assert answer.status_code == 200
    assert "This step was already completed by 王芳, today 10:00." in answer.text
    assert "On to the next step of this case" in answer.text
    assert "您" in wang.get(f"/user-tasks/{task.id}").text


def test_a_draft_is_kept_and_shown_again(browser, office):
    office.case()
    task = office.task("review")
    gao = browser("gao.yuan")
    answer = gao.post(f"/user-tasks/{task.id}/draft", {"remark": "half a thou"})
    assert answer.text == "Draft saved today 10:00"
    assert 'value="half a thou"' in gao.get(f"/user-tasks/{task.id}").text
    assert "Gao Yuan" in browser("wang.fang").get(f"/user-tasks/{task.id}").text


def test_a_step_somebody_has_can_be_looked_at_but_not_done(browser, office):
    office.case()
    task = office.task("review")
    office.do("wang.fang", user_tasks.claim, task.id)
    gao = browser("gao.yuan")
    page = gao.get(f"/user-tasks/{task.id}").text
    assert "王芳 is working on this step." in page and 'name="remark"' not in page
    assert gao.post(f"/user-tasks/{task.id}/complete", FILLED).status_code == 409

    gao.post(f"/user-tasks/{task.id}/assign", {"person": "gao.yuan"})
    assert office.task("review").assignee == "gao.yuan"


def test_four_eyes_is_said_before_one_tries_and_when_one_does(browser, office):
    office.case()
    office.do("gao.yuan", user_tasks.complete, office.task("review").id, FILLED)
    task = office.task("confirm")
    gao = browser("gao.yuan")
    assert "Somebody else has to" in gao.get(f"/user-tasks/{task.id}").text
    answer = gao.post(f"/user-tasks/{task.id}/complete")
    assert answer.status_code == 409 and "Somebody else has to" in answer.text


def test_a_call_shows_the_rules_and_is_refused_outside_the_hours(browser, office, clock):
    office.customer()
    office.case(customer_number="C1")
    office.do("wang.fang", user_tasks.complete, office.task("review").id, FILLED)
    task = office.task("confirm")
    gao = browser("gao.yuan")
    page = gao.get(f"/user-tasks/{task.id}").text
    assert "You may call now (calls are allowed 10:00–18:00)." in page and "3 calls left today" in page

    clock.advance(timedelta(hours=9))
    page = gao.get(f"/user-tasks/{task.id}").text
    assert "Do not call now. The next call is allowed tomorrow 10:00." in page
    answer = gao.post(f"/user-tasks/{task.id}/complete")
    assert answer.status_code == 409 and "may not be called now" in answer.text
    assert office.task("confirm").state == "created"


def test_somebody_from_another_department_does_not_see_it_unless_cases_are_theirs(browser, office):
    office.case()
    task = office.task("review")
    looking = browser("xu.dan").get(f"/user-tasks/{task.id}")
    assert looking.status_code == 200
    assert "This step is for After-sales operations" in looking.text
    assert 'name="remark"' not in looking.text


def test_a_submit_is_one_commit_and_at_most_twelve_statements(browser, office, app):
    office.case()
    gao = browser("gao.yuan")
    first = office.task("review")
    gao.post(f"/user-tasks/{first.id}/complete", FILLED)  # the version is known to this process from here on
    office.case()
    task, token = office.task("review"), gao.token()
    statements = count_statements()
    commits: list[str] = []
    event.listen(app.database.engine, "commit", lambda _connection: commits.append("commit"))
    answer = gao.client.post(
        f"/user-tasks/{task.id}/complete",
        data={**FILLED, "csrf": token},
        headers=gao.headers,
        follow_redirects=False,
    )
    assert answer.status_code == 303
    assert len(commits) == 1
    assert len(statements) <= 12, "\n".join(statements)


def test_the_diagram_comes_in_the_persons_language(browser, office):
    office.case()
    path = f"/definitions/{office.task('review').definition_id}/diagram.zh.bpmn"
    answer = browser("wang.fang").get(path)
    assert "审核申请" in answer.text and "immutable" in answer.headers["cache-control"]


def test_what_is_attached_is_handed_out_but_never_run(browser, office):
    zhou = browser("zhou.min")
    form = {"wish": "a chair", "_key": "k1"}
    page = b"<!doctype html><script>alert(1)</script>"
    refused = zhou.post(
        "/start/request?without=1", form, files={"photos": ("page.html", io.BytesIO(page), "text/html")}
    )
    assert refused.status_code == 409 and "cannot be attached" in refused.text

    text = {"photos": ("说明.txt", io.BytesIO(b"as said on the phone"), "text/html")}
    zhou.post("/start/request?without=1", form, files=text, follow_redirects=False)
    answer = browser("gao.yuan").get("/attachments/1")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_two_people_completing_two_steps_of_one_case_at_once_both_count(browser, office, app, monkeypatch):
    office.do("gao.yuan", instances.start, "both", {}, business_key="CASE-1")
    left, right = office.task("left"), office.task("right")
    wang, gao = browser("wang.fang"), browser("gao.yuan")
    token = wang.token()
    taken, other = task_forms.take, []

    def right_step() -> None:
        wang.post(f"/user-tasks/{right.id}/complete", {"right": "r", "csrf": token}, token=False)

    def slowly(*args, **kwargs):
        """While the first submission is read, the second comes in; it may end now or have to wait."""
        monkeypatch.setattr(task_forms, "take", taken)
        other.append(Thread(target=right_step))
        other[0].start()
        other[0].join(1)
        return taken(*args, **kwargs)

    monkeypatch.setattr(task_forms, "take", slowly)
    gao.post(f"/user-tasks/{left.id}/complete", {"left": "l"})
    other[0].join(20)

    with app.database.begin() as session:
        instance = session.get_one(ProcessInstance, left.instance_id)
    assert instance.state == "completed"
    assert (instance.variables["left"], instance.variables["right"]) == ("l", "r")
