"""Insights: the monthly figures of the house as a page and as a report to print. Read-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from config import insights as measures
from engine.runtime.context import Context
from web import charts, lists
from web.figures import figures
from web.filters import Filters, between
from web.labels import Labels
from web.queries import insights as counts
from web.queries import insights_people, ledger
from web.queries.insights import Measures
from web.queries.insights_people import Work
from web.queries.insights_scope import Scope, Share
from web.render import render, say
from web.screen import Command, Reader, Screen
from web.visitor import Visitor

router = Screen(prefix="/insights", place="insights")

#: Days that are measured unless a month is chosen, and months to choose from.
_DAYS, _MONTHS = 30, 13
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
    by = counts.breakdown(ctx, scope, measured, counts.damaged_reasons(ctx, measured))
    parcels, visits = counts.delivered(ctx, scope, measured)
    people = insights_people.work(ctx, scope, measured)
    return {
        "chosen": chosen,
        "scope": scope,
        "last_day": scope.ends - timedelta(seconds=1),
        "months": _months(ctx),
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
    begins, ends = _period(ctx, chosen)
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


def _period(ctx: Context, chosen: Filter) -> tuple[datetime, datetime]:
    """The days chosen, else the month or year, else the last days up to the end of today."""
    today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
    begins, ends = between(ctx, chosen.begun_from, chosen.begun_to)
    if begins is None and ends is None:
        begins, ends = between(ctx, *_days(chosen.period, today))
    tomorrow = _midnight(ctx, today + timedelta(days=1))
    ends = ends or tomorrow
    if begins is None or begins >= ends:
        begins = ends - timedelta(days=_DAYS)
    return begins, ends


def _days(period: str, today: date) -> tuple[str, str]:
    """First and last day of "2026-11" or "2026"; of the last days for what is neither."""
    try:
        match [int(part) for part in period.split("-")]:
            case [year]:
                first, following = date(year, 1, 1), date(year + 1, 1, 1)
            case [year, month]:
                first = date(year, month, 1)
                following = (first + timedelta(days=31)).replace(day=1)
            case _:
                raise ValueError(period)
    except (ValueError, OverflowError):
        return (today - timedelta(days=_DAYS - 1)).isoformat(), today.isoformat()
    return first.isoformat(), (following - timedelta(days=1)).isoformat()


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ctx.organisation.tzinfo)


def _months(ctx: Context) -> list[date]:
    """First days of the last months, the present one first."""
    months = [ctx.now.astimezone(ctx.organisation.tzinfo).date().replace(day=1)]
    while len(months) < _MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


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
