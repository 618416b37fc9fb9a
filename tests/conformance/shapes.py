"""Parts that several stories draw."""

from tests.bpmn.drawing import flows, node, start, timer
from tests.conformance.drawn import Story, process


def catch(id_: str, definition: str, **attributes: str) -> str:
    return node("intermediateCatchEvent", id_, definition, **attributes)


def throw(id_: str, definition: str) -> str:
    return node("intermediateThrowEvent", id_, definition)


def pause(id_: str, duration: str = "PT1S") -> str:
    return catch(id_, timer(duration))


def user(id_: str) -> str:
    """Somebody who never does anything."""
    return node("userTask", id_)


def waits(seconds: int) -> str:
    """The inside of a sub-process that takes its time."""
    return start("in") + pause("long", f"PT{seconds}S") + flows("in long")


def loop(condition_: str = "", **attributes: str) -> str:
    inside = f"<bpmn:loopCondition>{condition_}</bpmn:loopCondition>" if condition_ else ""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<bpmn:standardLoopCharacteristics{given}>{inside}</bpmn:standardLoopCharacteristics>"


def times(count: str, stop: str = "", sequential: bool = False) -> str:
    ends = f"<bpmn:completionCondition>{stop}</bpmn:completionCondition>" if stop else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>{ends}</bpmn:multiInstanceLoopCharacteristics>"
    )


def story(name: str, *body: str, trace: str, **more: object) -> Story:
    outcome = str(more.pop("outcome", "completed"))
    return Story(name=name, xml=process(name, *body), trace=trace.split(), outcome=outcome, more=dict(more))
