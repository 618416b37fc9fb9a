"""Links: each throwing end has its catching end."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error
from engine.bpmn.reading.document import Document, Node, identify
from engine.bpmn.reading.events import link_name
from engine.bpmn.rules.events import events


def links(document: Document) -> Iterator[Problem]:
    thrown: list[tuple[Node, str]] = []
    caught: list[tuple[Node, str]] = []
    for node, place, definitions in events(document):
        for kind, definition in definitions:
            if kind == "link" and place in ("intermediate throw", "intermediate catch"):
                (thrown if place == "intermediate throw" else caught).append(
                    (node, link_name(document, definition))
                )
    for node, name in thrown:
        targets = [t for t, other in caught if other == name and t.getparent() is node.getparent()]
        if not targets:
            yield error(
                identify(node),
                "link_without_target",
                "The throwing link {name} leads nowhere.",
                "Add a catching link of the same name beside it.",
                name=name,
            )
        elif len(targets) > 1:
            yield error(
                identify(targets[1]),
                "link_twice",
                "Several catching links have the name {name}.",
                "Give each catching link a name of its own.",
                name=name,
            )
    for node, name in caught:
        if not any(other == name and t.getparent() is node.getparent() for t, other in thrown):
            yield error(
                identify(node),
                "link_without_source",
                "No throwing link leads to the catching link {name}.",
                "Add a throwing link of the same name beside it.",
                name=name,
            )


RULES = (links,)
