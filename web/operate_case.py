"""One case in an administrator's hands: where it stands and why, mended, held, sent another way, ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select

from engine.bpmn import Activity
from engine.runtime import incidents, instances
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.operating import mending, rerouting, suspensions
from engine.runtime.refusals import NotFound, Refusal
from engine.runtime.unit import Unit
from engine.store.tables import Incident, ProcessInstance
from web import refused, words
from web.errors import sentence
from web.i18n import mark
from web.labels import Labels
from web.queries import case_history
from web.render import Answer, looked_at, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form
from web.timeline import Teller

router = Screen(prefix="/operate/cases")

#: Events of the history shown on the page; the case's own page has all.
_SHOWN = 30
#: How a value is meant that an administrator types.
KINDS = {
    "text": mark("Text"),
    "number": mark("Number"),
    "boolean": mark("Yes or no"),
    "json": mark("Any value, as JSON"),
}


class Unreadable(Refusal):
    """A value that is not of the kind it is said to be."""

    code = "unreadable_value"
    of_form = True
    sentence = "“{value}” is no value of this kind."


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an instance stands."""

    activity: Activity
    name: str
    incident: Incident | None
    #: (element id, name) of the steps that could be begun instead.
    ways: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Running:
    """One instance of the case."""

    instance: ProcessInstance
    procedure: str
    places: list[Place]
    #: (name, value as JSON).
    variables: list[tuple[str, str]]


@router.get("/{number}")
def page(request: Request, ctx: Command, visitor: Reader, number: str) -> Response:
    """Where a case stands and what can be done. Raises `NotFound`."""
    found = _instances(ctx, number)
    if not found:
        raise NotFound(what="case", id=number)
    root = next(each for each in found if each.parent_id is None)
    running = [_running(ctx, each) for each in found if each.ended_at is None]
    told = case_history.instances(ctx, number)
    rows = case_history.timeline(ctx, number, told, size=_SHOWN, notes=False).rows
    with looked_at(visitor):
        entries = Teller(ctx, told, Labels(ctx)).tell(rows)
    return render(
        request,
        "operate/case.html",
        number=number,
        root=root,
        name=words.procedure(ctx, root.definition_id),
        running=running,
        entries=entries,
        kinds=KINDS,
    )


def _instances(ctx: Context, number: str) -> list[ProcessInstance]:
    query = select(ProcessInstance).where(ProcessInstance.business_key == number).order_by(ProcessInstance.id)
    return list(ctx.session.scalars(query))


def _running(ctx: Context, instance: ProcessInstance) -> Running:
    definition = ctx.engine.definitions.get(ctx.session, instance.definition_id)
    places: list[Place] = []
    variables = instance.variables
    if instance.state == "active":
        execution = Unit(ctx).execution(instance)
        stuck = {
            each.activity_id: each
            for each in ctx.session.scalars(
                select(Incident).where(Incident.instance_id == instance.id, Incident.resolved_at.is_(None))
            )
        }
        places = [
            Place(
                activity=each,
                name=_name(ctx, definition, each.element_id),
                incident=stuck.get(each.id),
                ways=[(id_, _name(ctx, definition, id_)) for id_ in execution.ways(each.id)],
            )
            for each in execution.active()
        ]
        variables = execution.variables()
        ctx.engine.live.put(instance.id, instance.revision, execution)
    return Running(
        instance=instance,
        procedure=definition.translate(definition.name, ctx.actor.language),
        places=places,
        variables=[
            (name, orjson.dumps(value, default=str).decode()) for name, value in sorted(variables.items())
        ],
    )


def _name(ctx: Context, definition: Definition, element_id: str) -> str:
    found = definition.process.elements.get(element_id)
    name = definition.translate(found.name, ctx.actor.language) if found and found.name else ""
    return " ".join(name.split()) or element_id


@router.post("/{number}/{act}")
def do(request: Request, ctx: Command, visitor: Reader, number: str, act: str, fields: Form) -> Response:
    """One of the acts below; the page says what became of it. Raises `NotFound`."""
    doing = ACTS.get(act)
    theirs = {each.id: each for each in _instances(ctx, number)}
    if doing is None or not theirs:
        raise NotFound(what="case", id=number)
    given = str(fields.get("instance", ""))
    instance = theirs.get(int(given) if given.isdigit() else min(theirs))
    if instance is None:
        raise NotFound(what="case", id=number)
    try:
        with ctx.session.begin_nested():
            doing(ctx, instance, fields)
    except Refusal as refusal:
        refused.note(request, visitor, refusal, ctx=ctx)
        answer = Answer(text=sentence(visitor, refusal), tone="danger")
    else:
        answer = Answer(text=say(visitor, mark("Done; it is in the history.")))
    return redirect(request, f"/operate/cases/{number}", answer)


def _reason(fields: Any) -> str:
    return str(fields.get("reason", "")).strip()


def _whole(fields: Any, name: str) -> int:
    text = str(fields.get(name, ""))
    if not text.isdigit():
        raise NotFound(what=name, id=text)
    return int(text)


def _values(fields: Any) -> dict[str, Any]:
    """The value of one variable by its kind, and results written as a JSON object."""
    values: dict[str, Any] = {}
    name, text = str(fields.get("name", "")).strip(), str(fields.get("value", ""))
    if name:
        values[name] = typed(str(fields.get("kind", "text")), text)
    results = str(fields.get("results", "")).strip()
    if results:
        given = typed("json", results)
        if not isinstance(given, dict):
            raise Unreadable(value=results)
        values |= given
    return values


def typed(kind: str, text: str) -> Any:
    """What somebody typed, as a value of this kind. Raises `Unreadable`."""
    if kind == "text":
        return text
    try:
        value = orjson.loads({"yes": "true", "no": "false"}.get(text.strip().lower(), text.strip()))
    except orjson.JSONDecodeError:
        raise Unreadable(value=text) from None
    fits = {"number": isinstance(value, int | float) and not isinstance(value, bool)}
    fits["boolean"] = isinstance(value, bool)
    if not fits.get(kind, True):
        raise Unreadable(value=text)
    return value


def _retry(ctx: Context, _instance: ProcessInstance, fields: Any) -> None:
    incidents.retry(ctx, _whole(fields, "incident"), reason=_reason(fields))


def _mend(ctx: Context, instance: ProcessInstance, fields: Any) -> None:
    if fields.get("incident"):
        mending.correct_and_retry(ctx, _whole(fields, "incident"), _values(fields), reason=_reason(fields))
    else:
        mending.correct(ctx, instance.id, _values(fields), reason=_reason(fields))


def _skip(ctx: Context, instance: ProcessInstance, fields: Any) -> None:
    rerouting.skip(ctx, instance.id, _whole(fields, "activity"), _values(fields), reason=_reason(fields))


def _move(ctx: Context, instance: ProcessInstance, fields: Any) -> None:
    rerouting.move(
        ctx,
        instance.id,
        _whole(fields, "activity"),
        str(fields.get("to", "")),
        _values(fields),
        reason=_reason(fields),
    )


def _root(act: Callable[..., None]) -> Callable[[Context, ProcessInstance, Any], None]:
    return lambda ctx, instance, fields: act(ctx, instance.root_id or instance.id, reason=_reason(fields))


ACTS: dict[str, Callable[[Context, ProcessInstance, Any], None]] = {
    "retry": _retry,
    "mend": _mend,
    "skip": _skip,
    "move": _move,
    "suspend": _root(suspensions.suspend),
    "resume": _root(suspensions.resume),
    "cancel": _root(instances.cancel),
}
