"""What a business plugs into the runtime: handlers of service tasks, listeners of history, guards of user tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.runtime.context import Context
    from engine.runtime.history import Recorded
    from engine.runtime.jobs import Job
    from engine.store.tables import ProcessInstance, UserTask

Handler = Callable[["Context", "Job"], Any]
RemoteHandler = Callable[["Job", Mapping[str, Any]], Mapping[str, Any]]
Listener = Callable[["Context", "ProcessInstance", "Recorded"], None]
OrganisationListener = Callable[["Context", Mapping[str, Any]], None]
OptionList = Callable[["Context", str], list[dict[str, Any]]]
Guard = Callable[["Context", "UserTask", Mapping[str, Any]], None]
#: The pages of a case's archive for people to read, by file name: of a case number and what the last seal says of it.
CasePages = Callable[["Context", str, Any], Mapping[str, bytes]]


@dataclass(frozen=True, kw_only=True)
class Hindsight:
    """What is known of a service-task type's work without doing it: for taking a finished case another way."""

    #: Its result decides nothing (a message sent, a state set): a case goes on without one.
    tells: bool = False
    #: (inputs, recorded inputs, recorded result) -> the result it would have given; None where that cannot be known.
    again: (
        Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any] | None] | None
    ) = None
    #: Inputs -> the money that goes to the customer.
    pays: Callable[[Mapping[str, Any]], Decimal] | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceTaskType:
    """One service-task type and what does its work."""

    type: str
    handler: Callable[..., Any]
    #: True: runs outside any transaction (it talks to another system) and its result comes back as a command.
    #: False: runs in the very transaction that completes the job, so it happens exactly once.
    remote: bool = False
    hindsight: Hindsight = Hindsight()


class Registry:
    """Filled once at start-up by `engine.bootstrap`, read-only afterwards."""

    def __init__(self) -> None:
        self._types: dict[str, ServiceTaskType] = {}
        self._listeners: dict[str, list[Listener]] = defaultdict(list)
        self._organisation_listeners: dict[str, list[OrganisationListener]] = defaultdict(list)
        self._guards: dict[str, Guard] = {}
        self._lists: dict[str, OptionList] = {}
        self._given: set[str] = set()
        self._case_pages: CasePages | None = None

    def copy(self) -> Registry:
        """The same, to be changed without changing this one: services that behave otherwise while somebody plays."""
        copied = Registry()
        copied._types, copied._guards, copied._lists, copied._given = (
            dict(self._types),
            dict(self._guards),
            dict(self._lists),
            set(self._given),
        )
        copied._case_pages = self._case_pages
        copied._listeners.update({event: list(listeners) for event, listeners in self._listeners.items()})
        copied._organisation_listeners.update(
            {event: list(listeners) for event, listeners in self._organisation_listeners.items()}
        )
        return copied

    def add(self, service_task: ServiceTaskType) -> None:
        """Register a service-task type; a second one of the same name replaces the first (integrations do that)."""
        self._types[service_task.type] = service_task

    def listen(self, event_type: str, listener: Listener) -> None:
        """Call `listener` in the same transaction whenever an event of this type is recorded."""
        self._listeners[event_type].append(listener)

    def listen_to_organisation(self, event_type: str, listener: OrganisationListener) -> None:
        """Call `listener` in the same transaction whenever an event of this type is recorded for the organisation."""
        self._organisation_listeners[event_type].append(listener)

    def organisation_listeners(self, event_type: str) -> list[OrganisationListener]:
        """Who listens to this type of event of the organisation."""
        return self._organisation_listeners.get(event_type, [])

    def guard(self, prop: str, guard: Guard) -> None:
        """Before a user task with the property `prop` completes, call `guard(ctx, user_task, values)`; it may refuse."""
        self._guards[prop] = guard

    def offer(self, name: str, options: OptionList) -> None:
        """Let forms choose from `options(ctx, process_key)`, a list of {value, label}, under this variable name."""
        self._lists[name] = options

    def draw_cases(self, pages: CasePages) -> None:
        """Let archives of cases have these pages to read."""
        self._case_pages = pages

    def case_pages(self, ctx: Context, number: str, standing: Any) -> Mapping[str, bytes]:
        """The pages of a case's archive; none where nobody draws them."""
        return self._case_pages(ctx, number, standing) if self._case_pages else {}

    def give(self, *names: str) -> None:
        """Say that every case has these variables from its registration."""
        self._given |= set(names)

    @property
    def given(self) -> frozenset[str]:
        """Names of the variables every case has from its registration."""
        return frozenset(self._given)

    @property
    def lists(self) -> Mapping[str, OptionList]:
        """Lists that forms may choose from, by variable name."""
        return self._lists

    def service_task(self, type_: str) -> ServiceTaskType | None:
        """The handler of a service-task type, or None when nobody registered one."""
        return self._types.get(type_)

    @property
    def service_task_types(self) -> frozenset[str]:
        """All registered types: what the linter knows."""
        return frozenset(self._types)

    def listeners(self, event_type: str) -> list[Listener]:
        """Who listens to this type of event."""
        return self._listeners.get(event_type, [])

    def guards(self, properties: Mapping[str, Any]) -> list[Guard]:
        """The guards that a user task's properties call for."""
        return [guard for prop, guard in self._guards.items() if properties.get(prop)]
