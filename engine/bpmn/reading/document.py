"""The XML of a diagram, read without trusting it, with the look-ups that rules and reader share."""

from collections.abc import Callable, Iterator
from functools import cached_property

from lxml import etree

from engine import safe_xml
from engine.bpmn.problems import InvalidDiagram, error

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

MAX_DEPTH = 100

TASKS = frozenset(
    [
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "businessRuleTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
    ]
)
SUBPROCESSES = frozenset(["subProcess", "transaction", "adHocSubProcess"])
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset(
    ["exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"]
)
EVENTS = frozenset(
    ["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"]
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
CHOREOGRAPHY = frozenset(["choreographyTask", "subChoreography", "callChoreography"])
SCOPES = SUBPROCESSES | {"process"}

#: What holds members that a modeller shows and a problem can point at.
HOLDERS = SCOPES | {"definitions", "collaboration", "laneSet", "category"}

Node = etree._Element


def local(node: Node | None) -> str:
    """Name of a BPMN element without its namespace; empty for elements of other namespaces."""
    if node is None:
        return ""
    tag = node.tag
    return tag[len(BPMN) + 2 :] if tag.startswith("{" + BPMN + "}") else ""


def kids(node: Node, name: str) -> list[Node]:
    """BPMN children of that name."""
    return node.findall(f"{{{BPMN}}}{name}")


def kid(node: Node, name: str) -> Node | None:
    return node.find(f"{{{BPMN}}}{name}")


def text(node: Node | None) -> str:
    """Trimmed text content, empty when there is none."""
    return "" if node is None else "".join(node.itertext()).strip()


def extensions(node: Node, name: str) -> list[Node]:
    """``zeebe:`` extension elements of that name, directly under ``extensionElements``."""
    holder = kid(node, "extensionElements")
    return [] if holder is None else holder.findall(f"{{{ZEEBE}}}{name}")


def extension(node: Node, name: str) -> Node | None:
    found = extensions(node, name)
    return found[0] if found else None


def reference(value: str | None) -> str | None:
    """The id inside a QName reference: ``ns:id`` and ``id`` mean the same within one file."""
    if not value:
        return None
    return value.strip().rpartition(":")[2] or None


class Document:
    """A parsed file. Building it raises ``InvalidDiagram`` when the bytes are no BPMN we may read."""

    def __init__(self, xml: bytes):
        self.root = _read(xml)
        #: Gives what is wrong with an expression (without its "="), or None.
        self.check_expression: Callable[[str], str | None] | None = None

    @cached_property
    def ids(self) -> dict[str, Node]:
        """Every element with an id outside the drawing; the first wins where an id is used twice."""
        found: dict[str, Node] = {}
        for node in self.nodes():
            if node.get("id"):
                found.setdefault(node.get("id"), node)
        return found

    def nodes(self, *names: str) -> Iterator[Node]:
        """BPMN elements in the order of the file, all of them or those of the given names."""
        for node in self.root.iter(f"{{{BPMN}}}*"):
            if not names or local(node) in names:
                yield node

    @cached_property
    def processes(self) -> list[Node]:
        return kids(self.root, "process")

    @cached_property
    def flow_nodes(self) -> list[Node]:
        return [node for node in self.nodes() if local(node) in FLOW_NODES and in_process(node)]

    @cached_property
    def flows(self) -> list[Node]:
        return [node for node in self.nodes("sequenceFlow") if in_process(node)]

    @cached_property
    def outgoing(self) -> dict[str, list[Node]]:
        return self._by("sourceRef")

    @cached_property
    def incoming(self) -> dict[str, list[Node]]:
        return self._by("targetRef")

    def _by(self, attribute: str) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for flow in self.flows:
            found.setdefault(reference(flow.get(attribute)) or "", []).append(flow)
        return found

    def events(self, node: Node) -> list[tuple[str, Node]]:
        """The event definitions of an event as (kind, element), references to shared ones followed."""
        found = []
        for child in node:
            name = local(child)
            if name == "eventDefinitionRef":
                child = self.ids.get(reference(text(child)) or "", child)
                name = local(child)
            if name.endswith("EventDefinition"):
                found.append((name.removesuffix("EventDefinition"), child))
        return found

    def flow_id(self, flow: Node) -> str:
        """The flow's id; a flow without one is known by its place in the file."""
        return flow.get("id") or f"flow:{self.flows.index(flow) + 1}"


def in_process(node: Node) -> bool:
    """Whether the element stands inside a process (and not in a choreography or a collaboration)."""
    return any(local(ancestor) == "process" for ancestor in node.iterancestors())


def identify(node: Node | None) -> str:
    """The id to blame: that of the flow node, flow or other member of a scope that the element is or is part of.

    A member without an id is known by what holds it.
    """
    while node is not None and local(node.getparent()) not in HOLDERS:
        node = node.getparent()
    while node is not None and not node.get("id"):
        node = node.getparent()
    return "" if node is None else node.get("id")


def _read(xml: bytes) -> Node:
    if len(xml) > safe_xml.MOST_OCTETS:
        raise InvalidDiagram(
            [
                error(
                    "",
                    "too_large",
                    "The file has {size} bytes, more than the {limit} that are read.",
                    "Split the diagram into processes that call each other.",
                    size=len(xml),
                    limit=safe_xml.MOST_OCTETS,
                )
            ]
        )
    try:
        root = safe_xml.read(xml, remarks=False)
    except safe_xml.DocumentType:
        raise InvalidDiagram(
            [error("", "document_type", "The file has a document type declaration.", "Remove the DOCTYPE.")]
        ) from None
    except safe_xml.TooMuch:
        raise _too_deep() from None
    except etree.XMLSyntaxError as reason:
        raise InvalidDiagram(
            [
                error(
                    "",
                    "not_xml",
                    "The file is not well-formed XML: {reason}.",
                    "Save the diagram again from the modeller.",
                    reason=str(reason).rstrip("."),
                )
            ]
        ) from None
    _refuse_strange(root)
    return root


def _refuse_strange(root: Node) -> None:
    if root.tag != f"{{{BPMN}}}definitions":
        raise InvalidDiagram(
            [
                error(
                    "",
                    "not_bpmn",
                    "The file is XML, but its root is not the definitions element of BPMN 2.0.",
                    "Upload a BPMN 2.0 diagram.",
                )
            ]
        )
    depth = 0
    for action, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if action == "start" else -1
        if depth > MAX_DEPTH:
            raise _too_deep()


def _too_deep() -> InvalidDiagram:
    return InvalidDiagram(
        [
            error(
                "",
                "too_deep",
                "The file is nested deeper than {depth} levels or has more than {nodes} elements.",
                "Split the diagram into processes that call each other.",
                depth=MAX_DEPTH,
                nodes=safe_xml.MOST_ELEMENTS,
            )
        ]
    )
