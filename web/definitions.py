"""Versions of procedures as files: the diagram, with its words in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import Response
from lxml import etree

from engine import safe_xml
from web.i18n import LANGUAGES
from web.screen import Command, Screen

router = Screen(prefix="/definitions/{definition_id}")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
#: A version never changes.
KEPT = {"Cache-Control": "private, max-age=604800, immutable"}


@router.get("/diagram.{language}.bpmn")
def diagram(ctx: Command, definition_id: int, language: str) -> Response:
    """The diagram of a version, for the viewer."""
    definition = ctx.engine.definitions.get(ctx.session, definition_id)
    known = language if language in LANGUAGES else "en"
    xml = translated(definition.bpmn_xml, lambda text: definition.translate(text, known))
    return Response(xml, media_type="application/xml", headers=KEPT)


def translated(xml: bytes, translate: Callable[[str], str]) -> bytes:
    """A diagram with its texts in another language."""
    root = safe_xml.read(xml)
    for element in root.iter(f"{BPMN}*"):
        if name := element.get("name"):
            element.set("name", translate(name))
        if element.tag == f"{BPMN}text" and element.text:
            element.text = translate(element.text)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
