"""A tiny organisation and diagrams small enough to read, on the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.bootstrap import Application
from engine.runtime import deployments, identity, instances, timers
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.runtime.queue import HandQueue
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import Job, ProcessInstance, UserTask
from engine.worker import perform

DIAGRAMS = Path(__file__).parent / "diagrams"

PEOPLE = {
    "zhao.lin": {"finance"},
    "xu.dan": {"finance"},
    "wang.fang": {"operations"},
    "li.na": {"customer_service"},
    "admin": {"administrator"},
}


class Office:
    """What people in these stories do."""

    def __init__(self, app: Application, queue: HandQueue) -> None:
        self.app, self.queue = app, queue

    def actor(self, key: str) -> Actor:
        return Actor(key=key, name=key, roles=frozenset(PEOPLE[key]))

    def deploy(self, name: str, key: str | None = None) -> int:
        files = {("bpmn", f"{name}.bpmn"): (DIAGRAMS / f"{name}.bpmn").read_bytes()}
        with self.app.commands.begin() as ctx:
            definition, _ = deployments.deploy(ctx, Bundle(process_key=key or name, files=files))
            return definition.id

    def start(self, process: str, by: str = "li.na", case: str = "CASE-1", **variables: Any) -> int:
        with self.app.commands.begin(self.actor(by)) as ctx:
            return instances.start(ctx, process, variables, business_key=case).id

    def do(self, by: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.app.commands.begin(self.actor(by)) as ctx:
            return command(ctx, *args, **kwargs)

    def task(self, element: str, case: str = "CASE-1") -> UserTask:
        with self.app.database.begin() as session:
            return session.execute(
                select(UserTask)
                .where(UserTask.element_id == element, UserTask.business_key == case)
                .order_by(UserTask.id.desc())
                .limit(1)
            ).scalar_one()

    def open_tasks(self) -> list[str]:
        with self.app.database.begin() as session:
            return sorted(
                session.execute(select(UserTask.element_id).where(UserTask.state == "created")).scalars()
            )

    def instance(self, id_: int) -> ProcessInstance:
        with self.app.database.begin() as session:
            return session.get_one(ProcessInstance, id_)

    def job(self, element: str) -> Job:
        with self.app.database.begin() as session:
            return session.execute(select(Job).where(Job.element_id == element)).scalar_one()

    def work(self) -> int:
        """Do what the queue holds; how many pieces it was."""
        done = 0
        while self.queue.work:
            item = self.queue.work.pop(0)
            perform(self.app.commands, item.kind, item.id)
            done += 1
        return done

    def fire_due(self) -> int:
        with self.app.commands.begin() as ctx:
            due = timers.due(ctx.session, ctx.now)
        for timer in due:
            with self.app.commands.begin() as ctx:
                timers.fire(ctx, timer)
        return len(due)


@pytest.fixture
def office(app: Application, queue: HandQueue) -> Iterator[Office]:
    """The engine with five people and one service, `tests.echo`."""
    app.engine.registry.add(
        ServiceTaskType(type="tests.echo", handler=lambda ctx, job: {"echo": dict(job.inputs)})
    )
    with app.commands.begin() as ctx:
        for key, roles in PEOPLE.items():
            identity.create_person(ctx, key, key, roles=roles, password=None)
    yield Office(app, queue)
