"""The server under test: the real engine on a database of its own, its clock and its queue moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from lxml import etree
from sqlalchemy import delete, func, select, update

from config.problem import Problem
from config.settings import Settings
from engine.bootstrap import Application, application
from engine.runtime import deployments, instances
from engine.runtime.bundles import Bundle
from engine.runtime.clock import HandClock
from engine.runtime.context import Context
from engine.runtime.queue import HandQueue
from engine.runtime.refusals import InvalidDeployment
from engine.store.tables import (
    Message,
    PendingStart,
    ProcessDefinition,
    ProcessInstance,
    StartSubscription,
    Timer,
)
from engine.worker import perform

#: A Monday morning: no case has to do with the day it is run on.
MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
#: A case that keeps the engine this busy without anybody acting is in an endless loop.
MOST_STEPS = 5000


class Busy(Exception):
    """The engine does not come to rest."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A deployment that was refused."""

    problems: Sequence[Problem]

    @property
    def elements(self) -> list[str]:
        """Ids that its errors name."""
        return [each.element for each in self.problems if each.severity == "error" and each.element]

    def __str__(self) -> str:
        errors = [each for each in self.problems if each.severity == "error"]
        return "refused: " + "; ".join(f"{each.element or 'no element'}: {each.message}" for each in errors)


class Due(NamedTuple):
    """A timer."""

    at: datetime
    kind: str
    id: int


class Server:
    """Deploys, starts, lets time pass."""

    def __init__(self, app: Application, clock: HandClock, queue: HandQueue) -> None:
        self.app, self.clock, self.queue = app, clock, queue

    # -- deploying --------------------------------------------------------------------------------------------------------

    def deploy(self, xml: bytes, name: str) -> Refusal | None:
        """Deploy every executable process of a diagram, all or none."""
        keys = executable(xml) or [""]
        return self.deploy_all([Bundle(process_key=key, files={("bpmn", name): xml}) for key in keys])

    def deploy_all(self, bundles: Sequence[Bundle]) -> Refusal | None:
        """Deploy bundles together, all or none."""
        keys = {bundle.process_key for bundle in bundles}
        try:
            with self.app.commands.begin() as ctx:
                for bundle in bundles:
                    deployments.deploy(ctx, bundle, together_with=keys)
        except InvalidDeployment as refusal:
            return Refusal(problems=refusal.params["problems"])
        return None

    # -- running ----------------------------------------------------------------------------------------------------------

    def do(self, command: Callable[..., Any], *args: Any, **given: Any) -> Any:
        """One command in one transaction; what follows from it is left in the queue."""
        with self.app.commands.begin() as ctx:
            return command(ctx, *args, **given)

    def work(self) -> None:
        """Do everything the queue holds. Raises `Busy`."""
        for _ in range(MOST_STEPS):
            if not self.queue.work:
                return
            item = self.queue.work.pop(0)
            perform(self.app.commands, item.kind, item.id)
        raise Busy(f"more than {MOST_STEPS} pieces of work without a rest")

    def next_timer(self) -> Due | None:
        """The timer that is due first, one that starts a procedure included."""
        with self.app.database.begin() as session:
            rows = [
                (row.due_at, kind, row.id)
                for kind, table in (("timer", Timer), ("start", PendingStart))
                for row in session.execute(
                    select(table.id, table.due_at).order_by(table.due_at, table.id).limit(1)
                )
            ]
        return Due(*min(rows)) if rows else None

    def fire(self, due: Due) -> None:
        """Fire a timer whose time has come, and do what follows."""
        perform(self.app.commands, due.kind, due.id)
        self.work()

    def clear(self) -> None:
        """Cancel what is still active and forget what nobody took: the next case begins on an empty server."""
        self.queue.work.clear()
        with self.app.commands.begin() as ctx:
            for root in _active(ctx):
                instances.cancel(ctx, root, reason="the case is over")
        self.queue.work.clear()
        with self.app.database.begin() as session:
            for table in (Message, PendingStart, StartSubscription):
                session.execute(delete(table))
            session.execute(update(ProcessDefinition).values(is_current=False))
        self.clock.advance(timedelta(days=1))

    def newest_instance(self) -> int:
        """Id of the instance started last, 0 before the first."""
        with self.app.database.begin() as session:
            return session.execute(select(func.max(ProcessInstance.id))).scalar() or 0


def _active(ctx: Context) -> list[int]:
    query = select(ProcessInstance.id).where(
        ProcessInstance.ended_at.is_(None), ProcessInstance.parent_id.is_(None)
    )
    return list(ctx.session.execute(query).scalars())


@contextmanager
def running(settings: Settings, url: str) -> Iterator[Server]:
    """A server on the database at `url`."""
    clock, queue = HandClock(MONDAY), HandQueue()
    app = application(settings, url=url, clock=clock, queue=queue)
    try:
        yield Server(app, clock, queue)
    finally:
        app.close()


def executable(xml: bytes) -> list[str]:
    """Ids of the processes that are to run; of all where none is marked. Empty where the file cannot be read."""
    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError:
        return []
    found = [each for each in root.iterfind("{*}process") if each.get("id")]
    marked = [each for each in found if each.get("isExecutable") == "true"]
    return [each.get("id") for each in marked or found]


def ids(xml: bytes) -> frozenset[str]:
    """Every id of a file."""
    try:
        root = etree.fromstring(xml, _parser())
    except etree.XMLSyntaxError:
        return frozenset()
    return frozenset(each.get("id") for each in root.iter("*") if each.get("id"))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
