"""XML that people upload: nothing of the machine or the network is read by it, and none of it holds the machine up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from engine import bpmn, safe_xml
from engine.bpmn import InvalidDiagram
from engine.differences import decision_tables as told_tables
from engine.differences import drawing
from engine.dmn import lint
from engine.runtime import drafts, texts
from engine.runtime.refusals import UnreadableFile
from web import decision_tables

ROOT = Path(__file__).resolve().parents[2]
SECRET = "0b5c9f-the-secret"


def laughs(levels: int) -> str:
    return "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(levels))


#: `{secret}` is the address of a file that must not be read.
DOCUMENTS = {
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs(9)}]><a>&l9;</a>',
    "one entity many times": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 50_000}</a>',
    "an entity within itself": '<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a>&x;</a>',
    "a file as an entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]><a>&x;</a>',
    "a file in an attribute": '<!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]><a b="&x;"/>',
    "an address as an entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a>&x;</a>',
    "a file as a document type": '<!DOCTYPE a SYSTEM "{secret}"><a/>',
    "an address as a document type": '<!DOCTYPE a PUBLIC "-//a" "http://127.0.0.1:9/a.dtd"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "{secret}"> %p;]><a/>',
    "defaults of a document type": '<!DOCTYPE a [<!ATTLIST a b CDATA "given">]><a/>',
    "an empty document type": "<!DOCTYPE a><a/>",
    "an inclusion": '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{secret}" parse="text"/></a>',
    "a style sheet": '<?xml-stylesheet type="text/xsl" href="{secret}"?><a/>',
    "a schema": '<a xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:schemaLocation="a {secret}"/>',
    "depth without end": "<a>" * 200_000 + "</a>" * 200_000,
    "tags that never close": "<a>" * 1_000_000,
    "an attribute without end": f'<a b="{"x" * 4_900_000}"/>',
    "attributes without end": "<a " + " ".join(f'a{n}="1"' for n in range(300_000)) + "/>",
    "children without end": f"<a>{'<b/>' * 1_200_000}</a>",
    "a name without end": f"<{'a' * 4_000_000}/>",
    "more than is read": f"<a>{' ' * safe_xml.MOST_OCTETS}</a>",
    "another encoding than it says": '<?xml version="1.0" encoding="utf-16"?><a/>',
    "an encoding there is not": '<?xml version="1.0" encoding="nonsense"?><a/>',
    "a zero in the middle": "<a>\x00</a>",
    "nothing": "",
    "an inclusion with a way out": '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="http://127.0.0.1:9/"><i:fallback>'
    '<i:include href="{secret}" parse="text"/></i:fallback></i:include></a>',
    "a parameter entity that sends": '<!DOCTYPE a [<!ENTITY % f SYSTEM "{secret}"><!ENTITY % e "<!ENTITY &#x25; s SYSTEM '
    "'http://127.0.0.1:9/?%f;'>\">%e;%s;]><a/>",
    "an entity in the name of a file": '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "{secret}&x;">]><a>&z;</a>',
    "a notation": '<!DOCTYPE a [<!NOTATION n SYSTEM "{secret}"><!ENTITY x SYSTEM "{secret}" NDATA n>]><a/>',
    "a document type in small letters": "<!doctype a><a/>",
    "a document type behind a remark": '<!-- x --><!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]><a>&x;</a>',
    "a style sheet that reads": '<s:stylesheet version="1.0" xmlns:s="http://www.w3.org/1999/XSL/Transform">'
    "<s:template match='/'><s:copy-of select=\"document('{secret}')\"/></s:template></s:stylesheet>",
    "a base elsewhere": '<a xml:base="{secret}" href="x"/>',
    "namespaces without end": "<a " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(20_000)) + "/>",
    "remarks without end": "<a>" + "<!-- x -->" * 300_000 + "</a>",
    "a remark without end": f"<a><!--{'x' * 4_500_000}--></a>",
    "a section without end": f"<a><![CDATA[{'x' * 4_500_000}]]></a>",
    "instructions without end": "<a>" + "<?x y?>" * 300_000 + "</a>",
    "a character there is not": "<a>&#xFFFFFF;</a>",
    "a character that stands for nothing": "<a>&#0;</a>",
    "an entity of nobody": "<a>&nobody;</a>",
    "two roots": "<a/><b/>",
    "attributes twice": '<a b="1" b="2"/>',
    "one id for all": "<a>" + '<b id="x"/>' * 50_000 + "</a>",
    "seven bits": "+ADw-a+AD4-",
}


def _lists(xml: bytes) -> str:
    return repr(decision_tables.read(xml))


#: Everything that reads a file somebody uploads; what it answers, or refuses.
READERS: dict[str, Callable[[bytes], object]] = {
    "the one parser": lambda xml: etree.tostring(safe_xml.read(xml)),
    "diagrams": bpmn.parse,
    "decision tables": lint,
    "a draft's file": lambda xml: drafts.check_readable("bpmn", "a.bpmn", xml),
    "the words of a diagram": lambda xml: list(texts._of("bpmn", xml)),
    "the words of tables": lambda xml: list(texts._of("dmn", xml)),
    "differences of diagrams": drawing.read,
    "differences of tables": told_tables._read,
    "tables in the studio": _lists,
}
REFUSED = (etree.XMLSyntaxError, InvalidDiagram, UnreadableFile)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_hostile_file_reads_nothing_and_holds_nobody_up(tmp_path, document, reader):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    xml = DOCUMENTS[document].replace("{secret}", secret.as_uri()).encode()
    started = time.monotonic()
    try:
        answer = repr(READERS[reader](xml))
    except REFUSED as refusal:
        answer = repr(refusal)
    assert SECRET not in answer and len(answer) < 10_000_000
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("document", [name for name, text in DOCUMENTS.items() if "<!DOCTYPE" in text])
def test_a_document_type_is_refused_whatever_it_says(document):
    with pytest.raises(etree.XMLSyntaxError):
        safe_xml.read(DOCUMENTS[document].encode())


def test_nothing_reads_xml_but_the_one_parser(capsys):
    """Suites of others, which nobody uploads, are read by `engine.conformance`."""
    own = re.compile(
        r"XMLParser\(|etree\.(fromstring|parse|XML|iterparse)\(|ElementTree|minidom|xml\.sax(?!\.saxutils)"
    )
    found = [
        str(path.relative_to(ROOT))
        for room in ("engine", "web", "config")
        for path in (ROOT / room).rglob("*.py")
        if "node_modules" not in path.parts and own.search(path.read_text())
    ]
    assert [path for path in found if "conformance" not in path] == ["engine/safe_xml.py"]
    with capsys.disabled():
        print(f"\nXML: {len(DOCUMENTS)} documents, {len(READERS)} readers", end="")
