"""Starts by events: a message, a signal or a timer begins an instance of a procedure's current version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from engine.bpmn import schedules
from engine.bpmn.model import EventDefinition
from engine.runtime.context import Context
from engine.runtime.house import newest
from engine.runtime.queue import Deferred
from engine.store.tables import Message, PendingStart, ProcessDefinition, StartSubscription

if TYPE_CHECKING:
    from engine.runtime.definitions import Definition

Row = dict[str, Any]


def listen(ctx: Context, definition: ProcessDefinition) -> None:
    """Let the start events of a version that became current wait, and those of the one before no longer."""
    silence(ctx, definition.process_key)
    version = ctx.engine.definitions.get(ctx.session, definition.id)
    waiting = [(element.id, event) for element in version.process.start_events() for event in element.events]
    if not waiting:
        return
    about = {"definition_id": definition.id, "process_key": definition.process_key}
    names = [
        {**about, "element_id": element, "kind": event.kind, "name": _value(ctx, event.name or "")}
        for element, event in waiting
        if event.kind in ("message", "signal")
    ]
    if names:
        ctx.session.execute(insert(StartSubscription), names)
        _take_buffered(ctx, {row["name"] for row in names if row["kind"] == "message"})
    _plan(
        ctx,
        [
            {**about, "element_id": element, "variables": {}, **_first(ctx, event)}
            for element, event in waiting
            if event.kind == "timer"
        ],
    )


def silence(ctx: Context, process_key: str) -> None:
    """No event begins the procedure any more. What a signal has begun already goes on."""
    for table in (StartSubscription, PendingStart):
        gone = delete(table).where(table.process_key == process_key)
        if table is PendingStart:
            gone = gone.where(PendingStart.timer_kind.is_not(None))
        ctx.session.execute(gone)


def _first(ctx: Context, event: EventDefinition) -> Row:
    kind, text = event.timer or ("", "")
    given = _value(ctx, text)
    due = schedules.first(kind, given, ctx.now, ctx.organisation.tzinfo)
    return {"timer_kind": kind, "timer_text": str(given), "due_at": due.at, "repetitions": due.repetitions}


def _value(ctx: Context, text: str) -> Any:
    """A start event sees no variables: there is no instance yet."""
    return ctx.engine.feel.value(text, {}, now=ctx.now)


def _take_buffered(ctx: Context, names: set[str]) -> None:
    """Messages that wait already start the procedure that was deployed after they came."""
    query = select(Message.id).where(
        Message.name.in_(names), Message.correlated_at.is_(None), Message.expires_at > ctx.now
    )
    waiting = ctx.session.execute(query.order_by(Message.id)).scalars()
    ctx.engine.queue.defer(ctx.session, [Deferred(kind="message", id=id_) for id_ in waiting])


def _plan(ctx: Context, rows: list[Row]) -> None:
    if not rows:
        return
    statement = insert(PendingStart).returning(PendingStart.id, sort_by_parameter_order=True)
    ids = ctx.session.execute(statement, rows).scalars().all()
    ctx.engine.queue.defer(
        ctx.session,
        [
            Deferred(kind="start", id=id_, at=row["due_at"] if row["timer_kind"] else None)
            for id_, row in zip(ids, rows, strict=True)
        ],
    )


def waiting_for(ctx: Context, kind: str, name: str) -> list[StartSubscription]:
    """Start events that wait for a message or signal of this name."""
    query = select(StartSubscription).where(StartSubscription.kind == kind, StartSubscription.name == name)
    return list(ctx.session.execute(query.order_by(StartSubscription.id)).scalars())


def by_message(ctx: Context, subscriptions: list[StartSubscription], message: Message) -> None:
    """Start an instance of each procedure that a message begins. Its correlation key is the business key."""
    for each in subscriptions:
        key = message.correlation_key or f"{each.process_key}-{message.id}"
        _start(ctx, each.definition_id, each.element_id, message.variables, key)


def by_signal(ctx: Context, name: str, variables: Mapping[str, Any]) -> int:
    """Plan an instance of each procedure that a signal begins, each in a command of its own; how many."""
    rows: list[Row] = [
        {
            "definition_id": each.definition_id,
            "process_key": each.process_key,
            "element_id": each.element_id,
            "timer_kind": None,
            "timer_text": None,
            "repetitions": 1,
            "due_at": ctx.now,
            "variables": dict(variables),
        }
        for each in waiting_for(ctx, "signal", name)
    ]
    _plan(ctx, rows)
    return len(rows)


def begin(ctx: Context, pending_id: int) -> None:
    """Make a start whose time has come, once; one not yet due is queued again for its time."""
    found = ctx.session.execute(
        select(PendingStart, newest()).where(PendingStart.id == pending_id).with_for_update(of=PendingStart)
    ).one_or_none()
    if found is None:
        return
    row, organisation = found
    ctx.engine.organisation.seen(ctx.session, organisation)
    if row.due_at > ctx.now:
        ctx.engine.queue.defer(ctx.session, [Deferred(kind="start", id=row.id, at=row.due_at)])
        return
    ctx.session.execute(delete(PendingStart).where(PendingStart.id == row.id))
    _start(ctx, row.definition_id, row.element_id, row.variables, f"{row.process_key}-{row.id}")
    following = _following(ctx, row)
    if following is not None:
        columns = ("definition_id", "process_key", "element_id", "timer_kind", "timer_text", "variables")
        kept = {name: getattr(row, name) for name in columns}
        _plan(ctx, [{**kept, "due_at": following.at, "repetitions": following.repetitions}])


def _following(ctx: Context, row: PendingStart) -> schedules.Due | None:
    if row.timer_kind != "cycle":
        return None
    due = schedules.Due(row.due_at, row.repetitions)
    return schedules.following(row.timer_text, due, ctx.now, ctx.organisation.tzinfo)


def _start(
    ctx: Context, definition_id: int, element_id: str, variables: Mapping[str, Any], business_key: str
) -> None:
    from engine.runtime.unit import Unit

    definition: Definition = ctx.engine.definitions.get(ctx.session, definition_id)
    with Unit.of(ctx) as unit:
        unit.start(definition, variables, business_key=business_key, start_event=element_id)
