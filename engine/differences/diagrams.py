"""Two versions of a diagram, element by element: attributes, extension elements, flows, lanes, the drawing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.differences import drawing
from engine.differences.changes import Change, Name, Phrase, Term, Value, What
from engine.differences.drawing import FILE, Drawing, Drawn
from engine.differences.words import PROPERTIES

#: A key in a path: `zeebe:ioMapping/zeebe:input[order]@source`.
_KEY = re.compile(r"\[([^\]]*)\]")
#: Attributes whose value is the id of another element.
_REFERENCE = re.compile(r"(Ref|@default|@within|@lane)$")
#: Told by sentences of their own.
_APART = frozenset({"@name", "@sourceRef", "@targetRef", "@lane"})


def changes(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """In the order of the new file, then what is gone, then the drawing. Raises `lxml.etree.XMLSyntaxError`."""
    yield from _Comparison(file, drawing.read(before), drawing.read(after)).changes()


class _Comparison:
    def __init__(self, file: str, before: Drawing, after: Drawing) -> None:
        self._file, self._before, self._after = file, before, after

    def changes(self) -> Iterator[Change]:
        before, after = self._before.elements, self._after.elements
        for id_, new in after.items():
            old = before.get(id_)
            if old is None:
                yield self._change("added", "element_added", new, what=self._phrase(new, self._after))
            else:
                yield from self._element(old, new)
        for id_, old in before.items():
            if id_ not in after:
                yield self._change("removed", "element_removed", old, what=self._phrase(old, self._before))
        yield from self._drawn()

    def _element(self, old: Drawn, new: Drawn) -> Iterator[Change]:
        what = self._phrase(new, self._after)
        if old.type != new.type:
            yield self._change(
                "changed",
                "element_retyped",
                new,
                name=Name(new.name or new.id),
                old=Term(old.type),
                new=Term(new.type),
            )
        if old.name != new.name:
            type_ = Term(new.type)
            if old.name and new.name:
                yield self._change(
                    "changed", "element_renamed", new, type=type_, old=Name(old.name), new=Name(new.name)
                )
            elif new.name:
                yield self._change("changed", "element_named", new, type=type_, new=Name(new.name))
            else:
                yield self._change("changed", "element_unnamed", new, type=type_, old=Name(old.name))
        yield from self._ends(old, new)
        if old.values.get("@lane") != new.values.get("@lane"):
            lanes = (self._named(self._before, old, "@lane"), self._named(self._after, new, "@lane"))
            yield self._change("changed", "element_to_lane", new, what=what, old=lanes[0], new=lanes[1])
        for path in dict.fromkeys((*new.values, *old.values)):
            if path not in _APART and old.values.get(path) != new.values.get(path):
                yield self._value(path, old, new, what)

    def _ends(self, old: Drawn, new: Drawn) -> Iterator[Change]:
        """A flow, association or message flow that leads elsewhere."""
        ends = ("@sourceRef", "@targetRef")
        if any(old.values.get(end) != new.values.get(end) for end in ends):
            was = {end: self._named(self._before, old, end) for end in ends}
            now = {end: self._named(self._after, new, end) for end in ends}
            yield self._change(
                "changed",
                "flow_rerouted",
                new,
                type=Term(new.type),
                old_source=was["@sourceRef"],
                old_target=was["@targetRef"],
                source=now["@sourceRef"],
                target=now["@targetRef"],
            )

    def _value(self, path: str, old: Drawn, new: Drawn, what: Phrase) -> Change:
        was, now = self._shown(self._before, old, path), self._shown(self._after, new, path)
        key = _KEY.search(path)
        label = PROPERTIES.get(_KEY.sub("", path).removeprefix("@"))
        prop: Value = Term(label) if label else path.removeprefix("@")
        if key and label:
            prop = Phrase("keyed", {"label": Term(label), "key": key[1]})
        about = {"property": prop, "what": what}
        if was is None:
            return self._change("changed", "value_set", new, **about, new=now or "")
        if now is None:
            return self._change("changed", "value_gone", new, **about, old=was)
        return self._change("changed", "value_changed", new, **about, old=was, new=now)

    def _shown(self, within: Drawing, drawn: Drawn, path: str) -> Value | None:
        value = drawn.values.get(path)
        if value is not None and _REFERENCE.search(path):
            return self._named(within, drawn, path)
        return value

    def _named(self, within: Drawing, drawn: Drawn, path: str) -> Value:
        """The name of the element that a value refers to; its type and id where it has no name."""
        other = within.elements.get(drawn.values.get(path, "").rpartition(":")[2])
        if other is None:
            return drawn.values.get(path, "")
        return (
            Name(other.name) if other.name else Phrase("nameless", {"type": Term(other.type), "id": other.id})
        )

    def _phrase(self, drawn: Drawn, within: Drawing) -> Phrase:
        """How an element is spoken of."""
        type_ = Term(drawn.type)
        if drawn.id == FILE:
            return Phrase("the_diagram", {})
        if "@sourceRef" in drawn.values:
            source, target = (
                self._named(within, drawn, "@sourceRef"),
                self._named(within, drawn, "@targetRef"),
            )
            return Phrase("flow", {"type": type_, "source": source, "target": target})
        if drawn.name:
            return Phrase("named", {"type": type_, "name": Name(drawn.name)})
        return Phrase("nameless", {"type": type_, "id": drawn.id})

    def _drawn(self) -> Iterator[Change]:
        """Shapes and edges that only look otherwise; those of changed ends are told already."""
        before, after = self._before.layout, self._after.layout
        touched = tuple(id_ for id_ in after if id_ in before and before[id_] != after[id_])
        if touched:
            yield Change(
                kind="bpmn",
                file=self._file,
                what="layout",
                code="layout",
                elements=touched,
                params={"n": len(touched)},
            )

    def _change(self, kind: What, code: str, drawn: Drawn, /, **params: Value) -> Change:
        elements = () if drawn.id == FILE else (drawn.id,)
        return Change(kind="bpmn", file=self._file, what=kind, code=code, elements=elements, params=params)
