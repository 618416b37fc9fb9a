"""The same command on many rows, each in a transaction of its own: one that is gone does not keep the others back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from web.errors import people_in, sentence
from web.i18n import mark
from web.render import say
from web.security import Form
from web.visitor import Visitor


@dataclass(kw_only=True)
class Done:
    """What came of it."""

    n: int = 0
    #: Why some were refused, in the visitor's words, and how many for each reason.
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def tone(self) -> str:
        """Tone of the answer."""
        return "ok" if self.n else "danger"


def each(request: Request, visitor: Visitor, fields: Form, command: Callable[[Context, int], object]) -> Done:
    """Run `command` for every `id` of the form as the visitor."""
    assert visitor.actor is not None  # whoever posts is signed in
    done = Done()
    for row_id in sorted({int(text) for text in map(str, fields.getlist("id")) if text.isdigit()}):
        try:
            with request.app.state.commands.begin(visitor.actor) as ctx:
                command(ctx, row_id)
            done.n += 1
        except Refusal as refusal:
            done.refused[sentence(visitor, refusal, people_in(request, refusal))] += 1
    return done


def told(visitor: Visitor, done: Done, text: str) -> str:
    """`text`, what was done, with what was not and why behind it."""
    whys = (say(visitor, mark("Not {n}: {why}"), n=n, why=why) for why, n in done.refused.items())
    return " ".join((text, *whys))
