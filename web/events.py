"""News for open pages: PostgreSQL's notices, one listening connection a process, one stream a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
import structlog
from fastapi import Request
from sse_starlette.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from engine.runtime.assignment import works_for
from engine.runtime.edge import Commands
from engine.runtime.notices import CHANNEL
from engine.store.database import Database, libpq_url
from web import sessions
from web.queries import work
from web.screen import Screen, SignInNeeded

router = Screen()
log = structlog.get_logger(__name__)

#: Notices that come close together are told as one.
SETTLE = 0.3
#: Deadlines pass without a notice: look again at least this often, in seconds.
AT_LEAST = 60.0
#: Seconds between signs of life, so that proxies keep the stream open.
PING = 20
RETRY = 2.0


@dataclass(eq=False)
class Subscriber:
    """One open stream: whom it is for, and whether there is news for them."""

    person: str
    groups: frozenset[str]
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def concerned(self, notice: dict[str, Any]) -> bool:
        """Whether a notice is about this person's work."""
        if notice.get("all") or self.person in notice.get("people", ()):
            return True
        return not self.groups.isdisjoint(notice.get("groups", ()))


class News:
    """The streams open in this process."""

    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()

    def spread(self, payload: str) -> None:
        """Wake everybody a notice concerns."""
        notice = json.loads(payload)
        for subscriber in self.subscribers:
            if subscriber.concerned(notice):
                subscriber.news.set()


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[News]:
    """Listen for notices as long as the application runs."""
    news = News()
    listener = asyncio.create_task(_listen(libpq_url(database.url), news))
    try:
        yield news
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def _listen(url: str, news: News) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                # Whatever happened while nobody listened.
                news.spread('{"all": true}')
                async for notice in connection.notifies():
                    news.spread(notice.payload)
        except psycopg.Error as error:
            log.warning("listening_interrupted", error=str(error))
            await asyncio.sleep(RETRY)


@router.get("/events")
async def events(request: Request) -> EventSourceResponse:
    """A person's stream. Each event is the present state, under an id that stands for it: a browser that comes back
    with the id it saw last (`Last-Event-ID`) gets what it missed, or nothing if nothing changed."""
    commands = request.app.state.commands
    subscriber = await run_in_threadpool(_subscriber, commands, request)
    news = request.app.state.news

    async def stream() -> AsyncIterator[ServerSentEvent]:
        seen = request.headers.get("last-event-id", "")
        news.subscribers.add(subscriber)
        try:
            while True:
                subscriber.news.clear()
                counts = await run_in_threadpool(_counts, commands, request)
                if counts is None:
                    return
                if counts.mark != seen:
                    seen = counts.mark
                    yield ServerSentEvent(event="work", id=seen, data=json.dumps(counts.shown()))
                with suppress(TimeoutError):
                    await asyncio.wait_for(subscriber.news.wait(), AT_LEAST)
                await asyncio.sleep(SETTLE)
        finally:
            news.subscribers.discard(subscriber)

    return EventSourceResponse(
        stream(), ping=PING, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def _subscriber(commands: Commands, request: Request) -> Subscriber:
    with commands.begin() as ctx:
        actor = sessions.recognise(ctx, request).actor
        if actor is None:
            raise SignInNeeded
        return Subscriber(person=actor.key, groups=works_for(ctx, actor))


def _counts(commands: Commands, request: Request) -> work.Counts | None:
    """What is there to do now; None once the person has signed out."""
    with commands.begin() as ctx:
        actor = sessions.recognise(ctx, request).actor
        return work.counts(replace(ctx, actor=actor)) if actor else None
