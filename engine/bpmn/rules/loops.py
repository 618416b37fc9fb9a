"""Repeated activities."""

from collections.abc import Iterator

from config.problem import Problem
from engine.bpmn.problems import error
from engine.bpmn.reading.document import Document, Node, extension, identify, kid, local, reference, text


def looped(document: Document, kind: str) -> Iterator[tuple[Node, Node]]:
    for characteristics in document.nodes(f"{kind}LoopCharacteristics"):
        yield characteristics.getparent(), characteristics


def one_kind(document: Document) -> Iterator[Problem]:
    for node in document.flow_nodes:
        found = [child for child in node if local(child).endswith("LoopCharacteristics")]
        if len(found) > 1:
            yield error(
                identify(node),
                "two_loops",
                "The activity has two kinds of loop.",
                "Leave one of them, or put the activity into a repeated sub-process.",
            )
        if found and node.get("triggeredByEvent") == "true":
            yield error(
                identify(node),
                "event_subprocess_loop",
                "An event sub-process cannot be repeated.",
                "Repeat a sub-process inside it.",
            )


def multi_instance_says_over_what(document: Document) -> Iterator[Problem]:
    for node, multi in looped(document, "multiInstance"):
        zeebe = extension(multi, "loopCharacteristics")
        collection = None if zeebe is None else zeebe.get("inputCollection")
        cardinality = kid(multi, "loopCardinality")
        if not collection and not text(cardinality):
            yield error(
                identify(node),
                "multi_instance_over_what",
                "The multi-instance activity says neither how many nor over what.",
                "Set its input collection.",
            )
        if collection and cardinality is not None:
            yield error(
                identify(node),
                "multi_instance_twice",
                "The multi-instance activity has both an input collection and a cardinality.",
                "Leave one of them.",
            )
        if collection and not collection.startswith("="):
            yield error(
                identify(node),
                "not_an_expression",
                "The input collection {text} is no expression.",
                "Let it begin with an equals sign.",
                text=collection,
            )
        if zeebe is not None and bool(zeebe.get("outputCollection")) != bool(zeebe.get("outputElement")):
            yield error(
                identify(node),
                "output_collection_half",
                "Output collection and output element belong together.",
                "Set both or neither.",
            )


def multi_instance_behavior(document: Document) -> Iterator[Problem]:
    for node, multi in looped(document, "multiInstance"):
        behavior = multi.get("behavior", "All")
        if behavior == "Complex" or kid(multi, "complexBehaviorDefinition") is not None:
            yield error(
                identify(node),
                "complex_behavior",
                "Complex behaviour of a multi-instance activity is not run.",
                "Use a completion condition, or throw the events inside.",
            )
        elif behavior in ("None", "One"):
            event = document.ids.get(reference(multi.get(f"{behavior.lower()}BehaviorEventRef")) or "")
            if event is None or local(event) != "signalEventDefinition":
                yield error(
                    identify(node),
                    "behavior_event",
                    "The behaviour {behavior} throws an event, which has to be a signal here.",
                    "Choose a signal, or the behaviour All.",
                    behavior=behavior,
                )


def standard_loop_ends(document: Document) -> Iterator[Problem]:
    for node, loop in looped(document, "standard"):
        maximum = loop.get("loopMaximum")
        if maximum is not None and not maximum.isdecimal():
            yield error(
                identify(node),
                "loop_maximum",
                "The loop maximum {maximum} is no whole number of zero or more.",
                "Set a number, or remove it.",
                maximum=maximum,
            )
        if maximum is None and not text(kid(loop, "loopCondition")):
            yield error(
                identify(node),
                "loop_without_end",
                "The loop has neither a condition nor a maximum.",
                "Say while what it repeats, or how often at most.",
            )


RULES = (one_kind, multi_instance_says_over_what, multi_instance_behavior, standard_loop_ends)
