"""Versions of procedures as files: the diagram, with its words in the reader's language."""

from __future__ import annotations

from fastapi.responses import Response
from lxml import etree

from engine import safe_xml
from engine.runtime.definitions import Definition
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
    xml = _translated(definition, language if language in LANGUAGES else "en")
    return Response(xml, media_type="application/xml", headers=KEPT)


def _translated(definition: Definition, language: str) -> bytes:
    root = safe_xml.read(definition.bpmn_xml)
    for element in root.iter(f"{BPMN}*"):
        if name := element.get("name"):
            element.set("name", definition.translate(name, language))
        if element.tag == f"{BPMN}text" and element.text:
            element.text = definition.translate(element.text, language)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
