"""What people did: counted over the steps they completed, whatever the number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

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
    given = (
        select(
            Rating.case_id,
            func.count().label("all"),
            func.count().filter(Rating.rating >= measured.satisfaction.satisfied).label("satisfied"),
        )
        .where(scope.within(Rating.at))
        .group_by(Rating.case_id)
        .subquery("given")
    )
    rated = (
        select(Case.number, given.c.all, given.c.satisfied)
        .join(Case, Case.id == given.c.case_id)
        .where(*scope.conditions())
        .subquery("rated")
    )
    # A case counts with the first step that somebody did in it within the time: nothing needs to be told apart by case.
    first = or_(UserTask.follows_at.is_(None), UserTask.follows_at < scope.begins)
    total = (
        select(
            UserTask.completed_by,
            func.count().filter(first),
            func.count(),
            func.count(UserTask.due_at),
            func.count().filter(UserTask.ended_at <= UserTask.due_at),
            func.sum(rated.c.all).filter(first),
            func.sum(rated.c.satisfied).filter(first),
        )
        .outerjoin(rated, rated.c.number == UserTask.business_key)
        .where(*_done(scope, list(people)))
        .group_by(UserTask.completed_by)
    )
    for person, n, steps, due, on_time, ratings, satisfied in ctx.session.execute(total):
        one = people[person]
        one.cases, one.steps, one.on_time = n, steps, Share(n=on_time, of=due)
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
