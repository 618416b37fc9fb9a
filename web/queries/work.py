"""Work as one person sees it: what is theirs, what their groups could take, what they follow. Conditions and counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    DateTime,
    String,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from engine.aftersales import staff_notices
from engine.aftersales.tables import AftersalesCase, CaseFollower, StaffNotice
from engine.runtime.assignment import works_for
from engine.runtime.context import Context
from engine.store.question import Question
from engine.store.tables import UserTask

OPEN = UserTask.state == "created"
_DONE = aliased(UserTask)
#: A step done that keeps whoever did it from another: four-eyes in one case, independence of a case. Few steps have
#: either, and those that have none are passed by the length alone.
_FOUR_EYES = and_(_DONE.root_id == UserTask.root_id, _DONE.element_id == any_(UserTask.four_eyes))
_INVOLVED = _DONE.business_key == any_(UserTask.not_involved_in)
#: So much is counted of what one has and of what one could take: who has more than that does not count it either.
MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much there is to do."""

    mine: int
    mine_late: int
    groups: int
    groups_late: int
    #: Open cases one follows.
    following: int
    #: Notices one has not read.
    notices: int
    #: Stands for exactly which user tasks these are and who has them, and the rest: it changes whenever a list would.
    mark: str

    def shown(self) -> dict[str, dict[str, int]]:
        """As the page's counters want it."""
        return {
            "inbox": {"n": self.mine + self.groups, "late": self.mine_late + self.groups_late},
            "mine": {"n": self.mine, "late": self.mine_late},
            "groups": {"n": self.groups, "late": self.groups_late},
            "following": {"n": self.following, "late": 0},
            "notices": {"n": self.notices, "late": 0},
        }


def mine(ctx: Context) -> ColumnElement[bool]:
    """Assigned to the actor, or to a colleague they stand in for."""
    if ctx.actor.stands_in_for:
        return and_(OPEN, UserTask.assignee.in_(sorted(ctx.actor.keys)))
    return mine_of(literal(ctx.actor.key))


def mine_of(person: ColumnElement[str]) -> ColumnElement[bool]:
    """Assigned to a person."""
    return and_(OPEN, UserTask.assignee == person)


def takeable(ctx: Context) -> ColumnElement[bool]:
    """For the actor's groups or the actor among others, and not excluded by four-eyes or independence."""
    return takeable_by(literal(ctx.actor.key), cast(sorted(works_for(ctx, ctx.actor)), ARRAY(Text)))


def takeable_by(person: ColumnElement[str], groups: ColumnElement[list[str]]) -> ColumnElement[bool]:
    """The same for any person and the groups they work for."""
    did = select(literal(1)).where(_DONE.completed_by == person)
    excluded = or_(
        and_(func.cardinality(UserTask.four_eyes) > 0, did.where(_FOUR_EYES).exists()),
        and_(func.cardinality(UserTask.not_involved_in) > 0, did.where(_INVOLVED).exists()),
    )
    people = cast(array([person]), ARRAY(Text))
    theirs = or_(UserTask.candidate_groups.op("&&")(groups), UserTask.candidate_users.op("@>")(people))
    return and_(OPEN, theirs, ~excluded)


def free(ctx: Context) -> ColumnElement[bool]:
    """Takeable and nobody's yet."""
    return and_(takeable(ctx), UserTask.assignee.is_(None))


_PERSON = bindparam("person", type_=Text)
_GROUPS = bindparam("groups", type_=ARRAY(Text))
_COLUMNS = select(UserTask.id, UserTask.assignee, UserTask.due_at)
_COUNTED = union_all(
    _COLUMNS.where(mine_of(_PERSON)).limit(MOST),
    _COLUMNS.where(takeable_by(_PERSON, _GROUPS), UserTask.assignee.is_(None)).limit(MOST),
).subquery()
_OWN = _COUNTED.c.assignee.is_not(None)
_LATE = _COUNTED.c.due_at < bindparam("now", type_=DateTime(timezone=True))
_FOLLOWED = (
    select(func.count())
    .select_from(CaseFollower)
    .join(AftersalesCase, AftersalesCase.id == CaseFollower.case_id)
    .where(CaseFollower.person == _PERSON, CaseFollower.following, AftersalesCase.closed_at.is_(None))
    .scalar_subquery()
)
_UNREAD = (
    select(func.count())
    .select_from(StaffNotice)
    .where(
        staff_notices.addressed_to(_PERSON, bindparam("roles", type_=ARRAY(Text))),
        ~staff_notices.read_by(_PERSON),
    )
    .scalar_subquery()
)
_COUNTS = Question(
    select(
        func.count().filter(_OWN).label("mine"),
        func.count().filter(_OWN, _LATE).label("mine_late"),
        func.count().filter(~_OWN).label("groups"),
        func.count().filter(~_OWN, _LATE).label("groups_late"),
        func.coalesce(
            func.sum(
                func.hashtext(cast(_COUNTED.c.id, String) + ":" + func.coalesce(_COUNTED.c.assignee, ""))
            ),
            0,
        ).label("state"),
        _FOLLOWED.label("following"),
        _UNREAD.label("notices"),
    ).select_from(_COUNTED)
)


def counts(ctx: Context) -> Counts:
    """How much the actor has and could take, each up to `MOST`, in one statement."""
    actor = ctx.actor
    row = _COUNTS.first(
        ctx.session,
        person=actor.key,
        groups=sorted(works_for(ctx, actor)),
        roles=sorted(actor.roles),
        now=ctx.now,
    )
    assert row is not None  # counts of nothing are a row too
    return Counts(
        mine=row.mine,
        mine_late=row.mine_late,
        groups=row.groups,
        groups_late=row.groups_late,
        following=row.following,
        notices=row.notices,
        mark=f"{row.state}.{row.mine_late + row.groups_late}.{row.following}.{row.notices}",
    )
