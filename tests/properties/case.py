"""One random case on the real engine and database: what anybody could do next, and a note of each state it was in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.runtime import deployments, incidents, instances, messages, signals, timers, user_tasks
from engine.runtime.bundles import Bundle
from engine.runtime.jobs import BpmnError, Job
from engine.runtime.registry import ServiceTaskType
from engine.scenarios.world import World
from engine.store.tables import (
    Incident,
    MessageSubscription,
    ProcessInstance,
    SignalSubscription,
    Timer,
    UserTask,
)
from engine.worker import perform
from tests.properties.activities import SHARED
from tests.properties.values import answer, moves

TABLE = (Path(__file__).parent / "limit.dmn").read_bytes()
FORM = b'{"id": "form", "type": "default", "schemaVersion": 18, "components": []}'
NUMBER = "CASE-1"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An instance as a command left it."""

    instance_id: int
    seq: int
    blob: bytes | None
    variables: dict[str, Any]


@dataclass
class Case:
    """A case in the world of one example; everything is rolled back after it."""

    world: World
    #: The states it was in, in order.
    seen: list[Seen] = field(default_factory=list)
    #: The number of the step under way: it decides what a service answers.
    move: int = 0
    root: int = 0

    def begin(self, diagrams: dict[str, bytes], seed: int) -> None:
        """Deploy the diagrams, the first one last, and start it."""
        registry = self.world.application.engine.registry
        registry.add(ServiceTaskType(type="work", handler=lambda _ctx, job: self._work(job)))
        for key, xml in reversed(diagrams.items()):
            with self.world.application.commands.begin() as ctx:
                files = {
                    ("bpmn", f"{key}.bpmn"): xml,
                    ("dmn", "limit.dmn"): TABLE,
                    ("form", "form.form"): FORM,
                }
                deployments.deploy(ctx, Bundle(process_key=key, files=files))
        with self.world.application.commands.begin() as ctx:
            variables = {"seed": seed, SHARED: None}
            self.root = instances.start(ctx, next(iter(diagrams)), variables, business_key=NUMBER).id
        self._look()

    def _work(self, job: Job) -> dict[str, Any]:
        match self.move % 6:
            case 0:
                raise BpmnError("E", "it went wrong", answer("problem", self.move))
            case 1:
                raise RuntimeError("out of order")
        return answer(job.element_id, self.move)

    def walk(self, path: int) -> Iterator[int]:
        """Do one thing after the other until nothing is left to do; yields the number of each step after it."""
        for step, move in enumerate(moves(path)):
            possible = self._choices()
            if not possible:
                return
            self.move = move // len(possible)
            self._act(*possible[move % len(possible)])
            self._look()
            yield step

    def _choices(self) -> list[tuple[str, int]]:
        acts = [("work", number) for number in range(len(self.world.queue.work))]
        with self.world.application.commands.begin() as ctx:

            def ids(column: Any, *where: Any) -> list[int]:
                return list(ctx.session.execute(select(column).where(*where).order_by(column)).scalars())

            acts += [("complete", id_) for id_ in ids(UserTask.id, UserTask.state == "created")]
            acts += [("timer", id_) for id_ in ids(Timer.id)]
            acts += [("mend", id_) for id_ in ids(Incident.id, Incident.resolved_at.is_(None))]
            acts += [("message", 0)] * bool(ids(MessageSubscription.id))
            acts += [("signal", 0)] * bool(ids(SignalSubscription.id))
            if ids(ProcessInstance.id, ProcessInstance.id == self.root, ProcessInstance.ended_at.is_(None)):
                acts.append(("correct", self.root))
                # Now and then a message comes before anybody waits for it, and a case is given up.
                acts += [("message", 0)] * (self.move % 7 == 0) + [("cancel", self.root)] * (
                    self.move % 29 == 0
                )
        return acts

    def _act(self, kind: str, id_: int) -> None:
        commands, move = self.world.application.commands, self.move
        self.world.clock.advance(timedelta(seconds=move % 100))
        if kind == "work":
            item = self.world.queue.work.pop(id_)
            perform(commands, item.kind, item.id)
            return
        with commands.begin() as ctx:
            match kind:
                case "complete":
                    user_tasks.complete(ctx, id_, answer("done", move))
                case "message":
                    messages.publish(ctx, "m", "1", answer("told", move))
                case "signal":
                    signals.broadcast(ctx, "sig", answer("heard", move))
                case "correct":
                    instances.set_variables(ctx, id_, {SHARED: ("go", "stop")[move % 2]}, reason="mistaken")
                case "cancel":
                    instances.cancel(ctx, id_, reason="given up")
                case "mend":
                    incidents.retry(ctx, id_, reason="try again")
                case "timer":
                    self.world.clock.set(max(self.world.clock.now(), timers.due_at(ctx.session, id_)))
        if kind == "timer":
            perform(commands, "timer", id_)

    def _look(self) -> None:
        with self.world.application.commands.begin() as ctx:
            for instance in ctx.session.execute(
                select(ProcessInstance).where(ProcessInstance.business_key == NUMBER)
            ).scalars():
                noted = Seen(
                    instance_id=instance.id,
                    seq=instance.history_seq,
                    blob=instance.blob,
                    variables=instance.variables,
                )
                if noted not in self.seen:
                    self.seen.append(noted)
