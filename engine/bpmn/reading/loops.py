"""Multi-instance and standard loop characteristics."""

from engine.bpmn.model import Loop
from engine.bpmn.reading.document import Document, Node, extension, kid, local, reference, text
from engine.bpmn.reading.events import read_event


def read_loop(document: Document, node: Node) -> Loop | None:
    multi = kid(node, "multiInstanceLoopCharacteristics")
    if multi is not None:
        return _multi_instance(document, node, multi)
    standard = kid(node, "standardLoopCharacteristics")
    if standard is None:
        return None
    maximum = standard.get("loopMaximum")
    return Loop(
        kind="standard",
        sequential=True,
        condition=text(kid(standard, "loopCondition")) or None,
        maximum=int(maximum) if maximum else None,
        test_before=standard.get("testBefore", "false") == "true",
    )


def _multi_instance(document: Document, node: Node, multi: Node) -> Loop:
    zeebe = extension(multi, "loopCharacteristics")
    given = {} if zeebe is None else zeebe
    behavior = multi.get("behavior", "All")
    event = None
    if behavior in ("None", "One"):
        thrown = document.ids.get(reference(multi.get(f"{behavior.lower()}BehaviorEventRef")) or "")
        if thrown is not None:
            event = read_event(document, local(thrown).removesuffix("EventDefinition"), thrown, node)
    return Loop(
        kind="multiInstance",
        sequential=multi.get("isSequential", "false") == "true",
        collection=given.get("inputCollection") or None,
        element=given.get("inputElement") or None,
        output_collection=given.get("outputCollection") or None,
        output_element=given.get("outputElement") or None,
        cardinality=text(kid(multi, "loopCardinality")) or None,
        completion_condition=text(kid(multi, "completionCondition")) or None,
        behavior=behavior,
        event=event,
    )
