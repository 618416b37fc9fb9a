"""What endpoints ask for. `Command` is the command edge: one transaction, committed before the answer is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request

from engine.runtime.context import Context
from engine.runtime.edge import Commands
from web import sessions
from web.security import SAFE_METHODS, Form, check_token
from web.visitor import Visitor


class SignInNeeded(Exception):
    """Nobody is signed in on this browser."""


class WrongPlace(Exception):
    """The person's roles do not open this place."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def command(request: Request, fields: Form) -> Iterator[Context]:
    """A signed-in person's command: recognised, their form's token checked, in one transaction."""
    commands: Commands = request.app.state.commands
    with commands.begin() as anonymous:
        visitor = sessions.recognise(anonymous, request)
        request.state.visitor = visitor
        if visitor.actor is None:
            raise SignInNeeded
        if request.method not in SAFE_METHODS:
            check_token(visitor, request.headers.get("x-csrf-token") or str(fields.get("csrf", "")))
        yield replace(anonymous, actor=visitor.actor)


#: With the default scope a failed commit would still have been answered with 200.
Command = Annotated[Context, Depends(command, scope="function")]


# These two only look at what `command` found: as coroutines they cost no hop to a thread and back.
async def current_visitor(request: Request, _ctx: Command) -> Visitor:
    """The signed-in person as pages know them."""
    return request.state.visitor


Reader = Annotated[Visitor, Depends(current_visitor)]


class Place:
    """Dependency of a router: everything in it is for people whose roles open the place."""

    def __init__(self, key: str) -> None:
        self.key = key

    async def __call__(self, visitor: Reader) -> None:
        """Raises `WrongPlace`."""
        if self.key not in visitor.places:
            raise WrongPlace(self.key)
