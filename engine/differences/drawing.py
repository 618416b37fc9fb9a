"""A diagram read for comparison: every element with all its values flat, and where it stands, kept apart.

Nothing is left out for being unknown: an attribute or extension of any vendor is a value like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine import safe_xml

_PREFIXES = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": "",
    "http://camunda.org/schema/zeebe/1.0": "zeebe:",
    "http://camunda.org/schema/modeler/1.0": "modeler:",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi:",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "",
}
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
#: Only there to hold others: they mean nothing by themselves and are no part of a value's path.
_HOLDERS = frozenset({"extensionElements", "zeebe:ioMapping", "zeebe:taskHeaders"})
#: Said a second time by the sequence flows and by each element's lane.
_DERIVED = frozenset({"incoming", "outgoing", "flowNodeRef"})
#: Parts of an element although they may have an id of their own.
_PARTS = frozenset(
    {
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "ioSpecification",
        "conditionExpression",
        "documentation",
        *_HOLDERS,
    }
)
#: Values that say what is so without them; an editor leaves them out.
_DEFAULTS = {
    "cancelActivity": "true",
    "isInterrupting": "true",
    "isForCompensation": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "parallelMultiple": "false",
    "isSequential": "false",
    "triggeredByEvent": "false",
    "instantiate": "false",
    "isClosed": "false",
    "isCollection": "false",
    "isUnlimited": "true",
    "processType": "None",
    "gatewayDirection": "Unspecified",
    "eventGatewayType": "Exclusive",
    "behavior": "All",
    "associationDirection": "None",
    "testBefore": "false",
    "ordering": "Parallel",
    "cancelRemainingInstances": "true",
    "method": "##Compensate",
    "itemKind": "Information",
    "textFormat": "text/plain",
    "mustUnderstand": "false",
    "isExecutable": "false",
    "typeLanguage": "http://www.w3.org/2001/XMLSchema",
    "expressionLanguage": "http://www.w3.org/1999/XPath",
}
#: Who wrote the file and where its schema lies: nothing about the procedure.
_IGNORED = frozenset({"exporter", "exporterVersion", "xsi:schemaLocation"})
#: What tells repeated parts of an element apart, by the part's name.
_KEYS = {"zeebe:input": "target", "zeebe:output": "target", "zeebe:header": "key", "zeebe:property": "name"}
#: The id under which the file's own values stand.
FILE = "definitions"


@dataclass(kw_only=True)
class Drawn:
    """One element of a diagram."""

    id: str
    #: Local name in the XML.
    type: str
    name: str = ""
    #: Path within the element -> value: "@name", "zeebe:formDefinition@formId", "conditionExpression".
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A diagram file, read."""

    #: Element id -> element, in the order of the file; `FILE` holds what the file says of itself.
    elements: dict[str, Drawn]
    #: Element id -> everything about how it is drawn.
    layout: dict[str, str]


def read(xml: bytes) -> Drawing:
    """Raises `lxml.etree.XMLSyntaxError`."""
    root = safe_xml.read(xml, remarks=False)
    reader = _Reader()
    reader.element(root, None)
    for lane in root.iter("{*}lane"):
        for ref in lane.iterfind("{*}flowNodeRef"):
            # An inner lane comes after the one around it: the innermost counts.
            node = reader.elements.get((ref.text or "").strip())
            if node is not None:
                node.values["@lane"] = lane.get("id", "")
    return Drawing(elements=reader.elements, layout=_layout(root))


class _Reader:
    """Takes the tree apart into elements."""

    def __init__(self) -> None:
        self.elements: dict[str, Drawn] = {}
        self._nameless: Counter[str] = Counter()

    def element(self, node: etree._Element, within: str | None) -> None:
        """An element of its own, directly inside the element `within`."""
        type_, id_ = _tag(node), node.get("id")
        if within is None:
            id_ = FILE
        elif id_ is None:
            self._nameless[type_] += 1
            id_ = f"{type_}#{self._nameless[type_]}"
        drawn = self.elements[id_] = Drawn(id=id_, type=type_, name=" ".join(node.get("name", "").split()))
        drawn.values = {f"@{name}": value for name, value in _attributes(node) if within or name != "name"}
        if within and within != FILE:
            drawn.values["@within"] = within
        for child in node:
            self._child(child, drawn)

    def _child(self, node: etree._Element, drawn: Drawn) -> None:
        type_ = _tag(node)
        if type_ in _DERIVED or node.tag.startswith(_DI):
            return
        if type_ in ("laneSet", "childLaneSet"):
            for child in node:
                self._child(child, drawn)
        elif drawn.id == FILE or (
            node.get("id")
            and type_ not in _PARTS
            and ":" not in type_
            and not type_.endswith("EventDefinition")
        ):
            self.element(node, drawn.id)
        else:
            _fold(node, "", drawn.values)


def flat(node: etree._Element) -> dict[str, str]:
    """All values of an element and of everything inside it, by path; without its id and name."""
    values = {f"@{name}": value for name, value in _attributes(node) if name != "name"}
    for child in node:
        _fold(child, "", values)
    return values


def _fold(node: etree._Element, path: str, values: dict[str, str]) -> None:
    """The values of a part of an element, under its path."""
    type_ = _tag(node)
    attributes = list(_attributes(node))
    if type_ not in _HOLDERS:
        key = _KEYS.get(type_)
        step = f"{type_}[{node.get(key)}]" if key else type_
        path = f"{path}/{step}" if path else step
        attributes = [(name, value) for name, value in attributes if name != key]
        path = _free(path, values)
        for name, value in attributes:
            values[f"{path}@{name}"] = value
        text = (node.text or "").strip()
        if text or not (attributes or len(node)):
            values[path] = text or "true"
    for child in node:
        _fold(child, path, values)


def _free(path: str, values: Mapping[str, str]) -> str:
    """The path itself, or for the second of its kind the path with a number."""
    number, free = 1, path
    while any(each == free or each.startswith((f"{free}@", f"{free}/")) for each in values):
        number += 1
        free = f"{path}#{number}"
    return free


def _attributes(node: etree._Element) -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        name = _named(name)
        value = value.strip()
        if name == "xsi:type":
            value = value.rpartition(":")[2]
        if name == "id" or name in _IGNORED or _DEFAULTS.get(name) == value:
            continue
        if name == "xsi:type" and value == "tFormalExpression":
            continue
        yield name, value


def _tag(node: etree._Element) -> str:
    return _named(node.tag)


def _named(name: str) -> str:
    """A name of the XML with the prefix everybody knows; one of another vendor with its namespace."""
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return f"{{{namespace}}}:{local}" if prefix is None else prefix + local


def _layout(root: etree._Element) -> dict[str, str]:
    """Bounds, waypoints, labels and colours by element; numbers rounded to whole pixels."""
    found = {}
    for drawn in (*root.iter("{*}BPMNShape"), *root.iter("{*}BPMNEdge")):
        parts = [
            " ".join(
                [
                    _tag(each).rpartition(":")[2],
                    *(f"{n}={_rounded(v)}" for n, v in sorted(each.attrib.items())),
                ]
            )
            for each in drawn.iter("*")
            if each is not drawn and each.get("x") is not None
        ]
        own = [f"{n}={v}" for n, v in sorted(drawn.attrib.items()) if n not in ("id", "bpmnElement")]
        found[drawn.get("bpmnElement", "").rpartition(":")[2]] = "; ".join([*own, *parts])
    return found


def _rounded(text: str) -> str:
    try:
        return str(round(float(text)))
    except ValueError:
        return text
