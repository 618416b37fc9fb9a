"""The auditor's place: find a case, read every event of it, prove that nothing was changed afterwards. Read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
import structlog
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import history
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from web import formats, lists
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import audit as rows
from web.queries import case as cases
from web.queries import case_history
from web.render import render
from web.screen import Command, Screen
from web.timeline import Teller

router = Screen(prefix="/audit")
log = structlog.get_logger(__name__)

COLUMNS = (
    Column(key="number", label=mark("Case"), sortable=True),
    Column(key="procedure", label=mark("Procedure"), sortable=True),
    Column(key="customer", label=mark("Customer")),
    Column(key="order", label=mark("Order")),
    Column(key="state", label=mark("State")),
    Column(key="applied", label=mark("Applied"), sortable=True),
    Column(key="closed", label=mark("Closed at")),
    Column(key="events", label=mark("Events"), numeric=True),
)
#: Breaks that are listed; with more than these the number says enough.
_MOST_BREAKS = 50


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Cases by number, customer, order, person, procedure, state and time."""
    query = request.query_params
    chosen = rows.Filter.read(query)
    sort = lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-applied")
    return render(
        request,
        "audit/index.html",
        block="list",
        columns=COLUMNS,
        page=rows.cases(ctx, chosen, sort, after=query.get("after")),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
        labels=Labels(ctx),
        people=rows.people(ctx),
    )


@router.get("/proof")
def proof(request: Request, ctx: Command) -> Response:
    """What can be proven, before it is."""
    return render(request, "audit/proof.html", size=rows.size(ctx), breaks=None, numbers={})


@router.post("/proof")
def prove(request: Request, ctx: Command) -> Response:
    """Recompute every chain and say in words what was found."""
    breaks = list(islice(history.verify(ctx.session), _MOST_BREAKS))
    log.info("history_verified", actor=ctx.actor.key, breaks=len(breaks))
    return render(
        request,
        "audit/proof.html",
        size=rows.size(ctx),
        breaks=breaks,
        numbers=rows.numbers(ctx, {each.stream for each in breaks}),
    )


@router.get("/{number}")
def case(request: Request, ctx: Command, number: str) -> Response:
    """A case's whole history, event by event."""
    return _case(request, ctx, number, breaks=None)


@router.post("/{number}")
def prove_case(request: Request, ctx: Command, number: str) -> Response:
    """The same, with the proof that nothing of it was changed."""
    streams = rows.streams(ctx, number)
    if not streams:
        raise NotFound(what="case", id=number)
    breaks = [each for stream in streams for each in history.verify(ctx.session, stream)]
    log.info("history_verified", actor=ctx.actor.key, case=number, breaks=len(breaks))
    return _case(request, ctx, number, breaks=breaks)


def _case(request: Request, ctx: Context, number: str, *, breaks: Sequence[history.Break] | None) -> Response:
    query = request.query_params
    head = cases.head(ctx, number)
    labels = Labels(ctx)
    running = case_history.instances(ctx, number)
    teller = Teller(ctx, running, labels)
    names = {each.id: labels.procedure(each.process_key) for each in running}
    return render(
        request,
        "audit/case.html",
        case=head,
        labels=labels,
        breaks=breaks,
        types=rows.types(ctx, number),
        kind=query.get("kind", ""),
        page=rows.events(ctx, number, kind=query.get("kind", ""), after=query.get("after")),
        address=lists.address(request),
        element_of=lambda row: teller.element(row.stream, row.element_id),
        instance_of=lambda row: names.get(row.stream, row.stream),
        stamp=lambda at: f"{formats.instant(at):%Y-%m-%d %H:%M:%S}",
        contents_of=lambda row: _contents(orjson.loads(row.payload)),
    )


def _contents(payload: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """What an event says in a few words, and all of it as pairs of path and value."""
    facts = list(_facts(payload)) if payload else []
    for name in ("service", "decision", "outcome", "process", "message", "reason", "code"):
        if isinstance(payload.get(name), str) and payload[name]:
            return payload[name], facts
    for name in ("values", "variables"):
        if isinstance(payload.get(name), Mapping) and payload[name]:
            return ", ".join(payload[name]), facts
    return (f"{facts[0][0]}: {facts[0][1]}" if facts else ""), facts


def _facts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """A payload as (path, value) pairs, each leaf once: `refund.lines[0].amount` = 200."""
    match value:
        case Mapping() if value:
            for name, inner in value.items():
                yield from _facts(inner, f"{path}.{name}" if path else str(name))
        case list() if value:
            for at, inner in enumerate(value):
                yield from _facts(inner, f"{path}[{at}]")
        case str():
            yield path, value
        case _:
            yield path, orjson.dumps(value).decode()
