"""Random diagrams out of supported constructs, for properties."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import strategies as st

from tests.bpmn.drawing import (
    boundary,
    diagram,
    each,
    end,
    event,
    flow,
    job,
    message,
    node,
    script,
    start,
    subprocess,
    timer,
    user,
)


@dataclass
class Drawing:
    """Collects elements while a random shape is drawn; each shape goes from one element to another."""

    body: list[str] = field(default_factory=list)
    count: int = 0

    def new(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def add(self, *parts: str) -> None:
        self.body += parts


LEAVES = st.sampled_from(["user", "job", "script", "timer", "message", "throw", "reminded", "limited"])


def blocks() -> st.SearchStrategy:
    """A tree of ("kind", children)."""
    leaf = st.tuples(LEAVES, st.just([]))
    kinds = st.sampled_from(
        ["sequence", "parallel", "inclusive", "exclusive", "sub", "each", "one_by_one", "race", "loop"]
    )
    return st.recursive(
        leaf, lambda inner: st.tuples(kinds, st.lists(inner, min_size=1, max_size=3)), max_leaves=8
    )


def draw(block: tuple) -> bytes:
    """A process around a block."""
    drawing = Drawing()
    first, last = _block(drawing, block)
    drawing.add(start(), end(), flow("start", first), flow(last, "end"))
    top = message("m", '="1"') + node("signal", "sig", name="sig")
    return diagram(*drawing.body, top=top)


def _block(d: Drawing, block: tuple) -> tuple[str, str]:
    kind, children = block
    return _LEAF[kind](d) if kind in _LEAF else _NESTED[kind](d, children)


def _single(letter: str, make):
    def drawn(d: Drawing) -> tuple[str, str]:
        id_ = d.new(letter)
        d.add(make(id_))
        return id_, id_

    return drawn


def _reminded(d: Drawing) -> tuple[str, str]:
    host, ring, note = d.new("u"), d.new("ring"), d.new("s")
    d.add(user(host), boundary(ring, host, timer(cycle="R2/PT5M"), cancelActivity="false"))
    d.add(script(note, f'="{note}"', note), flow(ring, note))
    return host, host


def _limited(d: Drawing) -> tuple[str, str]:
    host, late, join = d.new("u"), d.new("late"), d.new("x")
    d.add(user(host), boundary(late, host, timer("PT7M")), node("exclusiveGateway", join))
    d.add(flow(host, join), flow(late, join))
    return host, join


_LEAF = {
    "user": _single("u", user),
    "job": _single("j", job),
    "script": _single("s", lambda id_: script(id_, f'="{id_}"', id_)),
    "timer": _single("t", lambda id_: node("intermediateCatchEvent", id_, timer("PT10M"))),
    "message": _single("r", lambda id_: node("receiveTask", id_, messageRef="m")),
    "throw": _single("h", lambda id_: node("intermediateThrowEvent", id_, event("signal", signalRef="sig"))),
    "reminded": _reminded,
    "limited": _limited,
}


def _sequence(d: Drawing, children: list) -> tuple[str, str]:
    ends = [_block(d, child) for child in children]
    for (_, before), (after, _) in pairwise(ends):
        d.add(flow(before, after))
    return ends[0][0], ends[-1][1]


def _between(gateway: str, condition):
    def drawn(d: Drawing, children: list) -> tuple[str, str]:
        split, join = d.new("g"), d.new("g")
        ways = [_block(d, child) for child in children]
        default = f"{split}_{ways[0][0]}"
        given = {} if gateway == "parallelGateway" else {"default": default}
        d.add(node(gateway, split, **given), node(gateway, join))
        for index, (first, last) in enumerate(ways):
            d.add(flow(split, first, condition(index) if index and given else ""), flow(last, join))
        return split, join

    return drawn


def _sub(d: Drawing, children: list) -> tuple[str, str]:
    return _wrapped(d, children, "")


def _wrapped(d: Drawing, children: list, loop: str) -> tuple[str, str]:
    outside, d.body = d.body, []
    first, last = _sequence(d, children)
    id_, begin, finish = d.new("p"), d.new("b"), d.new("e")
    d.add(start(begin), end(finish), flow(begin, first), flow(last, finish))
    inside, d.body = d.body, outside
    d.add(subprocess(id_, loop, *inside))
    return id_, id_


def _each(d: Drawing, children: list) -> tuple[str, str]:
    name = d.new("out")
    return _wrapped(d, children, each("=[1, 2]", outputCollection=name, outputElement="=item"))


def _one_by_one(d: Drawing, children: list) -> tuple[str, str]:
    return _wrapped(d, children, each("=[1, 2]", sequential=True))


def _race(d: Drawing, children: list) -> tuple[str, str]:
    gateway, early, late, join = d.new("g"), d.new("t"), d.new("t"), d.new("g")
    first, last = _sequence(d, children)
    d.add(node("eventBasedGateway", gateway), node("exclusiveGateway", join))
    d.add(node("intermediateCatchEvent", early, timer("PT3M")))
    d.add(node("intermediateCatchEvent", late, event("signal", signalRef="sig")))
    d.add(flow(gateway, early), flow(gateway, late), flow(early, first), flow(last, join), flow(late, join))
    return gateway, join


def _loop(d: Drawing, children: list) -> tuple[str, str]:
    merge_, count, again = d.new("g"), d.new("s"), d.new("g")
    first, last = _sequence(d, children)
    d.add(
        node("exclusiveGateway", merge_), script(count, f"=if {count} = null then 1 else {count} + 1", count)
    )
    out = d.new("g")
    d.add(node("exclusiveGateway", again, default=f"{again}_{out}"), node("exclusiveGateway", out))
    d.add(flow(merge_, count), flow(count, first), flow(last, again))
    d.add(flow(again, merge_, f"={count} &lt; 2"), flow(again, out))
    return merge_, out


_NESTED = {
    "sequence": _sequence,
    "parallel": _between("parallelGateway", lambda index: ""),
    "inclusive": _between("inclusiveGateway", lambda index: f"=modulo(seed, {index + 1}) = 0"),
    "exclusive": _between("exclusiveGateway", lambda index: f"=modulo(seed, {index + 1}) = 1"),
    "sub": _sub,
    "each": _each,
    "one_by_one": _one_by_one,
    "race": _race,
    "loop": _loop,
}
