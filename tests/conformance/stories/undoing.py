"""Compensation and cancelled transactions."""

from tests.bpmn.drawing import boundary, end, event, flows, node, start, subprocess
from tests.conformance.drawn import Story, log
from tests.conformance.shapes import story, throw, times


def _compensation() -> list[Story]:
    def undone(task: str) -> str:
        return (
            boundary(f"undo_{task}", task, event("compensate"))
            + log(f"un{task}", isForCompensation="true")
            + node("association", f"as_{task}", sourceRef=f"undo_{task}", targetRef=f"un{task}")
        )

    both = log("a") + undone("a") + log("b") + undone("b")
    inside = subprocess("sub", start("in"), both, end("out"), flows("in a b out"))
    recover = start("rec", event("compensate")) + log("recovered") + flows("rec recovered")
    return [
        story(
            "compensation_by_a_throw",
            start(), both, throw("undo", event("compensate")), log("after"), flows("start a b undo after"),
            trace="a b unb una after",
        ),
        story(
            "compensation_of_one_activity",
            start(), both, throw("undo", event("compensate", activityRef="a")), flows("start a b undo"),
            trace="a b una",
        ),
        story(
            "compensation_by_an_end_event",
            start(), both, end("undo", event("compensate")), flows("start a b undo"),
            trace="a b unb una",
        ),
        story(
            "compensation_of_a_subprocess",
            start(), inside, throw("undo", event("compensate", activityRef="sub")), flows("start sub undo"),
            trace="a b unb una",
        ),
        story(
            "compensation_event_subprocess",
            start(),
            subprocess("sub", start("in"), both, end("out"), flows("in a b out"),
                       subprocess("esp", recover, triggeredByEvent="true")),
            throw("undo", event("compensate", activityRef="sub")),
            flows("start sub undo"),
            trace="a b recovered",
        ),
        story(
            "compensation_event_subprocess_undoes_inside",
            start(),
            subprocess("sub", start("in"), both, end("out"), flows("in a b out"),
                       subprocess("esp", recover, throw("deeper", event("compensate")),
                                  flows("recovered deeper"), triggeredByEvent="true")),
            throw("undo", event("compensate", activityRef="sub")),
            flows("start sub undo"),
            trace="a b recovered unb una",
        ),
        story(
            "a_cancelled_transaction",
            start(),
            node("transaction", "sub", start("in"), both, end("stop", event("cancel")), flows("in a b stop")),
            boundary("cancelled", "sub", event("cancel")),
            log("after"),
            log("never"),
            flows("start sub never", "cancelled after"),
            trace="a b unb una after",
        ),
        story(
            "compensation_of_repetitions",
            start(),
            log("a", times("=2")), undone("a"), throw("undo", event("compensate")), flows("start a undo"),
            trace="a a una",
        ),
        story(
            "nothing_to_compensate",
            start(), throw("early", event("compensate")), both, flows("start early a b"),
            trace="a b",
        ),
    ]  # fmt: skip


STORIES = [*_compensation()]
