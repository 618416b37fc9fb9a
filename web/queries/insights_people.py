"""What people did: counted over the steps they completed, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

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
    """What each person did in the time measured: steps, those of them done by their deadline, cases; and what customers said
    in that time of these cases."""
    people = {
        key: Work(person=key, name=name, team=team)
        for key, name, team in ctx.session.execute(
            select(Person.key, Person.name, Person.team).order_by(Person.key)
        )
    }
    done = (
        select(
            UserTask.completed_by.label("person"),
            UserTask.business_key,
            func.count().label("steps"),
            func.count(UserTask.due_at).label("due"),
            func.count().filter(UserTask.ended_at <= UserTask.due_at).label("on_time"),
        )
        .where(*_done(scope, list(people)))
        .group_by(UserTask.completed_by, UserTask.business_key)
        .subquery("done")
    )
    rated = (
        select(
            Case.number,
            func.count().label("all"),
            func.count().filter(Rating.rating >= measured.satisfaction.satisfied).label("satisfied"),
        )
        .join(Case, Case.id == Rating.case_id)
        .where(scope.within(Rating.at), *scope.conditions())
        .group_by(Case.number)
        .subquery("rated")
    )
    sums = (
        func.sum(each) for each in (done.c.steps, done.c.due, done.c.on_time, rated.c.all, rated.c.satisfied)
    )
    total = (
        select(done.c.person, func.count(), *sums)
        .outerjoin(rated, rated.c.number == done.c.business_key)
        .group_by(done.c.person)
    )
    for person, n, steps, due, on_time, ratings, satisfied in ctx.session.execute(total):
        one = people[person]
        one.cases, one.steps, one.on_time = n, int(steps), Share(n=int(on_time), of=int(due))
        one.satisfied = Share(n=int(satisfied or 0), of=int(ratings or 0))
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
