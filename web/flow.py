"""How work flows through a procedure: a heat map on its diagram, bottlenecks, what is done again, the ways cases go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response

from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotFound
from web import formats, periods
from web.filters import Filters
from web.labels import Labels
from web.queries import flow, flow_versions, procedures
from web.queries import insights as counts
from web.queries.insights_scope import count_much
from web.render import looked_at, render
from web.screen import Command, Reader, Screen

router = Screen(prefix="/insights/flow")


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What is looked at."""

    procedure: str = ""
    #: Number of a version; "" for the live one.
    version: str = ""
    period: str = ""
    begun_from: str = ""
    begun_to: str = ""


@router.get("")
def page(request: Request, ctx: Command, visitor: Reader) -> Response:
    """One version of one procedure; without a choice the first there is."""
    chosen = Filter.read(request.query_params)
    live = sorted(procedures.current(ctx), key=lambda each: each.translate(each.name, visitor.language))
    if not live:
        return render(request, "insights/flow.html", block="list", definition=None)
    process_key = chosen.procedure or next(
        (each.key for each in live if each.process.of_type("userTask")), live[0].key
    )
    versions = counts.versions(ctx, process_key)
    definition = _definition(ctx, process_key, versions, chosen.version, live)
    begins, ends = periods.read(ctx, chosen.period, chosen.begun_from, chosen.begun_to)
    count_much(ctx)
    steps = flow.steps(ctx, definition.id, begins, ends)
    earlier = flow.before(ctx, process_key, definition.version)
    was = {each.element_id: each for each in flow.steps(ctx, earlier.id, begins, ends)} if earlier else {}
    compared = flow_versions.runs(ctx, (definition.id, earlier.id), begins, ends) if earlier else None
    ended, ways = flow.ways(ctx, definition.id, begins, ends)
    # A step that is no longer in this version has its name from the one before.
    known = [definition, *([ctx.engine.definitions.get(ctx.session, earlier.id)] if earlier else [])]
    with looked_at(visitor):
        lasting = " ".join(
            f"{step.element_id}:{_short(step.lasted)}" for step in steps if step.lasted is not None
        )
    return render(
        request,
        "insights/flow.html",
        block="list",
        chosen=chosen,
        definition=definition,
        name=definition.translate(definition.name, visitor.language),
        named=lambda element_id: _name(known, element_id, visitor.language),
        procedures=[(each.key, each.translate(each.name, visitor.language)) for each in live],
        versions=[(str(version), f"v{version}") for _, version in versions],
        months=periods.months(ctx),
        first_day=begins,
        last_day=ends - timedelta(seconds=1),
        labels=Labels(ctx),
        steps=steps,
        earlier=earlier,
        was=was,
        compared=compared,
        differences=flow_versions.differences(*compared) if compared else [],
        ended=ended,
        ways=ways,
        heat=" ".join(f"{step.element_id}:{step.heat}" for step in steps if step.heat),
        lasting=lasting,
    )


def _definition(
    ctx: Context, process_key: str, versions: list[tuple[int, int]], wanted: str, live: list[Definition]
) -> Definition:
    """The version asked for, else the live one, else the newest. Raises `NotFound`."""
    found = next((id_ for id_, version in versions if str(version) == wanted), None)
    if found is None:
        found = next((each.id for each in live if each.key == process_key), None)
    if found is None and versions:
        found = versions[0][0]
    if found is None:
        raise NotFound(what="procedure", id=process_key)
    return ctx.engine.definitions.get(ctx.session, found)


def _name(known: list[Definition], element_id: str, language: str) -> str:
    for definition in known:
        element = definition.process.elements.get(element_id)
        if element and element.name:
            return definition.translate(element.name, language)
    return element_id


def _short(lasted: timedelta) -> str:
    """A length of time without a blank, as the viewer takes it (web/assets/js/viewer.js)."""
    return formats.span(lasted).replace(" ", "_")
