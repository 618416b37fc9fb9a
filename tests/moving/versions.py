"""A next version of a shipped procedure, with steps changed in every way that running cases can meet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from engine.runtime.bundles import Bundle

NS = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL", "z": "http://camunda.org/schema/zeebe/1.0"}
BPMN = f"{{{NS['b']}}}"
#: Prefix of the steps for people that the next version adds before each end.
ADDED = "second_look_"


@dataclass(frozen=True, kw_only=True)
class Next:
    """The next version of a procedure."""

    bundle: Bundle
    #: Steps by another id, which a mapping names.
    renamed: dict[str, str]
    #: Steps by another id, which no mapping names: cases that stand there have to stay.
    replaced: dict[str, str]


def following(bundle: Bundle) -> Next:
    """Every step for people is called otherwise and followed by an automatic one, every end comes after another step
    for people; the first step for people that no four-eyes rule names has another id, and the last one is gone in favour
    of another."""
    tree = etree.fromstring(bundle.diagram)
    process = next(each for each in tree.iter(f"{BPMN}process") if each.get("id") == bundle.process_key)
    people = [each.get("id") for each in process.findall("b:userTask", NS)]
    eyes = {each.get("value") for each in process.iter() if each.get("name") == "fourEyes"}
    free = [id_ for id_ in people if not any(id_ in re.split(r"\W+", value) for value in eyes)]
    renamed = {id_: f"{id_}_anew" for id_ in free[:1]}
    replaced = {id_: f"{id_}_instead" for id_ in people[-1:] if id_ not in renamed}
    _rename(process, renamed | replaced)
    for task in process.findall("b:userTask", NS):
        task.set("name", f"{task.get('name')} (2)")
        for flow in _flows(process, "sourceRef", task.get("id")):
            _put_in(process, flow, _script(f"{task.get('id')}_noted"))
    for end in process.findall("b:endEvent", NS):
        for number, flow in enumerate(_flows(process, "targetRef", end.get("id"))):
            _put_in(process, flow, _person(f"{ADDED}{end.get('id')}_{number}"))
    # Drawing it is nobody's concern here.
    for drawing in tree.findall("{*}BPMNDiagram"):
        tree.remove(drawing)
    name = next(name for kind, name in bundle.files if kind == "bpmn")
    files = {**bundle.files, ("bpmn", name): etree.tostring(tree)}
    return Next(bundle=replace(bundle, files=files), renamed=renamed, replaced=replaced)


def _rename(process: etree._Element, names: dict[str, str]) -> None:
    for element in process.iter():
        for attribute in ("id", "sourceRef", "targetRef", "attachedToRef"):
            if element.get(attribute) in names:
                element.set(attribute, names[element.get(attribute)])
        if element.tag == f"{BPMN}flowNodeRef" and element.text in names:
            element.text = names[element.text]
        if element.get("name") == "fourEyes":
            element.set(
                "value", re.sub(r"\w+", lambda word: names.get(word[0], word[0]), element.get("value"))
            )


def _flows(process: etree._Element, end: str, id_: str) -> list[etree._Element]:
    return [flow for flow in process.findall("b:sequenceFlow", NS) if flow.get(end) == id_]


def _put_in(process: etree._Element, flow: etree._Element, step: etree._Element) -> None:
    """A step in the middle of a flow, as an editor does it: the first half keeps the flow's id."""
    id_, target = step.get("id"), flow.get("targetRef")
    second = etree.SubElement(process, f"{BPMN}sequenceFlow", id=f"{id_}_on", sourceRef=id_, targetRef=target)
    flow.set("targetRef", id_)
    process.append(step)
    for way, about in (("incoming", flow), ("outgoing", second)):
        etree.SubElement(step, f"{BPMN}{way}").text = about.get("id")
    for node in process:
        if node.get("id") == target:
            for way in node.findall("b:incoming", NS):
                if way.text == flow.get("id"):
                    way.text = second.get("id")


def _script(id_: str) -> etree._Element:
    return etree.fromstring(
        f'<b:scriptTask xmlns:b="{NS["b"]}" xmlns:z="{NS["z"]}" id="{id_}" name="Note"><b:extensionElements>'
        f'<z:script expression="=true" resultVariable="{id_}"/></b:extensionElements></b:scriptTask>'
    )


def _person(id_: str) -> etree._Element:
    return etree.fromstring(
        f'<b:userTask xmlns:b="{NS["b"]}" xmlns:z="{NS["z"]}" id="{id_}" name="Look again"><b:extensionElements>'
        "<z:userTask/></b:extensionElements></b:userTask>"
    )
