"""Trying a command whose refusal is shown on the very page that asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal, Stale
from web.errors import sentence
from web.visitor import Visitor


def attempt(ctx: Context, visitor: Visitor, command: Callable[..., Any], *args: Any, **given: Any) -> str:
    """Why it was refused, in the visitor's language, with nothing changed; empty when it was done.

    What is gone or has changed meanwhile is raised: the page itself would be another one."""
    try:
        with ctx.session.begin_nested():
            command(ctx, *args, **given)
    except (NotFound, Stale):
        raise
    except Refusal as refusal:
        return sentence(visitor, refusal)
    return ""
