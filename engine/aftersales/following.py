"""Who follows which case: one's own choice, or because one registered it or wrote a note on it."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from engine.aftersales.tables import CaseFollower
from engine.runtime.context import SYSTEM, Context


def follow(ctx: Context, case_id: int, *, following: bool = True) -> None:
    """The acting person follows the case from now on, or does not any more."""
    statement = insert(CaseFollower).values(
        case_id=case_id, person=ctx.actor.key, following=following, since=ctx.now
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["case_id", "person"],
            set_={"following": statement.excluded.following, "since": statement.excluded.since},
        )
    )


def take_up(ctx: Context, case_id: int) -> None:
    """The acting person did something on a case that makes them follow it, unless they once chose not to."""
    if ctx.actor.key == SYSTEM.key:
        return
    ctx.session.execute(
        insert(CaseFollower)
        .values(case_id=case_id, person=ctx.actor.key, since=ctx.now)
        .on_conflict_do_nothing()
    )
