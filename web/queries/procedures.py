"""The procedures there are: current versions, by name."""

from __future__ import annotations

from sqlalchemy import select

from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.store.question import Question
from engine.store.tables import ProcessDefinition

_CURRENT = Question(
    select(ProcessDefinition.id).where(ProcessDefinition.is_current).order_by(ProcessDefinition.process_key)
)


def current(ctx: Context) -> list[Definition]:
    """The current version of every procedure, sorted by key. One statement once the versions are known."""
    return [ctx.engine.definitions.get(ctx.session, row.id) for row in _CURRENT.all(ctx.session)]


def options(ctx: Context) -> list[tuple[str, str]]:
    """(key, name in the actor's language), sorted by name: for a filter."""
    language = ctx.actor.language
    return sorted(
        ((each.key, each.translate(each.name, language)) for each in current(ctx)),
        key=lambda option: option[1],
    )
