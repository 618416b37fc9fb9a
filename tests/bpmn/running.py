"""Running a small diagram in a test: the outside world of one instance, with a clock one can move."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import bpmn
from engine.bpmn import effects
from engine.feel import Feel

FEEL = Feel()
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class World:
    """The environment of the tests: real FEEL, decisions that are Python functions, a clock that stands still."""

    def __init__(self, **decisions: Callable[[dict[str, Any]], Any]):
        self.now = START
        self.zone = FEEL.zone
        self.decisions = decisions

    def value(self, text: str, variables: Any) -> Any:
        return FEEL.value(text, variables, now=self.now)

    def decide(self, decision_id: str, variables: Any) -> tuple[Any, Any]:
        return self.decisions[decision_id](variables), [{"table": decision_id, "matched": [1]}]


class Story:
    """One instance and what it asked for so far. With ``restore`` it is dumped and loaded after every step."""

    def __init__(self, xml: bytes, *, restore: bool = False, world: World | None = None, **variables: Any):
        self.world = world or World()
        self.restore = restore
        self.process = next(iter(bpmn.parse(xml).processes.values()))
        self.log: list[effects.Effect] = []
        self.start_event: str | None = variables.pop("start_event", None)
        self.limits = variables.pop("limits", bpmn.Limits())
        self.execution = bpmn.Execution.start(
            self.process, variables, self.world, start_event=self.start_event, limits=self.limits
        )
        self.settle()

    def settle(self) -> "Story":
        self.log += self.execution.take_effects()
        if self.restore:
            state = self.execution.dump()
            self.execution = bpmn.Execution.load(self.process, state, self.world, limits=self.limits)
            assert self.execution.dump() == state
        return self

    # Acting
    def complete(self, element: str, activity: int | None = None, **variables: Any) -> "Story":
        self.execution.complete(activity or self.activity(element), variables)
        return self.settle()

    def throw(self, element: str, code: str, **variables: Any) -> "Story":
        self.execution.throw_error(self.activity(element), code, "it went wrong", variables)
        return self.settle()

    def retry(self, element: str) -> "Story":
        self.execution.retry(self.activity(element))
        return self.settle()

    def deliver(self, element: str, **variables: Any) -> "Story":
        self.execution.deliver_message(
            self.open(effects.MessageSubscribed, element).subscription_id, variables
        )
        return self.settle()

    def signal(self, name: str, **variables: Any) -> "Story":
        self.execution.signal(name, variables)
        return self.settle()

    def wait(self, **duration: float) -> "Story":
        """Let time pass, firing the timers that become due in their order."""
        until = self.world.now + timedelta(**duration)
        while True:
            due = [t for t in self.all_open(effects.TimerStarted) if t.due_at <= until]
            if not due:
                break
            timer = min(due, key=lambda t: (t.due_at, t.timer_id))
            self.world.now = max(self.world.now, timer.due_at)
            self.log.remove(timer)
            self.execution.fire_timer(timer.timer_id)
            self.settle()
        self.world.now = until
        return self

    # Looking
    def activity(self, element: str) -> int:
        return next(a.id for a in self.execution.active() if a.element_id == element)

    @property
    def active(self) -> list[str]:
        return sorted(a.element_id for a in self.execution.active())

    @property
    def done(self) -> bool:
        return self.execution.is_completed

    @property
    def variables(self) -> dict[str, Any]:
        return self.execution.variables()

    def all(self, kind: type) -> list[Any]:
        return [effect for effect in self.log if isinstance(effect, kind)]

    def completed(self, element: str) -> int:
        """How often the element was completed (frames of repeated activities left out)."""
        return sum(
            e.element_id == element and e.element_type not in ("multiInstanceBody", "loopBody")
            for e in self.all(effects.ElementCompleted)
        )

    @property
    def taken(self) -> list[str]:
        return [flow for e in self.all(effects.ElementCompleted) for flow in e.taken]

    @property
    def incidents(self) -> list[effects.IncidentRaised]:
        """Those that still hold a token."""
        held = {a.id for a in self.execution.active() if a.incident}
        latest = {e.activity_id: e for e in self.all(effects.IncidentRaised)}
        return [incident for id_, incident in latest.items() if id_ in held]

    def open(self, kind: type, element: str) -> Any:
        return next(e for e in self.all_open(kind) if e.element_id == element)

    def all_open(self, kind: type) -> list[Any]:
        closing, id_ = {
            effects.TimerStarted: (effects.TimerCancelled, "timer_id"),
            effects.MessageSubscribed: (effects.MessageUnsubscribed, "subscription_id"),
            effects.SignalSubscribed: (effects.SignalUnsubscribed, "subscription_id"),
        }[kind]
        closed = {getattr(e, id_) for e in self.all(closing)}
        return [e for e in self.all(kind) if getattr(e, id_) not in closed]
