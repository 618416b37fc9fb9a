"""Insights: the monthly figures of the house as a page and as a report to print. Read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from config import insights as measures
from engine.runtime.context import Context
from web import charts, lists, periods
from web.figures import figures
from web.filters import Filters
from web.labels import Labels
from web.queries import insights as counts
from web.queries import insights_people, ledger
from web.queries.insights import Measures
from web.queries.insights_people import Work
from web.queries.insights_scope import Scope, Share, count_much
from web.render import render, say
from web.screen import Command, Reader, Screen
from web.visitor import Visitor

router = Screen(prefix="/insights")

#: So many days are shown day by day, so many week by week; what is longer, month by month.
_BY_DAY, _BY_WEEK = 31, 190


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What is measured."""

    #: "2026-11", "2026"; "" for the last days.
    period: str = ""
    begun_from: str = ""
    begun_to: str = ""
    procedure: str = ""
    #: Number of a version of the procedure.
    version: str = ""
    reason: str = ""
    tier: str = ""


@router.get("")
def page(request: Request, ctx: Command, visitor: Reader) -> Response:
    """All figures, with curves and breakdowns."""
    return render(
        request,
        "insights/index.html",
        block="list",
        address=lists.address(request),
        **_measured(request, ctx, visitor),
    )


@router.get("/report")
def report(request: Request, ctx: Command, visitor: Reader) -> Response:
    """The same on paper."""
    return render(request, "insights/report.html", **_measured(request, ctx, visitor))


def _measured(request: Request, ctx: Context, visitor: Visitor) -> dict[str, Any]:
    chosen = Filter.read(request.query_params)
    labels = Labels(ctx)
    versions = counts.versions(ctx, chosen.procedure) if chosen.procedure else []
    scope = _scope(ctx, chosen, versions)
    measured = measures.read(ctx.engine.settings.insights_file)
    count_much(ctx)
    by = counts.breakdown(ctx, scope, measured, counts.damaged_reasons(ctx, measured))
    parcels, visits = counts.delivered(ctx, scope, measured)
    people = insights_people.work(ctx, scope, measured)
    return {
        "chosen": chosen,
        "scope": scope,
        "last_day": scope.ends - timedelta(seconds=1),
        "months": periods.months(ctx),
        "labels": labels,
        "versions": [(str(version), f"v{version}") for _, version in versions],
        "reasons": ledger.reasons(ctx),
        "measured": measured,
        "by": by,
        "figures": list(
            figures(
                by.total,
                measured,
                satisfaction=counts.satisfaction(ctx, scope, measured),
                parcels=parcels,
                visits=visits,
                shipped=counts.shipped(ctx, scope),
                repeats=counts.repeated(ctx, scope, measured),
                revisits=counts.revisited(ctx, scope),
                say=lambda message, **values: say(visitor, message, **values),
                word=labels.word,
            )
        ),
        "chart": charts.columns(_points(ctx, scope, by.by_time)),
        "refunds": counts.refunds(ctx, scope),
        "people": people,
        "teams": _teams(people),
        "best": insights_people.best(ctx, scope),
    }


def _scope(ctx: Context, chosen: Filter, versions: Sequence[tuple[int, int]]) -> Scope:
    begins, ends = periods.read(ctx, chosen.period, chosen.begun_from, chosen.begun_to)
    days = (ends - begins).days
    return Scope(
        begins=begins,
        ends=ends,
        unit="day" if days <= _BY_DAY else "week" if days <= _BY_WEEK else "month",
        procedure=chosen.procedure,
        definition_id=next((id_ for id_, version in versions if str(version) == chosen.version), None),
        reason=chosen.reason,
        tier=chosen.tier,
    )


def _points(ctx: Context, scope: Scope, by_time: Sequence[Measures]) -> list[tuple[datetime, int, int]]:
    """(beginning, cases, of them solved) of every day, week or month measured, those without a case too."""
    begun = {each.key: each for each in by_time}
    zone = ctx.organisation.tzinfo
    at = scope.begins.astimezone(zone).replace(tzinfo=None)
    if scope.unit == "week":
        at -= timedelta(days=at.weekday())
    if scope.unit == "month":
        at = at.replace(day=1)
    end = min(scope.ends, ctx.now).astimezone(zone).replace(tzinfo=None)
    points = []
    while at < end:
        each = begun.get(at)
        points.append((at, each.cases if each else 0, each.solved.n if each else 0))
        at += timedelta(days={"day": 1, "week": 7, "month": 31}[scope.unit])
        if scope.unit == "month":
            at = at.replace(day=1)
    return points


def _teams(people: Sequence[Work]) -> list[tuple[str | None, int, Share, Share]]:
    """(team, steps, on time, satisfied) of each team; None for those who are in none."""
    found = []
    for team in dict.fromkeys(one.team for one in people):
        members = [one for one in people if one.team == team]
        found.append(
            (
                team,
                sum(one.steps for one in members),
                _sum(one.on_time for one in members),
                _sum(one.satisfied for one in members),
            )
        )
    return found


def _sum(shares: Any) -> Share:
    listed = list(shares)
    return Share(n=sum(each.n for each in listed), of=sum(each.of for each in listed))
