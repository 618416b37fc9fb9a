"""Screens: routers whose endpoints are commands: one transaction, in one thread, committed before the answer is sent."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from enum import Enum
from functools import wraps
from typing import Annotated, Any, get_type_hints

from fastapi import APIRouter, Request
from starlette.datastructures import FormData

from engine.runtime.context import Context
from engine.runtime.edge import Commands
from web import access, sessions
from web.access import Action
from web.security import SAFE_METHODS, Form, check_token
from web.visitor import Visitor

#: Requests worked on at once in one process; more wait for their turn.
AT_ONCE = 40
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="request")


class SignInNeeded(Exception):
    """Nobody is signed in on this browser."""


class WrongPlace(Exception):
    """The person's roles do not allow this."""


class PasswordNeeded(Exception):
    """The person signed in with a one-time password and has not chosen their own yet."""


class Given(Enum):
    """What an endpoint is given besides what the request says."""

    CONTEXT = "context"
    VISITOR = "visitor"


#: The signed-in person's command: `ctx: Command`.
Command = Annotated[Context, Given.CONTEXT]
#: The signed-in person as pages know them: `visitor: Reader`.
Reader = Annotated[Visitor, Given.VISITOR]


class Screen(APIRouter):
    """The router of a screen: whoever sends something is let in as `web.access` says, and here alone.

    Endpoints are plain functions. Whatever takes a sign-in runs as a command of the person signed in: session, roles and
    form token checked first. FastAPI's own way (a dependency that opens, the endpoint, the dependency that closes, each
    sent to a thread and back) costs more than most of our pages. A stream is a coroutine: let in like the others, it
    opens commands of its own.
    """

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """See `APIRouter.add_api_route`; one method a route."""
        (method,) = options["methods"]
        action = access.needed(method, self.prefix + path)
        if action.signed_in:
            endpoint = _Endpoint(call=endpoint, asked=_asked(endpoint), action=action).as_route()
        super().add_api_route(path, endpoint, **options)


def _asked(endpoint: Callable[..., Any]) -> dict[str, Given]:
    """Which of its parameters an endpoint is given."""
    hints = get_type_hints(endpoint, include_extras=True)
    marked = {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}
    return {name: each for name, marks in marked.items() for each in marks if isinstance(each, Given)}


@dataclass(frozen=True, kw_only=True)
class _Endpoint:
    call: Callable[..., Any]
    #: Parameters that are given, by name.
    asked: dict[str, Given]
    #: What it takes to be let in.
    action: Action

    def as_route(self) -> Callable[..., Any]:
        """What FastAPI calls: a coroutine that hands the whole command to one thread."""
        signature = inspect.signature(self.call, eval_str=True)
        own = [each for each in signature.parameters.values() if each.name not in self.asked]
        wants_request = "request" in signature.parameters
        stream = inspect.iscoroutinefunction(self.call)

        @wraps(self.call)
        async def route(request_: Request, form_: FormData, **told: Any) -> Any:
            if wants_request:
                told["request"] = request_
            loop, run = asyncio.get_running_loop(), self._admit if stream else self._run
            answer = await loop.run_in_executor(_threads, copy_context().run, run, request_, form_, told)
            return await self.call(**told) if stream else answer

        route.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[
                *(
                    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
                    for name, kind in (("request_", Request), ("form_", Form))
                ),
                *(
                    each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                    for each in own
                    if each.name != "request"
                ),
            ]
        )
        del route.__wrapped__  # FastAPI would look at the endpoint's own parameters
        return route

    def _admit(self, request: Request, fields: FormData, _told: dict[str, Any]) -> None:
        commands: Commands = request.app.state.commands
        with commands.begin() as anonymous:
            self._recognise(anonymous, request, fields)

    def _run(self, request: Request, fields: FormData, told: dict[str, Any]) -> Any:
        commands: Commands = request.app.state.commands
        with commands.begin() as anonymous:
            visitor = self._recognise(anonymous, request, fields)
            given = {Given.CONTEXT: replace(anonymous, actor=visitor.actor), Given.VISITOR: visitor}
            return self.call(**told, **{name: given[each] for name, each in self.asked.items()})

    def _recognise(self, anonymous: Context, request: Request, fields: FormData) -> Visitor:
        """Whoever sends this, if they may. Raises `SignInNeeded`, `CrossSite`, `PasswordNeeded`, `WrongPlace`."""
        program = _bearer(request) if self.action.scope else ""
        if program:
            visitor = sessions.recognise_program(anonymous, request, program, self.action.scope)
        else:
            visitor = sessions.recognise(anonymous, request)
        request.state.visitor = visitor
        if visitor.actor is None:
            raise SignInNeeded
        # No other site can make a browser send a token of ours.
        if request.method not in SAFE_METHODS and not program:
            check_token(visitor, request.headers.get("x-csrf-token") or str(fields.get("csrf", "")))
        if visitor.one_time and not self.action.one_time and not program:
            raise PasswordNeeded
        if not self.action.open_to(visitor.places):
            raise WrongPlace
        return visitor


def _bearer(request: Request) -> str:
    """The token a program sends."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
