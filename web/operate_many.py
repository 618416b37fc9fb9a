"""One thing done to many: chosen, previewed with what would be refused and why, run with progress, kept as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from engine.runtime.context import Context
from engine.runtime.operating import actions, bulk, suspensions
from engine.runtime.operating.actions import Target, Wanted
from engine.runtime.refusals import Refusal
from web import words
from web.errors import sentence
from web.i18n import mark
from web.operate import named
from web.queries import running_work
from web.queries import step as people
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form
from web.visitor import Visitor

router = Screen(prefix="/operate/many")

#: Shown one by one; the figures above count all.
_SHOWN = 200
TITLES = {
    "retry": mark("Try stuck cases again"),
    "reassign": mark("Hand over somebody's work"),
    "suspend": mark("Suspend cases"),
    "resume": mark("Resume cases"),
    "cancel": mark("Cancel cases"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One of the many in a line."""

    number: str
    step: str
    procedure: str
    #: "free", "refused", "waiting" or "done".
    state: str
    why: str


@router.get("")
def page(request: Request, ctx: Command, visitor: Reader) -> Response:
    """Choose which, and see what would happen. Raises `NotFound`."""
    key = request.query_params.get("action", "retry")
    actions.action(key)
    wanted = _wanted(request.query_params)
    chosen = key == "retry" or bool(wanted.process or wanted.person)
    found = actions.targets(ctx, key, wanted, limit=bulk.MOST + 1) if chosen else []
    refused = [target for target in found[: bulk.MOST] if target.refusal]
    return render(
        request,
        "operate/many.html",
        key=key,
        titles=TITLES,
        wanted=wanted,
        chosen=chosen,
        total=min(len(found), bulk.MOST),
        beyond=len(found) > bulk.MOST,
        most=bulk.MOST,
        refused=len(refused),
        rows=[
            _row(ctx, visitor, target)
            for target in sorted(found[: bulk.MOST], key=lambda each: each.refusal is None)[:_SHOWN]
        ],
        procedures=[
            (each.key, words.procedure(ctx, each.definition_id)) for each in running_work.procedures(ctx)
        ],
        versions=running_work.versions(ctx, wanted.process) if wanted.process else [],
        holders=running_work.holders(ctx) if key == "reassign" else [],
        past=[each for each in bulk.latest(ctx.session) if each.action == key],
    )


def _wanted(fields: Mapping[str, Any]) -> Wanted:
    version = str(fields.get("version", ""))
    named = {name: str(fields.get(name, "")).strip() for name in ("process", "element", "person", "to")}
    return Wanted(
        definition_id=int(version) if version.isdigit() else 0, cause=str(fields.get("cause", "")), **named
    )


def address(key: str, wanted: Wanted) -> str:
    """Where a preview of this stands."""
    fields = asdict(wanted)
    fields["version"] = fields.pop("definition_id")
    chosen = {name: value for name, value in fields.items() if value}
    return f"/operate/many?{urlencode({'action': key, **chosen})}"


def _row(ctx: Context, visitor: Visitor, target: Target) -> Row:
    return Row(
        number=target.business_key,
        step=named(ctx, target.definition_id, target.element_id),
        procedure=words.procedure(ctx, target.definition_id),
        state="refused" if target.refusal else "free",
        why=_why(ctx, visitor, target.refusal) if target.refusal else "",
    )


def _why(ctx: Context, visitor: Visitor, refusal: Refusal) -> str:
    return sentence(visitor, refusal, people.names(ctx, [str(refusal.params.get("by") or "")]))


@router.post("")
def begin(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Do it to those that were chosen, in the background. Looks again at each: what was free may not be."""
    key, reason = str(fields.get("action", "")), str(fields.get("reason", "")).strip()
    wanted = _wanted(fields)
    back = address(key, wanted)
    if not reason:
        text = say(visitor, mark("Say why; it goes into the history."))
        return redirect(request, back, Answer(text=text, tone="danger"))
    found = actions.targets(ctx, key, wanted, limit=bulk.MOST)
    if wanted.definition_id and key in ("suspend", "resume"):
        version = suspensions.suspend_version if key == "suspend" else suspensions.resume_version
        version(ctx, wanted.definition_id, reason=reason)
        if all(target.refusal for target in found):
            return redirect(request, back, Answer(text=say(visitor, mark("Done."))))
    run = bulk.begin(ctx, key, found, params=wanted.params, reason=reason)
    return redirect(request, f"/operate/many/{run.id}")


@router.get("/{run_id}")
def result(request: Request, ctx: Command, visitor: Reader, run_id: int) -> Response:
    """How far a run is and what became of each. Raises `NotFound`."""
    run = bulk.get(ctx.session, run_id)
    rows = [
        Row(
            number=item.business_key,
            step=named(ctx, item.definition_id, item.element_id),
            procedure=words.procedure(ctx, item.definition_id),
            state=item.state,
            why=_why(ctx, visitor, bulk.Kept(item.why)) if item.why else "",
        )
        for item in bulk.items(ctx.session, run_id, limit=_SHOWN)
    ]
    persons = people.names(ctx, [run.started_by, run.params.get("person"), run.params.get("to")])
    return render(
        request,
        "operate/many_run.html",
        block="progress",
        run=run,
        title=TITLES[run.action],
        far=bulk.progress(ctx.session, run_id),
        rows=rows,
        named=lambda key: persons.get(key, key),
    )
