"""The variables of tokens that run side by side: apart while they run, put together where they end or meet.

While a scope has several tokens each remembers what it wrote (``Token.writes``), with the value before: enough to merge
three ways and to name the writers of a conflict.
"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn import effects
from engine.bpmn.token import Token, Writes
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import MISSING, Irreconcilable, changes, merge, same


def leaves(container: Token) -> Iterator[Token]:
    """The live tokens directly in a container, those behind forks included."""
    stack = container.inside()[::-1]
    while stack:
        token = stack.pop()
        if token.alive:
            yield token
        else:
            stack.extend(token.inside()[::-1])


def assign(token: Token, values: dict[str, Any], writer: str) -> None:
    """Write variables of a token; ``writer`` is the element that did."""
    if not values:
        return
    before = token.data
    token.data = {**before, **values}
    if token.writes is not None:
        writes = dict(token.writes)
        for name in values:
            base = writes[name][1] if name in writes else before.get(name, MISSING)
            writes[name] = (writer, base)
        token.writes = writes
    token.workflow.emit(effects.VariablesChanged(token.id, token.task_spec.element.id, values))


def publish(ending: Token) -> None:
    """What a branch wrote becomes visible to the tokens that go on beside it.

    Raises ``Trouble`` when one of them has written something else meanwhile; a side path yields instead.
    """
    if not ending.writes:
        return
    others = [leaf for leaf in leaves(ending.workflow.scope_of(ending)) if leaf is not ending]
    planned = [(leaf, _arriving(ending, leaf)) for leaf in others]
    for leaf, values in planned:
        overlay(leaf, values)


def overlay(token: Token, values: dict[str, Any]) -> None:
    """Show outer values to a token and to everything inside it, except where a local variable hides them."""
    if not values:
        return
    token.data = {**token.data, **values}
    hidden = token.local
    inner = {name: value for name, value in values.items() if name not in hidden}
    for child in token.children:
        overlay(child, inner)


def correct(token: Token, values: dict[str, Any]) -> None:
    """Set variables from outside for a token and everything inside it, except where a local variable hides them.

    They also count for results that wait to be taken over: of a stopped activity, and of finished repetitions.
    """
    if not values:
        return
    token.data = {**token.data, **values}
    waiting = ["merged"]
    if token.phase == "finish" and "incident" in token.internal_data and not token.task_spec.element.outputs:
        waiting.append("result")
    for name in waiting:
        given = token.internal_data.get(name) or {}
        if given.keys() & values.keys():
            token.internal_data[name] = given | {n: value for n, value in values.items() if n in given}
    hidden = token.local
    inner = {name: value for name, value in values.items() if name not in hidden}
    for child in token.children:
        correct(child, inner)


def settle(container: Token) -> None:
    """With one token left in a scope nobody can contradict it any more."""
    inside = container.inside()
    if len(inside) == 1 and inside[0].alive:
        inside[0].writes = None
        inside[0].side = False


def beside(container: Token, token: Token) -> None:
    """``token`` has come into a scope as a side path: from here on all its tokens remember what they write."""
    for leaf in leaves(container):
        if leaf.writes is None:
            leaf.writes = {}
    token.writes = {}
    token.side = True


def view(container: Token) -> dict[str, Any]:
    """The variables of a scope as its tokens see them together; where they differ the main flow's first one counts."""
    seen = dict(container.visible)
    taken: set[str] = set()
    for number, leaf in enumerate(sorted(leaves(container), key=lambda leaf: leaf.side)):
        hidden = leaf.local
        own = {name: value for name, value in leaf.task_spec.view(leaf).items() if name not in hidden}
        written = written_since(leaf, container).keys() | changes(leaf.data, own).keys()
        names = own.keys() if number == 0 else (written | own.keys() - seen.keys()) - taken
        seen |= {name: own[name] for name in names if name in own}
        taken |= written
    return seen


def written_since(token: Token, place: Token) -> Writes:
    """What a token wrote on its way from ``place``, a fork or its scope."""
    writes, fork = token.writes or {}, token.parent
    while fork is not place:
        writes = combined(fork.writes, writes) or {}
        fork = fork.parent
    return writes


def combined(earlier: Writes | None, later: Writes | None) -> Writes | None:
    """The writes of two stretches of one way, the value before the first of them kept."""
    if earlier is None or later is None:
        return later if earlier is None else earlier
    return earlier | {
        name: (who, earlier[name][1] if name in earlier else base) for name, (who, base) in later.items()
    }


def conflict(name: str, first: str, second: str) -> Trouble:
    return Trouble(
        "conflict",
        f"the parallel branches wrote different values to {name!r}: {first} and {second}",
        variable=name,
        writers=[first, second],
    )


def _arriving(ending: Token, leaf: Token) -> dict[str, Any]:
    values = {}
    for name, (writer, base) in (ending.writes or {}).items():
        theirs = ending.data[name]
        ours = leaf.data.get(name, MISSING)
        try:
            merged = merge(base, ours, theirs)
        except Irreconcilable:
            if ending.side:
                continue
            if not leaf.side:
                other = written_since(leaf, leaf.workflow.scope_of(leaf)).get(
                    name, (leaf.task_spec.element.id,)
                )[0]
                raise conflict(name, other, writer) from None
            merged = theirs
        if not same(merged, ours):
            values[name] = merged
    return values
