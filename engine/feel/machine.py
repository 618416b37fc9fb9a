"""One QuickJS context with the FEEL interpreter in it, and the pool of them that all threads share.

A context is used by one thread at a time. It has no file, network, clock or process to reach: time comes in with
each call, and questions to Python are answered between runs (QuickJS calls no Python while a time limit is set).
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import quickjs

from engine.feel.errors import FeelError

#: A decision model is compiled whole; the standard's largest test model, a thousand decisions, takes half a second.
SECONDS_TO_LOAD = 10.0
STACK_ALLOWED = 1024 * 1024
#: More expressions than any deployment has; past it the context starts afresh rather than grow.
COMPILED_ALLOWED = 10_000
MODELS_ALLOWED = 500


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """An expression that a machine has parsed."""

    id: int
    #: Every name the expression may read from its variables.
    names: tuple[str, ...]
    #: Those of them that are functions unless a variable has the name.
    functions: frozenset[str]


class Machine:
    """Compiles and runs expressions. Not thread-safe; any failure other than FEEL's own makes it unusable."""

    def __init__(self, functions: Mapping[str, tuple[str, ...]], *, seconds: float, megabytes: int):
        #: CPU time of the process, so of all its threads together.
        self._seconds = seconds
        self._context = quickjs.Context()
        self._context.set_max_stack_size(STACK_ALLOWED)
        self._context.set_memory_limit(megabytes * 1024 * 1024)
        self._context.eval(_source() + ";globalThis.feel = feel")
        self._context.eval("feel.declareFunctions")(json.dumps(functions))
        self._compile = self._context.eval("feel.compile")
        self._run = self._context.eval("feel.run")
        self._notes = self._context.eval("feel.notes")
        self._load = self._context.eval("feel.load")
        self._decide = self._context.eval("feel.decide")
        self._context.set_time_limit(seconds)
        self._compiled: dict[tuple[str, str, str], Compiled] = {}
        self._models: dict[str, int] = {}

    @property
    def is_full(self) -> bool:
        return len(self._compiled) > COMPILED_ALLOWED or len(self._models) > MODELS_ALLOWED

    def compile(self, kind: str, expression: str, shape: str) -> Compiled:
        """Parse once; `kind` is `expression` or `tests`. Raises FeelError with the place of a syntax error."""
        key = (kind, expression, shape)
        found = self._compiled.get(key)
        if found is None:
            answer = json.loads(self._compile(kind, expression, shape))
            if "message" in answer:
                raise FeelError(expression, answer["message"], answer["start"], answer["end"])
            found = self._compiled[key] = Compiled(
                id=answer["id"], names=tuple(answer["names"]), functions=frozenset(answer["functions"])
            )
        return found

    def run(self, compiled: Compiled, variables: str, now: float, offset: int, answers: str) -> Any:
        """One evaluation; `now` in milliseconds since 1970, `offset` of the business zone in minutes.

        The result is packed as web/assets/feel/main.js says.
        """
        return self._run(compiled.id, variables, now, offset, answers)

    def load(self, plan: str) -> dict[str, Any]:
        """Compile a decision model: its `id` here, and the `problems` of its expressions."""
        self._context.set_time_limit(SECONDS_TO_LOAD)
        loaded = json.loads(self._load(plan))
        self._context.set_time_limit(self._seconds)
        return loaded

    def decide(
        self, key: str, plan: str, decision: str, variables: str, now: float, offset: int, answers: str
    ) -> str:
        """One evaluation of a decision of the model with this key, which is loaded when it is not yet."""
        if key not in self._models:
            self._models[key] = self.load(plan)["id"]
        return self._decide(self._models[key], decision, variables, now, offset, answers)

    def notes(self) -> list[dict[str, Any]]:
        """What the last run found odd."""
        return json.loads(self._notes())


@cache
def _source() -> str:
    return files("engine.feel").joinpath("feel.js").read_text(encoding="utf-8")


class Pool:
    """Machines for all threads. The one used last is taken first, since its cache is warm; `size` stay ready.

    Nobody waits for a machine: a thread that finds none gets a new one, so an expression that takes its full time
    holds up no other, and a function of our own may evaluate expressions itself.
    """

    def __init__(self, create: Callable[[], Machine], size: int):
        self._create = create
        self._idle: deque[Machine] = deque(maxlen=size)

    @contextmanager
    def machine(self) -> Iterator[Machine]:
        """A machine for this thread alone. One that failed or grew full is not used again."""
        try:
            machine = self._idle.pop()
        except IndexError:
            machine = self._create()
        try:
            yield machine
        except FeelError:
            self._keep(machine)
            raise
        self._keep(machine)

    def _keep(self, machine: Machine) -> None:
        if not machine.is_full:
            self._idle.append(machine)
