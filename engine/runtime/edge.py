"""The command edge: the only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.runtime import spans
from engine.runtime.context import SYSTEM, Actor, Context, Engine


@dataclass(frozen=True)
class Commands:
    """Opens commands: `with commands.begin(actor) as ctx: user_tasks.complete(ctx, ...)`."""

    #: Yields a session in one transaction that commits when the block ends (`Database.begin`).
    transaction: Callable[[], AbstractContextManager[Session]]
    engine: Engine

    @contextmanager
    def begin(self, actor: Actor = SYSTEM) -> Iterator[Context]:
        """One command in one transaction, at the clock's present moment."""
        with spans.span("command"), self.transaction() as session:
            ctx = Context(session=session, actor=actor, now=self.engine.clock.now(), engine=self.engine)
            yield ctx
        for action in ctx.after_commit:
            action()
