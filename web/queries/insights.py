"""The monthly figures, counted: a few statements over indexed columns, whatever the number of cases.

What each figure counts is said in docs/insights.md; what counts as what (hours, states, targets) in config/insights.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, and_, func, literal, or_, select, text, true, tuple_
from sqlalchemy.orm import aliased

from config.insights import Insights
from engine.aftersales import cases
from engine.aftersales.tables import (
    AftersalesCase,
    CustomerOrder,
    Parcel,
    Rating,
    Refund,
    RepairVisit,
    ReturnReason,
    Revisit,
)
from engine.runtime.context import Context
from engine.store.tables import ProcessDefinition
from web.queries.insights_scope import Scope, Share, one_of

Case = AftersalesCase


@dataclass(frozen=True, kw_only=True)
class Measures:
    """A group of cases that began in the time measured."""

    #: What the group has in common: a day, a procedure, a reason, (cause, department); None for all.
    key: Any
    cases: int
    answered: Share
    solved: Share
    in_time: Share
    proposed: Share
    damaged: int
    #: Refunded and compensated.
    cost: Decimal


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """All cases, and the same by what they have in common."""

    total: Measures
    by_time: Sequence[Measures]
    by_procedure: Sequence[Measures]
    by_reason: Sequence[Measures]
    by_cause: Sequence[Measures]


def breakdown(ctx: Context, scope: Scope, measured: Insights, damaged: Sequence[str]) -> Breakdown:
    """Cases that began in the time measured, counted once over and in every group, in one statement.

    `damaged`: keys of the reasons that say goods came damaged."""
    c = _cases(ctx, scope).c
    now, hours = literal(ctx.now), lambda n: literal(timedelta(hours=n))
    answer_due = c.applied_at + hours(measured.first_answer.hours)
    due = func.coalesce(c.due_at, c.applied_at + hours(measured.solved.hours))
    proposal_due = c.applied_at + hours(measured.proposals.hours)
    complaint = one_of(c.process_key, measured.proposals.procedures)

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(and_(*conditions)) if conditions else func.count()

    def open_past(moment: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(c.closed_at.is_(None), moment < now)

    counts = {
        "cases": count(),
        "answered": count(c.answered_at <= answer_due),
        "answered_of": count(or_(c.answered_at.is_not(None), open_past(answer_due))),
        "solved": count(c.solved_at.is_not(None)),
        "solved_of": count(or_(c.solved_at.is_not(None), c.closed_at.is_not(None))),
        "in_time": count(c.solved_at <= due),
        "in_time_of": count(or_(c.solved_at.is_not(None), open_past(due))),
        "proposed": count(complaint, c.proposed_at <= proposal_due),
        "proposed_of": count(complaint, or_(c.proposed_at.is_not(None), open_past(proposal_due))),
        "damaged": count(one_of(c.reason, damaged)),
        "cost": func.sum(c.cost),
    }
    # Cases are looked at once; the few groups that come of it are summed up in every way.
    apart = (c.bucket, c.process_key, c.reason, c.cause, c.department)
    g = select(*apart, *(what.label(name) for name, what in counts.items())).group_by(*apart).cte("apart").c
    groups = (g.bucket, g.process_key, g.reason, g.cause)
    rows = ctx.session.execute(
        select(
            func.grouping(*groups).label("which"),
            *groups,
            g.department,
            *(func.coalesce(func.sum(g[name]), 0).label(name) for name in counts),
        ).group_by(
            func.grouping_sets(
                text("()"), *(tuple_(each) for each in groups[:-1]), tuple_(g.cause, g.department)
            )
        )
    ).all()
    # A bit is set for each column that a row does not group by.
    by_time, by_procedure, by_reason, by_cause, total = 0b0111, 0b1011, 0b1101, 0b1110, 0b1111
    keys = {
        by_time: lambda row: row.bucket,
        by_procedure: lambda row: row.process_key,
        by_reason: lambda row: row.reason,
        by_cause: lambda row: (row.cause, row.department),
        total: lambda row: None,
    }
    found: dict[int, list[Measures]] = {which: [] for which in keys}
    for row in rows:
        found[row.which].append(_measures(keys[row.which](row), row))
    for rest in (by_procedure, by_reason):
        found[rest].sort(key=lambda each: -each.cases)
    return Breakdown(
        total=found[total][0],
        by_time=sorted(found[by_time], key=lambda each: each.key),
        by_procedure=found[by_procedure],
        by_reason=found[by_reason],
        by_cause=sorted((each for each in found[by_cause] if each.cost), key=lambda each: -each.cost),
    )


def _cases(ctx: Context, scope: Scope) -> CTE:
    local = func.timezone(ctx.organisation.zone, Case.applied_at)
    which = (scope.within(Case.applied_at), *scope.conditions())
    # Few cases are open and were answered by a step that did not change their state: theirs is looked up once, apart.
    answered = (
        select(Case.id, cases.first_step().label("at"))
        .where(Case.closed_at.is_(None), Case.first_answered_at.is_(None), *which)
        .cte("answered")
    )
    return (
        select(
            Case.process_key,
            Case.reason,
            Case.cause,
            Case.department,
            Case.applied_at,
            Case.closed_at,
            Case.due_at,
            Case.solved_at,
            Case.proposed_at,
            func.coalesce(Case.first_answered_at, answered.c.at).label("answered_at"),
            (Case.refunded + Case.compensated).label("cost"),
            func.date_trunc(scope.unit, local).label("bucket"),
        )
        .outerjoin(answered, answered.c.id == Case.id)
        .where(*which)
        .cte("measured")
    )


def _measures(key: Any, row: Any) -> Measures:
    def share(name: str) -> Share:
        return Share(n=int(getattr(row, name)), of=int(getattr(row, f"{name}_of")))

    return Measures(
        key=key,
        cases=int(row.cases),
        answered=share("answered"),
        solved=share("solved"),
        in_time=share("in_time"),
        proposed=share("proposed"),
        damaged=int(row.damaged),
        cost=row.cost,
    )


def damaged_reasons(ctx: Context, measured: Insights) -> list[str]:
    """Keys of the reasons that say goods came damaged."""
    return list(
        ctx.session.scalars(select(ReturnReason.key).where(one_of(ReturnReason.kind, measured.damage.kinds)))
    )


def shipped(ctx: Context, scope: Scope) -> int:
    """Orders shipped in the time measured, whatever else the cases are narrowed to."""
    return ctx.session.execute(
        select(func.count()).select_from(CustomerOrder).where(scope.within(CustomerOrder.shipped_at))
    ).scalar_one()


def satisfaction(ctx: Context, scope: Scope, measured: Insights) -> dict[str, Share]:
    """Ratings given in the time measured, by what was rated: the satisfied ones out of all."""
    rows = ctx.session.execute(
        select(
            Rating.about, func.count(), func.count().filter(Rating.rating >= measured.satisfaction.satisfied)
        )
        .where(scope.within(Rating.at), *scope.of_cases(Rating.case_id))
        .group_by(Rating.about)
        .order_by(Rating.about)
    )
    return {about: Share(n=satisfied, of=all_) for about, all_, satisfied in rows}


def delivered(ctx: Context, scope: Scope, measured: Insights) -> tuple[Share, Share]:
    """Parcels to customers shipped in the time measured that were there in time, and visits made by the time agreed."""
    limit = Parcel.shipped_at + literal(timedelta(days=measured.delivery.days))
    parcels = (
        select(func.count().filter(Parcel.delivered_at <= limit).label("n"), func.count().label("of"))
        .where(
            Parcel.direction == "out",
            Parcel.intercepted_at.is_(None),
            scope.within(Parcel.shipped_at),
            or_(Parcel.delivered_at.is_not(None), limit < ctx.now),
            *scope.of_cases(Parcel.case_id),
        )
        .subquery()
    )
    visits = (
        select(
            func.count().filter(RepairVisit.arrived_at <= RepairVisit.appointed_at).label("n"),
            func.count().label("of"),
        )
        .where(
            RepairVisit.appointed_at.is_not(None),
            scope.within(RepairVisit.arrived_at),
            *scope.of_cases(RepairVisit.case_id),
        )
        .subquery()
    )
    both = select(parcels.c.n, parcels.c.of, visits.c.n, visits.c.of).join_from(parcels, visits, true())
    row = ctx.session.execute(both).one()
    return Share(n=row[0], of=row[1]), Share(n=row[2], of=row[3])


def repeated(ctx: Context, scope: Scope, measured: Insights) -> Share:
    """Repairs begun in the time measured; of them those of a piece whose last repair was solved shortly before."""
    repair, longest = measured.repeats.procedures, literal(timedelta(days=measured.repeats.days))
    mine = (
        select(Case.id, Case.serial_number_id, Case.applied_at)
        .where(one_of(Case.process_key, repair), scope.within(Case.applied_at), *scope.conditions())
        .cte("mine")
    )
    before = aliased(Case)
    again = (
        select(func.count(mine.c.id.distinct()))
        .join(before, before.serial_number_id == mine.c.serial_number_id)
        .where(
            before.id != mine.c.id,
            one_of(before.process_key, repair),
            # Said of the times as well as of each pair, so that only repairs that can matter are looked at.
            before.solved_at.between(literal(scope.begins) - longest, scope.ends),
            before.solved_at.between(mine.c.applied_at - longest, mine.c.applied_at),
        )
    )
    row = ctx.session.execute(
        select(again.scalar_subquery(), select(func.count()).select_from(mine).scalar_subquery())
    ).one()
    return Share(n=row[0], of=row[1])


def refunds(ctx: Context, scope: Scope) -> Row[Any]:
    """Refunds paid in the time measured: n, total, median (a timedelta from the application to the payment)."""
    return ctx.session.execute(
        select(
            func.count().label("n"),
            func.coalesce(func.sum(Refund.total), 0).label("total"),
            func.percentile_cont(0.5).within_group(Refund.paid_at - Case.applied_at).label("median"),
        )
        .join(Case, Case.id == Refund.case_id)
        .where(scope.within(Refund.paid_at), *scope.conditions())
    ).one()


def revisited(ctx: Context, scope: Scope) -> Share:
    """Revisits due in the time measured, and before now: those that took place."""
    row = ctx.session.execute(
        select(func.count().filter(Revisit.done_at.is_not(None)), func.count()).where(
            scope.within(Revisit.due_at),
            or_(Revisit.due_at < ctx.now, Revisit.done_at.is_not(None)),
            *scope.of_cases(Revisit.case_id),
        )
    ).one()
    return Share(n=row[0], of=row[1])


def versions(ctx: Context, process_key: str) -> list[tuple[int, int]]:
    """(id, version) of a procedure's versions, newest first."""
    return [
        (id_, version)
        for id_, version in ctx.session.execute(
            select(ProcessDefinition.id, ProcessDefinition.version)
            .where(ProcessDefinition.process_key == process_key)
            .order_by(ProcessDefinition.version.desc())
        )
    ]
