"""The cases a person follows, and what happens on each now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase, CaseFollower, Customer
from engine.runtime.context import Context
from engine.store.tables import Incident, Person, ProcessInstance, UserTask
from web import lists
from web.filters import Filters
from web.queries import work

Case = AftersalesCase
_NEVER = datetime(3000, 1, 1, tzinfo=UTC)
_NEXT_DUE = (
    select(func.min(UserTask.due_at))
    .where(UserTask.business_key == Case.number, work.OPEN)
    .correlate(Case)
    .scalar_subquery()
)
SORTS: dict[str, ColumnElement[Any]] = {
    "due": func.coalesce(_NEXT_DUE, _NEVER),
    "case": Case.number,
    "applied": Case.applied_at,
    "amount": func.coalesce(Case.amount_approved, Case.amount_asked, 0),
}


@dataclass(frozen=True, kw_only=True)
class Filter(Filters):
    """What the list is narrowed to."""

    procedure: str = ""
    #: "all" shows also what is closed.
    stage: str = ""


def rows(
    ctx: Context, chosen: Filter, sort: lists.Sort, *, after: str | None, size: int = lists.PAGE
) -> lists.Page:
    """One page of followed cases with the steps that are open on each, in one statement."""
    by = SORTS[sort.key]
    query = (
        select(
            Case.id,
            Case.number,
            Case.process_key,
            Case.state,
            Case.urgency,
            Case.applied_at,
            Case.closed_at,
            func.coalesce(Case.amount_approved, Case.amount_asked).label("amount"),
            Customer.name.label("customer"),
            Customer.tier,
            ProcessInstance.definition_id,
            _NEXT_DUE.label("next_due"),
            _steps().label("steps"),
            _stuck().label("stuck"),
            by.label("sorted_by"),
        )
        .select_from(CaseFollower)
        .join(Case, Case.id == CaseFollower.case_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(ProcessInstance, ProcessInstance.id == Case.process_instance_id)
        .where(CaseFollower.person == ctx.actor.key, CaseFollower.following)
        .where(visibility.cases(ctx), *_narrowed(chosen))
    )
    query = lists.seek(query, by=by, key=Case.id, descending=sort.descending, after=after)
    found = ctx.session.execute(query.limit(size + 1)).all()
    return lists.page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def _steps() -> Any:
    """The open steps of a case, the nearest deadline first: a JSON list of {definition, name, who}."""
    step = func.jsonb_build_object(
        "definition", UserTask.definition_id, "name", UserTask.name, "who", Person.name
    )
    return (
        select(func.jsonb_agg(aggregate_order_by(step, UserTask.due_at.nulls_last(), UserTask.id)))
        .select_from(UserTask)
        .outerjoin(Person, Person.key == UserTask.assignee)
        .where(UserTask.business_key == Case.number, work.OPEN)
        .correlate(Case)
        .scalar_subquery()
    )


def _stuck() -> Any:
    return (
        select(literal(1))
        .where(Incident.business_key == Case.number, Incident.resolved_at.is_(None))
        .correlate(Case)
        .exists()
    )


def _narrowed(chosen: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.stage != "all":
        conditions.append(Case.closed_at.is_(None))
    if chosen.procedure:
        conditions.append(Case.process_key == chosen.procedure)
    if chosen.q:
        conditions.append(
            or_(
                Case.number.icontains(chosen.q, autoescape=True),
                Customer.name.icontains(chosen.q, autoescape=True),
                Customer.phone.startswith(chosen.q, autoescape=True),
            )
        )
    return conditions
