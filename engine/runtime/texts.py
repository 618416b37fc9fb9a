"""Texts: everything in a bundle that people read, for its words in another language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from lxml import etree

from engine import forms, safe_xml
from engine.runtime.bundles import Bundle

#: Element properties and headers that hold sentences for people, not keys.
_PROPERTIES = frozenset({"instructions", "alternatives"})
_HEADERS = frozenset({"text", "label"})
#: Elements whose name is a key for other diagrams, not a text.
_KEYED = frozenset(
    {"message", "error", "escalation", "signal", "property", "variable", "definitions", "collaboration"}
)
_BODIES = frozenset({"documentation", "text", "description"})
#: A decision's answer is a sentence when it has a space in it; a single word is a key.
_SENTENCE = re.compile(r'"([^"]*\s[^"]*)"')
#: Places that are filled with values; a text of nothing else needs no translation.
_FILLED = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text in the source language, the key of its translations."""

    text: str
    #: Kind and name of the file it was first found in.
    kind: str
    file: str


def texts(bundle: Bundle) -> list[Text]:
    """The texts of diagram, decision tables and forms in reading order, each once. Unreadable files are left out."""
    found: dict[str, Text] = {}
    for (kind, file), content in sorted(bundle.files.items()):
        for text in _of(kind, content):
            if re.search(r"[^\W\d_]", _FILLED.sub("", text)) and not text.startswith("="):
                found.setdefault(text, Text(text=text, kind=kind, file=file))
    return list(found.values())


def shared(bundle: Bundle, language: str) -> dict[str, str]:
    """Translations that came with the bundle from the words common to all procedures."""
    return _words(bundle, f"common.{language}.json")


def own(bundle: Bundle, language: str) -> dict[str, str]:
    """The procedure's own translations; they win over the shared ones."""
    return _words(bundle, file_of(bundle.process_key, language))


def file_of(process_key: str, language: str) -> str:
    """Name of the file with a procedure's own words."""
    return f"{process_key}.{language}.json"


def _words(bundle: Bundle, name: str) -> dict[str, str]:
    content = bundle.files.get(("words", name))
    return orjson.loads(content) if content else {}


def _of(kind: str, content: bytes) -> Iterator[str]:
    if kind == "form":
        try:
            yield from (word.text for word in forms.words(content))
        except ValueError:
            return
    elif kind in ("bpmn", "dmn"):
        try:
            root = safe_xml.read(content)
        except etree.XMLSyntaxError:
            return
        yield from _diagram(root) if kind == "bpmn" else _tables(root)


def _diagram(root: etree._Element) -> Iterator[str]:
    for element in root.iter("{*}*"):
        tag = etree.QName(element).localname
        if element.get("name") in _PROPERTIES or element.get("key") in _HEADERS:
            yield element.get("value", "")
        elif tag in _BODIES:
            yield element.text or ""
        elif tag not in _KEYED and not tag.endswith("Definition") and element.get("name"):
            yield element.get("name", "")


def _tables(root: etree._Element) -> Iterator[str]:
    for element in root.iter("{*}*"):
        tag = etree.QName(element).localname
        if tag == "decision":
            yield element.get("name", "")
        elif tag in ("input", "output"):
            yield element.get("label", "")
        elif tag == "description":
            yield element.text or ""
        elif tag in ("outputEntry", "defaultOutputEntry"):
            yield from _SENTENCE.findall("".join(element.itertext()))
