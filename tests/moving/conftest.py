"""Cases that stand somewhere, and a version they are to be moved to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from engine.bootstrap import Application
from engine.runtime import deployments, identity, instances, replay, user_tasks, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor
from engine.runtime.moving import apply, mapping, plan, runs, undo
from engine.runtime.moving.plan import Choice
from engine.runtime.queue import HandQueue
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import ProcessInstance, UserTask
from engine.worker import perform

FORM = {"id": "form", "type": "default", "schemaVersion": 18, "components": []}
#: What there is to see of an instance: all its rows but the counts of commands and events.
SEEN = ("user_task", "job", "timer", "message_subscription", "signal_subscription", "incident")


class Yard:
    """Versions, cases and an administrator who moves them."""

    def __init__(self, app: Application, queue: HandQueue) -> None:
        self.app, self.queue = app, queue
        self._cases = 0

    def deploy(self, xml: bytes, key: str = "p", **forms: Any) -> int:
        """The next version; its id."""
        files = {("bpmn", f"{key}.bpmn"): xml}
        files |= {
            ("form", f"{name}.form"): orjson.dumps(FORM | {"id": name} | form)
            for name, form in ({"form": {}} | forms).items()
        }
        return self.do(deployments.deploy, Bundle(process_key=key, files=files))[0].id

    def start(self, process: str = "p", **variables: Any) -> int:
        """A case of its own; the id of its instance."""
        self._cases += 1
        return self.do(instances.start, process, variables, business_key=f"CASE-{self._cases}").id

    def do(self, command: Callable[..., Any], *args: Any, by: str = "admin", **kwargs: Any) -> Any:
        actor = Actor(key=by, name=by, roles=frozenset({"operations", "administrator"}))
        with self.app.commands.begin(actor) as ctx:
            return command(ctx, *args, **kwargs)

    def complete(self, element: str, instance: int | None = None, **values: Any) -> None:
        self.do(user_tasks.complete, self.task(element, instance).id, values)

    def task(self, element: str, instance: int | None = None) -> UserTask:
        with self.app.database.begin() as session:
            query = select(UserTask).where(UserTask.element_id == element, UserTask.state == "created")
            if instance is not None:
                query = query.where(UserTask.root_id == instance)
            return session.scalars(query.order_by(UserTask.id)).first()

    def open(self, instance: int) -> list[str]:
        """Ids of the steps that wait for people."""
        with self.app.database.begin() as session:
            return sorted(
                session.scalars(
                    select(UserTask.element_id).where(
                        UserTask.instance_id == instance, UserTask.state == "created"
                    )
                )
            )

    def move(self, instance: int, old: int, new: int, names: dict[str, str] | None = None) -> None:
        """Move one instance."""

        def moving(ctx: Any) -> None:
            apply.move(ctx, instance, mapping.compare(ctx, old, new, names or {}), reason="a new version")

        self.do(moving)

    def back(self, instance: int) -> None:
        self.do(undo.move_back, instance, reason="a mistake")

    def reasons(self, old: int, new: int, names: dict[str, str] | None = None) -> list[tuple[str, str]]:
        """(code, step) of everything that keeps any case of the old version."""

        def planning(ctx: Any) -> list[tuple[str, str]]:
            planned = plan.plan(ctx, mapping.compare(ctx, old, new, names or {}), Choice())
            return [(reason.code, reason.step) for each in planned for reason in each.reasons]

        return self.do(planning)

    def run(self, old: int, new: int, names: dict[str, str] | None = None, **choice: Any) -> int:
        """A whole run; its id."""
        id_ = self.queued(old, new, names, **choice)
        self.work()
        return id_

    def queued(self, old: int, new: int, names: dict[str, str] | None = None, **choice: Any) -> int:
        """A run that waits on the queue; its id."""

        def beginning(ctx: Any) -> int:
            comparison = mapping.compare(ctx, old, new, names or {})
            planned = plan.plan(ctx, comparison, Choice(**choice))
            return runs.begin(ctx, comparison, planned, reason="a new version").id

        return self.do(beginning)

    def work(self) -> None:
        while self.queue.work:
            item = self.queue.work.pop(0)
            perform(self.app.commands, item.kind, item.id)

    def seen(self, instance: int) -> Any:
        """Everything there is to see of an instance but its history and its count of commands, as bytes."""
        with self.app.database.begin() as session:
            row = session.get_one(ProcessInstance, instance)
            told = {"blob": (row.blob or b"").hex(), "of": [row.definition_id, row.state, row.variables]}
            for table in SEEN:
                rows = session.execute(
                    text(f"SELECT to_jsonb(t) FROM {table} t WHERE instance_id = :id ORDER BY id"),
                    {"id": instance},
                )
                told[table] = list(rows.scalars())
            return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)

    def sound(self, instance: int) -> None:
        """The history verifies and replaying it gives what happened."""
        with self.app.database.begin() as session:
            assert list(verifying.verify(session, instance)) == []
            replay.check(session, self.app.engine, instance)
            rebuilt = b""
            for moment in replay.states(session, self.app.engine, instance):
                rebuilt = moment.execution.dump()
            assert session.get_one(ProcessInstance, instance).blob in (None, rebuilt)

    def state(self, instance: int) -> str:
        with self.app.database.begin() as session:
            return session.get_one(ProcessInstance, instance).state


@pytest.fixture
def yard(app: Application, queue: HandQueue) -> Yard:
    """The engine with an administrator and a service that does its work when the queue is worked."""
    for type_ in ("work", "other"):
        handler = ServiceTaskType(type=type_, handler=lambda _ctx, _job: {"worked": True})
        app.engine.registry.add(handler)
    with app.commands.begin() as ctx:
        identity.create_person(ctx, "admin", "Admin", roles={"administrator"}, password=None)
    return Yard(app, queue)
