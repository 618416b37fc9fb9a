"""Small diagrams in a few words."""

from itertools import pairwise
from xml.sax.saxutils import quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="Definitions_1" targetNamespace="test">'
)


def diagram(*body: str, top: str = "", process: str = "p") -> bytes:
    """A file with one executable process; ``top`` stands beside it (messages, signals, errors ...)."""
    inside = "".join(body)
    return f'{HEAD}{top}<bpmn:process id="{process}" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'.encode()


def node(type_: str, id_: str, *inside: str, extensions: str = "", **attributes: str) -> str:
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    extra = f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if extensions else ""
    return f'<bpmn:{type_} id="{id_}"{given}>{extra}{"".join(inside)}</bpmn:{type_}>'


def zeebe(tag: str, /, *inside: str, **attributes: str) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<zeebe:{tag}{given}>{''.join(inside)}</zeebe:{tag}>"


def mappings(**pairs: tuple[str, str]) -> str:
    """``mappings(input=(source, target), output=(source, target))``"""
    return zeebe("ioMapping", *(zeebe(kind, source=s, target=t) for kind, (s, t) in pairs.items()))


def start(id_: str = "start", *inside: str, **attributes: str) -> str:
    return node("startEvent", id_, *inside, **attributes)


def end(id_: str = "end", *inside: str, **attributes: str) -> str:
    return node("endEvent", id_, *inside, **attributes)


def user(id_: str, *inside: str, extensions: str = "", **attributes: str) -> str:
    form = zeebe("userTask") + zeebe("formDefinition", formId="form")
    return node("userTask", id_, *inside, extensions=form + extensions, **attributes)


def job(id_: str, *inside: str, type_: str = "work", extensions: str = "", **attributes: str) -> str:
    return node(
        "serviceTask", id_, *inside, extensions=zeebe("taskDefinition", type=type_) + extensions, **attributes
    )


def script(
    id_: str, expression: str, result: str, *inside: str, extensions: str = "", **attributes: str
) -> str:
    work = zeebe("script", expression=expression, resultVariable=result)
    return node("scriptTask", id_, *inside, extensions=work + extensions, **attributes)


def subprocess(id_: str, *inside: str, **attributes: str) -> str:
    return node("subProcess", id_, *inside, **attributes)


def boundary(id_: str, host: str, *inside: str, **attributes: str) -> str:
    return node("boundaryEvent", id_, *inside, attachedToRef=host, **attributes)


def each(collection: str, *inside: str, sequential: bool = False, **attributes: str) -> str:
    """Multi-instance over ``collection``."""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        + zeebe("loopCharacteristics", inputCollection=collection, inputElement="item", **attributes)
        + f"</bpmn:extensionElements>{''.join(inside)}</bpmn:multiInstanceLoopCharacteristics>"
    )


def flow(source: str, target: str, condition: str = "", id_: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return node("sequenceFlow", id_ or f"{source}_{target}", inside, sourceRef=source, targetRef=target)


def flows(*chains: str) -> str:
    """``flows("start a end", "a b")``: the flows start-a, a-end and a-b."""
    drawn = ""
    for chain in chains:
        ids = chain.split()
        drawn += "".join(flow(source, target) for source, target in pairwise(ids))
    return drawn


def event(kind: str, *inside: str, **attributes: str) -> str:
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{kind}EventDefinition{given}>{''.join(inside)}</bpmn:{kind}EventDefinition>"


def timer(duration: str = "", *, cycle: str = "", date: str = "") -> str:
    kind, text = next((k, t) for k, t in (("Duration", duration), ("Cycle", cycle), ("Date", date)) if t)
    return event("timer", f"<bpmn:time{kind}>{text}</bpmn:time{kind}>")


def condition(text: str) -> str:
    return event("conditional", f"<bpmn:condition>{text}</bpmn:condition>")


def message(id_: str, key: str = "=key") -> str:
    """A message, to be put at the top of a file."""
    return node("message", id_, extensions=zeebe("subscription", correlationKey=key), name=id_)
