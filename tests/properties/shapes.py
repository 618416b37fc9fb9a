"""Random diagrams out of all supported constructs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from hypothesis import strategies as st

from tests.bpmn.drawing import diagram, each, end, event, flow, node, script, start, subprocess, timer
from tests.properties.activities import SHAPES
from tests.properties.pencil import TOP, Drawing, Way

#: ("kind", children)
Block = tuple


def blocks(max_leaves: int = 8) -> st.SearchStrategy[Block]:
    """A tree of shapes."""
    leaf = st.tuples(st.sampled_from(sorted(SHAPES)), st.just([]))
    kinds = st.sampled_from(sorted(_NESTED))
    return st.recursive(
        leaf,
        lambda inner: st.tuples(kinds, st.lists(inner, min_size=1, max_size=3)),
        max_leaves=max_leaves,
    )


def draw(block: Block, *, process: str = "p", called: str | None = None) -> bytes:
    """A process around a block."""
    drawing = Drawing(called=called)
    first, last = _block(drawing, block)
    drawing.add(start(), end(), flow("start", first), flow(last, "end"))
    return diagram(*drawing.body, top=TOP, process=process)


def _block(d: Drawing, block: Block) -> Way:
    kind, children = block
    return SHAPES[kind](d) if kind in SHAPES else _NESTED[kind](d, children)


def _sequence(d: Drawing, children: list[Block]) -> Way:
    ends = [_block(d, child) for child in children]
    for (_, before), (after, _) in pairwise(ends):
        d.add(flow(before, after))
    return ends[0][0], ends[-1][1]


def _between(gateway: str, condition: Callable[[int], str]) -> Callable[[Drawing, list[Block]], Way]:
    def drawn(d: Drawing, children: list[Block]) -> Way:
        split, join = d.new("g"), d.new("g")
        ways = [_block(d, child) for child in children]
        default = f"{split}_{ways[0][0]}"
        given = {} if gateway == "parallelGateway" else {"default": default}
        d.add(node(gateway, split, **given), node(gateway, join))
        for index, (first, last) in enumerate(ways):
            d.add(flow(split, first, condition(index) if index and given else ""), flow(last, join))
        return split, join

    return drawn


def _open_ended(d: Drawing, children: list[Block]) -> Way:
    """An implicit split in a sub-process whose branches never meet."""
    outside, d.body = d.body, []
    sub, begin, split = d.new("p"), d.new("b"), d.new("s")
    d.add(start(begin), script(split, "=1", split), flow(begin, split))
    for child in children:
        first, _ = _block(d, child)
        d.add(flow(split, first))
    inside, d.body = d.body, outside
    d.add(subprocess(sub, *inside))
    return sub, sub


def _wrapped(loop: Callable[[Drawing], str]) -> Callable[[Drawing, list[Block]], Way]:
    def drawn(d: Drawing, children: list[Block]) -> Way:
        outside, d.body = d.body, []
        first, last = _sequence(d, children)
        id_, begin, finish = d.new("p"), d.new("b"), d.new("e")
        d.add(start(begin), end(finish), flow(begin, first), flow(last, finish))
        inside, d.body = d.body, outside
        d.add(subprocess(id_, loop(d), *inside))
        return id_, id_

    return drawn


def _race(d: Drawing, children: list[Block]) -> Way:
    """An event-based gateway with two timers, a message and a signal."""
    gateway, join = d.new("g"), d.new("g")
    early, later, told, late = d.new("t"), d.new("t"), d.new("c"), d.new("c")
    first, last = _sequence(d, children)
    d.add(node("eventBasedGateway", gateway), node("exclusiveGateway", join))
    for id_, definition in (
        (early, timer("PT3M")),
        (later, timer("PT4M")),
        (told, event("message", messageRef="m")),
        (late, event("signal", signalRef="sig")),
    ):
        d.add(node("intermediateCatchEvent", id_, definition), flow(gateway, id_))
        d.add(flow(id_, first if id_ == early else join))
    d.add(flow(last, join))
    return gateway, join


def _loop(d: Drawing, children: list[Block]) -> Way:
    merge_, count, again, out = d.new("g"), d.new("s"), d.new("g"), d.new("g")
    first, last = _sequence(d, children)
    d.add(node("exclusiveGateway", merge_))
    d.add(script(count, f"=if {count} = null then 1 else {count} + 1", count))
    d.add(node("exclusiveGateway", again, default=f"{again}_{out}"), node("exclusiveGateway", out))
    d.add(flow(merge_, count), flow(count, first), flow(last, again))
    d.add(flow(again, merge_, f"={count} &lt; 2"), flow(again, out))
    return merge_, out


_NESTED: dict[str, Callable[[Drawing, list[Block]], Way]] = {
    "sequence": _sequence,
    "parallel": _between("parallelGateway", lambda index: ""),
    "inclusive": _between("inclusiveGateway", lambda index: f"=modulo(seed, {index + 1}) = 0"),
    "exclusive": _between("exclusiveGateway", lambda index: f"=modulo(seed, {index + 1}) = 1"),
    "open": _open_ended,
    "sub": _wrapped(lambda d: ""),
    "each": _wrapped(
        lambda d: each('=[1, "two"]', outputCollection=d.new("out"), outputElement="=[item, shared]")
    ),
    "one by one": _wrapped(lambda d: each("=[1, 2]", sequential=True)),
    "race": _race,
    "loop": _loop,
}
