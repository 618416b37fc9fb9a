"""The auditor's place: find a case, read every event of it, prove that nothing was changed afterwards. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from engine import mining
from engine.aftersales import preferences
from engine.runtime import case_proof, history
from engine.runtime.case_proof import CaseProof
from engine.runtime.context import Context
from engine.runtime.edge import Commands
from engine.runtime.explaining import gateways
from engine.runtime.refusals import NotFound
from web import exports, formats, lists, masking
from web.explanations import EXPLAINED
from web.facts import facts_of
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import audit as rows
from web.queries import case as cases
from web.queries import case_history
from web.render import render
from web.screen import Command, Reader, Screen
from web.timeline import Entry, Teller
from web.visitor import Visitor

router = Screen(prefix="/audit")
log = structlog.get_logger(__name__)

LIST = "audit"
COLUMNS = (
    Column(key="number", label=mark("Case"), sortable=True),
    Column(key="procedure", label=mark("Procedure"), sortable=True),
    Column(key="customer", label=mark("Customer")),
    Column(key="order", label=mark("Order")),
    Column(key="amount", label=mark("Amount"), numeric=True),
    Column(key="state", label=mark("State")),
    Column(key="applied", label=mark("Applied"), sortable=True),
    Column(key="closed", label=mark("Closed at")),
    Column(key="events", label=mark("Events"), numeric=True),
)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Cases by number, customer, order, person, procedure, state and time."""
    query = request.query_params
    chosen = rows.Filter.read(query)
    sort = _sort(query)
    labels = Labels(ctx)
    return render(
        request,
        "audit/index.html",
        block="list",
        columns=COLUMNS,
        page=rows.cases(ctx, chosen, sort, after=query.get("after")),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
        labels=labels,
        more=chosen.chosen(*rows.MORE),
        people=rows.people(ctx),
        roles=_roles(ctx),
        versions=rows.versions(ctx, chosen.procedure) if chosen.procedure else (),
        elements=_elements(labels, chosen),
        saved=preferences.filters(ctx, LIST),
    )


@router.get(".{file_format}")
def export_found(request: Request, ctx: Command, visitor: Reader, file_format: str) -> Response:
    """What was found as a file, in the order shown."""
    exports.check(file_format)
    labels = Labels(ctx)
    query = rows.whole(ctx, rows.Filter.read(request.query_params), _sort(request.query_params))
    return exports.answer(request, visitor, file_format, "audit", _fields(labels), query)


def _sort(query: Mapping[str, str]) -> lists.Sort:
    return lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-applied")


def _elements(labels: Labels, chosen: rows.Filter) -> list[tuple[str, str]]:
    """Elements to choose from; one of an earlier version, named by the address alone, is among them."""
    offered = labels.elements(chosen.procedure) if chosen.procedure else []
    known = {key for key, _ in offered}
    return [*offered, *((each, each) for each in (chosen.element,) if offered and each and each not in known)]


def _roles(ctx: Context) -> list[tuple[str, str]]:
    organisation, language = ctx.organisation, ctx.actor.language
    return sorted(
        ((key, organisation.label(key, language)) for key in organisation.roles), key=lambda r: r[1]
    )


def _fields(labels: Labels) -> list[exports.Field]:
    values: dict[str, Callable[[Any], Any]] = {
        "number": lambda row: row.number,
        "procedure": lambda row: labels.procedure(row.process_key),
        "customer": lambda row: row.customer,
        "order": lambda row: row.order_number,
        "amount": lambda row: row.amount,
        "state": lambda row: labels.state(row.process_key, row.state),
        "applied": lambda row: row.applied_at,
        "closed": lambda row: row.closed_at,
        "events": lambda row: row.events,
    }
    shown = [exports.Field(label=column.label, value=values[column.key]) for column in COLUMNS]
    return [
        *shown,
        exports.Field(label=mark("Serial number"), value=lambda row: row.serial_number),
        exports.Field(label=mark("Version"), value=lambda row: row.version),
    ]


@router.get("/export")
def export_page(request: Request, ctx: Command) -> Response:
    """Which cases to export for process mining, and as what."""
    return render(
        request,
        "audit/export.html",
        chosen=rows.Export.read(request.query_params),
        formats=mining.FORMATS.values(),
        labels=Labels(ctx),
    )


@router.get("/export/{file_format}")
def export(request: Request, visitor: Reader, file_format: str) -> Response:
    """The histories of the chosen cases as a file."""
    chosen = mining.FORMATS.get(file_format)
    if chosen is None:
        raise NotFound(what="file format", id=file_format)
    wanted = rows.Export.read(request.query_params)
    today = visitor.now.astimezone(visitor.zone).date()
    return StreamingResponse(
        _document(request.app.state.commands, visitor, chosen, wanted),
        media_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="aftercare-{today}.{chosen.suffix}"'},
    )


def _document(
    commands: Commands, visitor: Visitor, chosen: mining.Format, wanted: rows.Export
) -> Iterator[bytes]:
    assert visitor.actor is not None  # the place is for people who are signed in
    tally = mining.Tally()
    with commands.begin(visitor.actor) as ctx:
        yield from chosen.document(ctx, wanted.selection(ctx), tally)
    log.info(
        "history_exported",
        actor=visitor.actor.key,
        format=chosen.key,
        process=wanted.procedure,
        cases=tally.cases,
        events=tally.events,
    )


@router.get("/{number}")
def case(request: Request, ctx: Command, number: str) -> Response:
    """A case's whole history, event by event."""
    return _case(request, ctx, number, proof=None)


@router.post("/{number}")
def prove_case(request: Request, ctx: Command, number: str) -> Response:
    """The same, with the proof that nothing of it was changed."""
    streams = rows.streams(ctx, number)
    if not streams:
        raise NotFound(what="case", id=number)
    proof = case_proof.prove(ctx, streams)
    log.info("history_verified", actor=ctx.actor.key, case=number, breaks=len(proof.breaks))
    return _case(request, ctx, number, proof=proof)


def _case(request: Request, ctx: Context, number: str, *, proof: CaseProof | None) -> Response:
    query = request.query_params
    head = cases.head(ctx, number)
    labels, hidden = Labels(ctx), masking.hidden(ctx)
    running = case_history.instances(ctx, number)
    teller = Teller(ctx, running, labels)
    names = {each.id: labels.procedure(each.process_key) for each in running}
    names[history.ORGANISATION] = labels.translate(mark("Organisation"))
    meanwhile = rows.Meanwhile(
        procedures={each.process_key for each in running}, begins=head.applied_at, ends=head.closed_at
    )
    return render(
        request,
        "audit/case.html",
        case=head,
        labels=labels,
        proof=proof,
        types=rows.types(ctx, number),
        kind=query.get("kind", ""),
        page=rows.events(
            ctx, number, kind=query.get("kind", ""), after=query.get("after"), meanwhile=meanwhile
        ),
        said=lambda found: _said(teller, found),
        address=lists.address(request),
        element_of=lambda row: teller.element(row.stream, row.element_id),
        explains=lambda row: _explains(teller, row),
        instance_of=lambda row: names.get(row.stream, row.stream),
        stamp=lambda at: f"{formats.instant(at):%Y-%m-%d %H:%M:%S}",
        contents_of=lambda row: _contents(orjson.loads(row.payload), hidden),
    )


def _explains(teller: Teller, row: Any) -> bool:
    """Whether an event has a why of its own."""
    if row.type != "ElementCompleted":
        return row.type in EXPLAINED
    definition = teller.definition(row.stream)
    element = definition.process.elements.get(row.element_id) if definition else None
    return definition is not None and element is not None and gateways.has_choice(element, definition.process)


def _said(teller: Teller, found: Sequence[Any]) -> dict[int, Entry]:
    """What events of the organisation say in words: they have no step of the diagram beside them. By event id."""
    theirs = [row for row in found if row.stream == history.ORGANISATION]
    return {row.id: entry for row, entry in zip(theirs, teller.tell(theirs), strict=True)}


def _contents(payload: Mapping[str, Any], hidden: Collection[str]) -> tuple[str, list[tuple[str, str]]]:
    """What an event says in a few words, and all of it as pairs of path and value; what is hidden, masked."""
    facts = [
        (path, masking.shown(value, masking.field_of(path), hidden))
        for path, value in (facts_of(payload) if payload else ())
    ]
    for name in ("service", "decision", "outcome", "process", "message", "reason", "code"):
        if isinstance(payload.get(name), str) and payload[name]:
            return payload[name], facts
    for name in ("values", "variables"):
        if isinstance(payload.get(name), Mapping) and payload[name]:
            return ", ".join(payload[name]), facts
    return (f"{facts[0][0]}: {facts[0][1]}" if facts else ""), facts
