"""Scenarios in the studio: run at every save, told in sentences, edited in the browser, gone live with the draft."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from engine.runtime import deployments
from engine.runtime.bundles import Bundle
from engine.scenarios import runner
from engine.store.tables import ScenarioRun
from engine.worker import perform
from tests.web.conftest import DIAGRAMS
from tests.web.test_studio import approve, submit, waits

PAGE = "/studio/request/scenarios"
STORY = """\
name: A wish is reviewed and confirmed
process: request
clock: 2026-11-02T10:00:00+08:00
start: {by: li.na, form: {wish: a chair}}
steps:
  - complete: {task: review, by: wang.fang, with: {remark: Fine, decision: approve}}
  - complete: {task: confirm, by: gao.yuan}
expect: {ended: true, ended_at: over}
"""
FILE = "request_a_wish_is_reviewed_and_confirmed.yaml"
EARLY = STORY.replace("  - complete: {task: confirm, by: gao.yuan}\n", "")


@pytest.fixture
def owner(browser):
    return browser("qian.yu")


def seen(owner, file="new"):
    return re.search(r'name="seen" value="([^"]+)"', owner.get(f"{PAGE}/edit/{file}").text)[1]


def saves(owner, story, file="new"):
    return owner.post(f"{PAGE}/edit/{file}", {"text": story, "seen": seen(owner, file)})


def work(office, queue):
    done = [each for each in queue.work if each.kind == "scenarios"]
    queue.work.clear()
    for item in done:
        perform(office.app.commands, item.kind, item.id)
    return len(done)


def shown(owner, page=PAGE):
    return " ".join(re.sub(r"<[^>]*>", " ", unescape(owner.get(page).text)).split())


def test_a_saved_scenario_runs_at_once_and_paints_what_it_walks(owner, office, queue):
    saves(owner, STORY)
    assert "Waiting to run" in shown(owner)
    assert 'hx-trigger="every 1s"' in owner.get(PAGE).text
    assert work(office, queue) == 1
    page = owner.get(PAGE).text
    assert "All as they say" in page
    assert 'data-taken="f1 f2 f3" data-missed=""' in page
    assert "every 1s" not in page
    assert owner.htmx(f"{PAGE}?followed=1").headers["HX-Refresh"] == "true"


def test_a_failing_scenario_says_at_which_step_and_what_differed(owner, office, queue):
    saves(owner, STORY.replace("by: gao.yuan", "by: wang.fang"))
    work(office, queue)
    page = shown(owner)
    assert "1 otherwise than it says" in page
    assert "At step 2 (complete confirm)" in page
    assert "did “Review the request” in this case and so may not do this step" in page


def test_what_differs_at_the_end_is_told_thing_by_thing_and_unwalked_flows_are_named(owner, office, queue):
    saves(owner, EARLY)
    work(office, queue)
    page = shown(owner)
    assert "At the end ended: expected true, is false" in page
    assert "It did not come to the end over" in page
    assert "not walked: f3" in page


def test_every_save_of_anything_runs_them_again_and_an_overtaken_run_is_left_out(owner, office, queue):
    saves(owner, STORY)
    again = owner.get("/studio/request/files/bpmn/request.bpmn").text.replace(
        "Review the request", "Look at it"
    )
    at = re.search(r'data-seen="([^"]+)"', owner.get("/studio/request/edit/bpmn/request.bpmn").text)[1]
    owner.post("/studio/request/files/bpmn/request.bpmn", {"content": again, "seen": at})
    assert work(office, queue) == 2
    assert "All as they say" in shown(owner)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (STORY.replace("- complete: {task: r", "- complte: {task: r"), "“steps.1.complte” is nothing a scenario knows"),
        (STORY.replace("expect:", "expects:"), "“expect” is missing."),
        (STORY.replace("2026-11-02T10:00:00+08:00", "Monday"), "“clock” has to be a moment"),
        (STORY.replace("{wish: a chair}}", "{wish: a chair"), "This cannot be read"),
        (STORY.replace("process: request", "process: both"), "is of the procedure “both”"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_not_kept_and_names_line_and_remedy(owner, wrong, sentence):
    answer = saves(owner, wrong)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert "This procedure has no scenarios" in shown(owner)
    checked = owner.post(f"{PAGE}/check", {"text": wrong})
    assert sentence in unescape(checked.text)


def test_the_line_of_a_problem_is_named(owner):
    answer = saves(owner, STORY.replace("{task: confirm, by: gao.yuan}", "{task: confirm}"))
    assert "“steps.2.complete.by” is missing." in unescape(answer.text)
    assert "line 7" in answer.text


def test_a_changed_scenario_makes_no_new_version_but_goes_live_with_the_one_there_is(
    owner, browser, office, queue
):
    saves(owner, STORY)
    work(office, queue)
    admin = browser("admin")
    submit(owner)
    assert f"The file {FILE} is new." in shown(admin, waits(admin))
    assert approve(admin, despite="").status_code == 200
    with office.app.commands.begin() as ctx:
        versions = deployments.versions(ctx, "request")
        files = deployments.files(ctx, versions[0].id)
    assert [version.version for version in versions] == [1]
    assert [name for kind, name in files if kind == "scenario"] == [FILE]


def test_a_draft_saved_again_ends_the_run_that_goes_on_meanwhile(owner, office, queue, monkeypatch):
    saves(owner, STORY)
    plays = runner.play

    def play(world, story):
        saves(owner, STORY.replace("A wish", "Another"), FILE)
        return plays(world, story)

    monkeypatch.setattr(runner, "play", play)
    item = queue.work.pop()
    perform(office.app.commands, item.kind, item.id)
    with office.app.database.begin() as session:
        states = session.scalars(select(ScenarioRun.state).order_by(ScenarioRun.id)).all()
    assert states == ["overtaken", "waiting"]


def test_a_scenario_file_is_deleted_from_the_draft_and_the_others_run_again(owner, office, queue):
    saves(owner, STORY)
    saves(owner, STORY.replace("A wish", "Another wish"))
    queue.work.clear()
    at = seen(owner, FILE)
    assert f"{FILE} is deleted from the draft." in owner.post(f"{PAGE}/delete/{FILE}", {"seen": at}).text
    assert work(office, queue) == 1
    page = shown(owner)
    assert "Another wish is reviewed and confirmed" in page
    assert "A wish is reviewed" not in page
    assert owner.post(f"{PAGE}/delete/{FILE}", {"seen": seen(owner)}).status_code == 404


def test_a_scenario_saved_meanwhile_is_not_deleted_unknowingly(owner, browser):
    saves(owner, STORY)
    at = seen(owner, FILE)
    saves(browser("admin"), EARLY, FILE)
    refused = owner.post(f"{PAGE}/delete/{FILE}", {"seen": at})
    assert refused.status_code == 409
    assert "Admin saved this draft at" in refused.text


def test_scenarios_are_no_part_of_what_a_version_is_known_by():
    files = {("bpmn", "request.bpmn"): (DIAGRAMS / "request" / "request.bpmn").read_bytes()}
    bare = Bundle(process_key="request", files=files)
    told = Bundle(process_key="request", files={**files, ("scenario", "a.yaml"): STORY.encode()})
    assert bare.digest == told.digest


def test_staff_do_not_see_scenarios(browser):
    assert browser("zhou.min").get(PAGE).status_code == 403
