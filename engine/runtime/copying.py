"""Copies of a procedure under another key, and diagrams from elsewhere: what a new procedure may begin with."""

from __future__ import annotations

from lxml import etree

from engine import bpmn, safe_xml
from engine.runtime import texts
from engine.runtime.bundles import Bundle, Files
from engine.runtime.refusals import UnreadableFile

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
#: Attributes that name the process of a diagram.
_NAMING = ("id", "processRef", "bpmnElement")


def copy(bundle: Bundle, *, key: str, name: str) -> Files:
    """The files of a procedure as another one of that key and name; forms and tables stay as they are."""
    files = {}
    for (kind, file), content in bundle.files.items():
        if kind == "bpmn":
            files[kind, f"{key}.bpmn"] = _renamed(content, bundle.process_key, key, name)
        elif kind == "words" and (language := _language(file, bundle.process_key)):
            files[kind, texts.file_of(key, language)] = content
        else:
            files[kind, file] = content
    return files


def key_of(name: str, diagram: bytes) -> tuple[str, str]:
    """Id and name of the one process of a diagram from elsewhere. Raises `UnreadableFile`, with `name` of the file."""
    try:
        processes = list(bpmn.parse(diagram).processes.values())
    except bpmn.InvalidDiagram as invalid:
        raise UnreadableFile(name=name, why=str(invalid)) from invalid
    run = [each for each in processes if each.executable] or processes
    if len(run) != 1:
        raise UnreadableFile(name=name, why=f"{len(run)} executable processes, not one")
    return run[0].id, run[0].name or run[0].id


def _renamed(diagram: bytes, old: str, key: str, name: str) -> bytes:
    root = safe_xml.read(diagram)
    for element in root.iter("{*}*"):
        for attribute in _NAMING:
            if element.get(attribute) == old:
                element.set(attribute, key)
    for element in root.iter(f"{_BPMN}process", f"{_BPMN}participant"):
        if key in (element.get("id"), element.get("processRef")):
            element.set("name", name)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _language(file: str, key: str) -> str:
    """ "zh" of "refund_only.zh.json"; nothing of another's words."""
    return file.removeprefix(f"{key}.").removesuffix(".json") if file.startswith(f"{key}.") else ""
