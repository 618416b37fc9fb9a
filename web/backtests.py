"""Effect: what a draft or version would have made of the last finished cases, asked for, watched and read."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.backtests import runs
from engine.backtests.figures import figures
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import Refusal
from engine.store.tables import BackTest
from web import words
from web.comparison import DRAFT
from web.i18n import mark
from web.queries import back_tests, step, studio
from web.queries.studio import Desk
from web.render import redirect
from web.screen import Command, Screen
from web.security import Form
from web.studio_page import page as studio_page

router = Screen(prefix="/studio/{process_key}/effect")
log = structlog.get_logger(__name__)
#: Cases one asks for unless one says otherwise.
LAST = 300
#: What can be shown alone: filter -> its name on the page, in the order of the page.
SHOWN = {
    "another_path": mark("Another path"),
    "somebody_else": mark("Somebody else is asked"),
    "another_amount": mark("Another amount"),
    "longer": mark("Takes longer"),
    "need_answer": mark("Needs a new answer"),
    "same": mark("As it went"),
    "not_comparable": mark("Cannot be said"),
}


@router.get("")
def page(request: Request, ctx: Command, process_key: str) -> Response:
    """Asking for a back-test, and those there were."""
    return _page(request, ctx, studio.desk(ctx, process_key), None)


@router.get("/{back_test_id}")
def result(request: Request, ctx: Command, process_key: str, back_test_id: int) -> Response:
    """One back-test: its progress while it runs, then figures and cases."""
    desk = studio.desk(ctx, process_key)
    return _page(request, ctx, desk, back_tests.find(ctx, process_key, back_test_id), block="result")


@router.get("/{back_test_id}/{instance_id}")
def case(request: Request, ctx: Command, process_key: str, back_test_id: int, instance_id: int) -> Response:
    """One case: what differs, in words and on the diagram it was tried on."""
    desk = studio.desk(ctx, process_key)
    run = back_tests.find(ctx, process_key, back_test_id)
    found = back_tests.case(ctx, run.id, instance_id)
    tried = _tried(ctx, desk, run)
    return studio_page(
        request,
        ctx,
        desk,
        "effect_case",
        run=run,
        case=found,
        named=lambda element: _named(desk, tried, element, ctx.actor.language),
        roles=lambda keys: words.roles(ctx.organisation, keys, ctx.actor.language),
        who=step.names(ctx, [key for each in _asked(found) for key in each["people"]]),
        diagram=_diagram(ctx, desk, run),
    )


@router.post("")
def ask(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """Queue a back-test over the last cases."""
    desk = studio.desk(ctx, process_key)
    what, last = str(fields.get("what", "")), str(fields.get("last", ""))
    versions = {
        str(each.definition.version): each.definition.id for each in studio.versions(ctx, process_key)
    }
    definition_id = None if what == DRAFT else versions.get(what, desk.live.id if desk.live else None)
    asked = runs.ask(ctx, process_key, definition_id, last=int(last) if last.isdecimal() else LAST)
    log.info("back_test_asked", process=process_key, back_test_id=asked.id, actor=ctx.actor.key)
    return redirect(request, f"/studio/{process_key}/effect/{asked.id}")


def _page(
    request: Request, ctx: Context, desk: Desk, run: BackTest | None, *, block: str | None = None
) -> Response:
    show = request.query_params.get("show", "")
    show = show if show in SHOWN else ""
    rows = back_tests.rows(ctx, run.id) if run and run.state == "done" else []
    tried = _tried(ctx, desk, run) if run else None
    versions = studio.versions(ctx, desk.key)
    earlier = back_tests.latest(ctx, desk.key)
    return studio_page(
        request,
        ctx,
        desk,
        "effect",
        block=block,
        run=run,
        figures=figures(rows) if rows else None,
        shown=SHOWN,
        show=show,
        cases=[row for row in rows if not show or back_tests.belongs(row, show)],
        named=lambda element: _named(desk, tried, element, ctx.actor.language),
        choices=[*([DRAFT] if desk.draft else []), *(str(each.definition.version) for each in versions)],
        numbers={each.definition.id: each.definition.version for each in versions},
        finished=runs.count_finished(ctx.session, desk.key),
        last=run.last if run else LAST,
        most=runs.MOST,
        earlier=earlier,
        who=step.names(ctx, [each.asked_by for each in earlier]),
        outdated=run is not None and run.definition_id is None and not _still(ctx, desk, run),
    )


def _still(ctx: Context, desk: Desk, run: BackTest) -> bool:
    """Whether the draft is as it was tried."""
    return desk.draft is not None and desk.bundle.digest == run.digest


def _tried(ctx: Context, desk: Desk, run: BackTest) -> Definition | None:
    """The version that was tried; None for a draft that is not there any more."""
    try:
        return runs.candidate(ctx, desk.key, run.definition_id).definition
    except Refusal:
        return None


def _diagram(ctx: Context, desk: Desk, run: BackTest) -> str:
    tried = run.definition_id or (desk.live.id if desk.live and not desk.draft else None)
    if tried is None:
        return f"/studio/{desk.key}/files/bpmn/{desk.names('bpmn')[0]}"
    return f"/definitions/{tried}/diagram.{ctx.actor.language}.bpmn"


def _named(desk: Desk, tried: Definition | None, element: str, language: str) -> str:
    drawn = tried.process.elements.get(element) if tried else None
    return desk.translate(drawn.name, language) if drawn is not None and drawn.name else element


def _asked(case: Any) -> list[dict[str, Any]]:
    return [*case["detail"]["asked"], *case["detail"]["not_asked"]]
