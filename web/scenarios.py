"""Scenarios of a procedure: how they went, what they cover, and each of them to edit."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from config.problem import Problem
from engine.runtime import drafts, scenario_runs
from engine.runtime.bundles import SCENARIO
from engine.runtime.context import Context
from engine.scenarios import files, keeping
from engine.scenarios.files import BadScenario
from engine.store.tables import ScenarioRun
from web import scenario_results
from web.errors import INVALID
from web.i18n import mark
from web.problems import told
from web.queries import studio
from web.queries.studio import Desk
from web.render import Answer, environment, redirect, render, say
from web.scenario_results import Went
from web.screen import Command, Screen
from web.security import Form
from web.studio_page import page as tab_page
from web.visitor import Visitor

router = Screen(prefix="/studio/{process_key}/scenarios")
#: Address of a scenario file that is not kept yet.
NEW = "new"


@router.get("")
def page(request: Request, ctx: Command, process_key: str) -> Response:
    """All scenarios with their results, followed live while they run; then the diagram with what they cover."""
    desk = studio.desk(ctx, process_key)
    run = run_of(ctx, desk)
    running = run is not None and run.ended_at is None
    found, unreadable = _listed(request.state.visitor, desk, run)
    headers = {"HX-Refresh": "true"} if "followed" in request.query_params and not running else None
    return tab_page(
        request,
        ctx,
        desk,
        "scenarios",
        block="results",
        headers=headers,
        run=run,
        running=running,
        found=found,
        unreadable=unreadable,
        others=[
            each for each in scenario_results.failed(ctx, request.state.visitor, desk, run) if each.caller
        ],
        n_others=sum(each["process"] != process_key for each in run.results) if run else 0,
        file=desk.names("bpmn")[0],
    )


def run_of(ctx: Context, desk: Desk) -> ScenarioRun | None:
    """The newest run of what lies on the desk."""
    if desk.draft is not None:
        return scenario_runs.of_draft(ctx, desk.draft.id, desk.draft.revision)
    return scenario_runs.of_version(ctx, desk.live.id) if desk.live else None


def _listed(visitor: Visitor, desk: Desk, run: ScenarioRun | None) -> tuple[list[Went], dict[str, Any]]:
    """Every scenario in the order of the files, and the files that cannot be read with their problems."""
    found, unreadable = [], {}
    for file in desk.names(SCENARIO):
        try:
            parsed = files.parse(desk.file(SCENARIO, file).decode(), file)
        except BadScenario as bad:
            unreadable[file] = told(bad.problems, visitor.language)
            continue
        found += [scenario_results.own(visitor, desk, file, each.name, run) for each in parsed]
    return found, unreadable


@router.post("/run")
def run(request: Request, ctx: Command, process_key: str) -> Response:
    """Run all of them now."""
    desk = studio.desk(ctx, process_key)
    of = desk.draft or desk.live
    if of is not None:
        scenario_runs.request(ctx, of)
    return redirect(request, f"/studio/{process_key}/scenarios")


@router.get("/edit/{file}")
def edit(request: Request, ctx: Command, process_key: str, file: str) -> Response:
    """The editor of a scenario file."""
    desk = studio.desk(ctx, process_key)
    if file == NEW:
        clock = ctx.now.astimezone(ctx.organisation.tzinfo).replace(
            hour=10, minute=0, second=0, microsecond=0
        )
        text = environment().get_template("studio/blank.yaml").render(key=desk.key, clock=clock.isoformat())
    else:
        text = desk.file(SCENARIO, file).decode()
    return _editor(request, ctx, desk, file, text)


def _editor(request: Request, ctx: Context, desk: Desk, file: str, text: str, status: int = 200) -> Response:
    return tab_page(
        request,
        ctx,
        desk,
        "scenario",
        status=status,
        file=file,
        text=text,
        found=told(_problems(text, desk.key), ctx.actor.language),
        lines=text.count("\n") + 1,
    )


def _problems(text: str, process_key: str) -> list[Problem]:
    try:
        parsed = files.parse(text, "")
    except BadScenario as bad:
        return bad.problems
    others = {each.process for each in parsed} - {process_key}
    return [
        Problem(
            element="",
            code="other_process",
            message=f"A scenario here is of the procedure “{other}”.",
            remedy=f"Write process: {process_key}, or keep it with that procedure.",
        )
        for other in sorted(others)
    ]


@router.post("/check")
def check(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """What keeps the text from being kept."""
    problems = told(_problems(str(fields.get("text", "")), process_key), ctx.actor.language)
    return render(request, "studio/scenario_problems.html", block="problems", found=problems)


@router.post("/edit/{file}")
def save(request: Request, ctx: Command, process_key: str, file: str, fields: Form) -> Response:
    """Keep the file in the draft, where it runs at once. What cannot be read is not kept."""
    desk = studio.desk(ctx, process_key)
    text = str(fields.get("text", "")).replace("\r\n", "\n").rstrip() + "\n"
    if _problems(text, process_key):
        return _editor(request, ctx, desk, file, text, status=INVALID)
    if file == NEW:
        names = [each.name for each in files.parse(text, file)]
        file = keeping.file_name(process_key, next(iter(names), ""), desk.names(SCENARIO))
    else:
        desk.file(SCENARIO, file)
    drafts.keep(ctx, process_key, {(SCENARIO, file): text.encode()}, seen=str(fields.get("seen", "")))
    answer = Answer(text=say(request.state.visitor, mark("The scenarios are saved. They run now.")))
    return redirect(request, f"/studio/{process_key}/scenarios", answer)


@router.post("/delete/{file}")
def delete(request: Request, ctx: Command, process_key: str, file: str, fields: Form) -> Response:
    """Take the file out of the draft; what is live keeps it until the draft goes live."""
    drafts.remove(ctx, process_key, (SCENARIO, file), seen=str(fields.get("seen", "")))
    answer = Answer(text=say(request.state.visitor, mark("{file} is deleted from the draft."), file=file))
    return redirect(request, f"/studio/{process_key}/scenarios", answer)
