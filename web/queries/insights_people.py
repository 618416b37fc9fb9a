"""What people did: counted over the steps they completed, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from config.insights import Insights
from engine.aftersales.tables import AftersalesCase as Case
from engine.aftersales.tables import Rating
from engine.runtime.context import Context
from engine.store.tables import Person, UserTask
from web.queries.insights_scope import Scope, Share, one_of

#: How many of the best cases are named.
_BEST = 5


@dataclass(kw_only=True)
class Work:
    """What one person did in the time measured."""

    person: str
    name: str
    team: str | None
    steps: int = 0
    on_time: Share = field(default_factory=Share)
    cases: int = 0
    satisfied: Share = field(default_factory=Share)


def work(ctx: Context, scope: Scope, measured: Insights) -> list[Work]:
    """What each person did in the time measured: steps, those of them done by their deadline, cases, ratings of these."""
    people = {
        key: Work(person=key, name=name, team=team)
        for key, name, team in ctx.session.execute(
            select(Person.key, Person.name, Person.team).order_by(Person.key)
        )
    }
    done = _done(scope, list(people))
    by_case = (
        select(
            UserTask.completed_by.label("person"),
            UserTask.business_key,
            func.count().label("steps"),
            func.count(UserTask.due_at).label("due"),
            func.count().filter(UserTask.ended_at <= UserTask.due_at).label("on_time"),
        )
        .where(*done)
        .group_by(UserTask.completed_by, UserTask.business_key)
        .cte("by_case")
    )
    total = select(
        by_case.c.person,
        func.sum(by_case.c.steps),
        func.sum(by_case.c.due),
        func.sum(by_case.c.on_time),
        func.count(),
    ).group_by(by_case.c.person)
    for person, steps, due, on_time, n in ctx.session.execute(total):
        one = people[person]
        one.steps, one.on_time, one.cases = int(steps), Share(n=int(on_time), of=int(due)), n
    for person, satisfied, all_ in ctx.session.execute(_rated(scope, measured, list(people))):
        people[person].satisfied = Share(n=satisfied, of=all_)
    return sorted(
        (one for one in people.values() if one.steps), key=lambda one: (one.team or "~", -one.steps)
    )


def _done(scope: Scope, people: Sequence[str]) -> list[ColumnElement[bool]]:
    """Steps completed in the time measured; people are named so that the index of done steps is read from end to end."""
    conditions = scope.conditions()
    return [
        one_of(UserTask.completed_by, people),
        UserTask.state == "completed",
        scope.within(UserTask.ended_at),
        *([UserTask.business_key.in_(select(Case.number).where(*conditions))] if conditions else []),
    ]


def _rated(scope: Scope, measured: Insights, people: Sequence[str]) -> Select[Any]:
    """(person, satisfied, all) of the ratings given in the time measured to cases the person worked on."""
    given = (
        select(Rating.id, Rating.rating, UserTask.completed_by)
        .join(Case, Case.id == Rating.case_id)
        .join(UserTask, UserTask.business_key == Case.number)
        .where(
            scope.within(Rating.at),
            *scope.conditions(),
            one_of(UserTask.completed_by, people),
            UserTask.state == "completed",
        )
        .group_by(Rating.id, Rating.rating, UserTask.completed_by)
        .subquery()
    )
    satisfied = func.count().filter(given.c.rating >= measured.satisfaction.satisfied)
    return select(given.c.completed_by, satisfied, func.count()).group_by(given.c.completed_by)


def best(ctx: Context, scope: Scope) -> Sequence[Row[Any]]:
    """The cases best rated in the time measured, the quickest of them first: number, process_key, lasted, rating, remark."""
    lasted = (Case.solved_at - Case.applied_at).label("lasted")
    return ctx.session.execute(
        select(Case.number, Case.process_key, lasted, Rating.rating, Rating.remark)
        .join(Case, Case.id == Rating.case_id)
        .where(scope.within(Rating.at), Case.solved_at.is_not(None), *scope.conditions())
        .order_by(Rating.rating.desc(), lasted, Case.id)
        .limit(_BEST)
    ).all()
