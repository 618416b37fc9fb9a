"""The state of an instance as bytes: a versioned envelope of orjson rows, compressed by zstandard.

A task's variables are written as the difference to those of the row before: tokens of one scope share nearly all.
"""

import threading
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.compiler import ProcessSpec
from engine.bpmn.environment import Environment
from engine.bpmn.token import Token
from engine.bpmn.variables import MISSING, changes
from engine.bpmn.watches import definition_of
from engine.bpmn.workflow import Instance, Limits

VERSION = 1
MAX_STATE_BYTES = 64_000_000

_local = threading.local()


class UnreadableState(ValueError):
    """The bytes are no state of this engine, or of an element the diagram does not have."""


class NewerState(UnreadableState):
    """The state was written by a newer release, in a format this one does not know."""

    def __init__(self, found: int, known: int):
        self.found, self.known = found, known
        super().__init__(
            f"a newer release wrote this state: its format is {found}, this one reads up to {known}"
        )


class StateTooLarge(ValueError):
    """The variables of the instance have outgrown what one instance may hold."""


def dump(instance: Instance) -> bytes:
    """The same instance gives the same bytes. Raises ``StateTooLarge``, before anything is stored that cannot be read."""
    rows: list[list[Any]] = []
    data: dict[str, Any] = {}
    stack = [instance.tasks[1]] if 1 in instance.tasks else []
    while stack:
        token = stack.pop()
        rows.append(_row(token, data))
        data = token.data
        stack.extend(reversed(token.children))
    arrived = [
        [scope, name, [t.id for t in tokens]]
        for (scope, name), tokens in sorted(instance.arrived.items(), key=itemgetter(0))
        if tokens
    ]
    envelope = {
        "v": VERSION,
        "process": instance.spec.name,
        "counter": instance.counter,
        "done": dict(sorted(instance.data.items())) if instance.completed else None,
        "terminated": instance.terminated,
        "arrived": arrived,
        "tasks": rows,
    }
    plain = orjson.dumps(envelope)
    if len(plain) > MAX_STATE_BYTES:
        raise StateTooLarge(f"{len(plain)} bytes of state are more than {MAX_STATE_BYTES}")
    return _compressor().compress(plain)


def renamed(state: bytes, names: Mapping[str, str]) -> bytes:
    """The same state with elements by other ids: ``names`` is old id -> new id; flows and variables stay."""
    envelope = orjson.loads(_decompressor().decompress(state, max_output_size=MAX_STATE_BYTES))
    for row in envelope["tasks"]:
        row[1] = _called(row[1], names)
        internal = row[10]
        for key in ("late", "happened"):
            if key in internal:
                internal[key] = {_called(name, names): given for name, given in internal[key].items()}
        for key in ("done", "pending", "later"):
            if key in internal:
                internal[key] = _called(internal[key], names)
    envelope["arrived"] = [[scope, _called(name, names), ids] for scope, name, ids in envelope["arrived"]]
    return _compressor().compress(orjson.dumps(envelope))


def _called(given: Any, names: Mapping[str, str]) -> Any:
    """An element's name in the specification ("step", "step:each"), or lists of them, under its new id."""
    if isinstance(given, list):
        return [_called(each, names) for each in given]
    id_, colon, part = given.partition(":")
    return names.get(id_, id_) + colon + part


def load(spec: ProcessSpec, blob: bytes, environment: Environment, limits: Limits) -> Instance:
    try:
        envelope = orjson.loads(_decompressor().decompress(blob, max_output_size=MAX_STATE_BYTES))
    except (zstandard.ZstdError, orjson.JSONDecodeError) as reason:
        raise UnreadableState(str(reason)) from None
    version = envelope.get("v") if isinstance(envelope, dict) else None
    if not isinstance(version, int):
        raise UnreadableState("the state says no version")
    if version > VERSION:
        raise NewerState(version, VERSION)
    instance = Instance(spec, environment, limits, envelope["counter"])
    instance.completed, instance.terminated = envelope["done"] is not None, envelope["terminated"]
    instance.data = envelope["done"] or {}
    data: dict[str, Any] = {}
    for row in envelope["tasks"]:
        data = _task(instance, row, data).data
    # The order in which they came into being, which signals and conditions go by, is not that of the tree.
    instance.tasks = dict(sorted(instance.tasks.items()))
    instance.conditions = dict(sorted(instance.conditions.items()))
    instance.arrived = {
        (scope, name): [instance.tasks[id_] for id_ in ids] for scope, name, ids in envelope["arrived"]
    }
    return instance


def _row(token: Token, data: dict[str, Any]) -> list[Any]:
    set_, gone = ({}, []) if token.data is data else _difference(data, token.data)
    writes = None
    if token.writes is not None:
        writes = {
            n: [who] if base is MISSING else [who, base] for n, (who, base) in sorted(token.writes.items())
        }
    flags = (1 if token.watch else 0) | (2 if token.side else 0)
    return [
        token.id,
        token.task_spec.name,
        token._parent or 0,
        token.scope,
        token.state,
        flags,
        int(token.last_state_change),
        set_,
        gone,
        writes,
        {name: _in_order(given) for name, given in token.internal_data.items()},
    ]


def _in_order(given: Any) -> Any:
    """Variables by name; what is inside a variable keeps the order it came with."""
    return dict(sorted(given.items())) if isinstance(given, dict) else given


def _difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    # In one order, however the variables came about: the same state gives the same bytes.
    return _in_order(changes(before, after)), sorted(before.keys() - after.keys())


def _task(instance: Instance, row: list[Any], data: dict[str, Any]) -> Token:
    id_, name, parent, scope, state, flags, since, set_, gone, writes, internal = row
    spec = instance.spec.task_specs.get(name)
    if spec is None:
        raise UnreadableState(f"the diagram has no element {name!r}")
    if set_ or gone:
        left_out = set(gone)
        data = {k: v for k, v in data.items() if k not in left_out} | set_
    token = Token(instance, spec, instance.tasks.get(parent), scope=scope, data=data, state=state, id=id_)
    token.watch, token.side = bool(flags & 1), bool(flags & 2)
    token.last_state_change = since
    token.internal_data = internal
    if writes is not None:
        token.writes = {n: (entry[0], entry[1] if len(entry) > 1 else MISSING) for n, entry in writes.items()}
    if token.watch and state == TaskState.WAITING and definition_of(token).kind == "conditional":
        instance.conditions[token.id] = token
    return token


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=3, write_content_size=True)
    return _local.compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    return _local.decompressor
