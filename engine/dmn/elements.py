"""Walking DMN XML: every version of the standard, whatever prefixes it uses."""

from collections.abc import Iterator

from lxml import etree

from engine import safe_xml

Element = etree._Element


def parse(xml: bytes) -> Element:
    """The root element. Raises lxml.etree.XMLSyntaxError."""
    return safe_xml.read(xml)


def name_of(element: Element) -> str:
    """The local name."""
    return etree.QName(element).localname


def children(element: Element, *names: str) -> Iterator[Element]:
    """Child elements of the model with one of these local names, in order; all of them without names."""
    namespace = etree.QName(element).namespace
    for child in element.iterchildren(tag=etree.Element):
        if etree.QName(child).namespace == namespace and (not names or name_of(child) in names):
            yield child


def child(element: Element, *names: str) -> Element | None:
    """The first child element of the model with one of these local names."""
    return next(children(element, *names), None)


def text_of(element: Element | None) -> str:
    """The trimmed `text` child of a cell or expression; empty when there is none."""
    found = None if element is None else child(element, "text")
    return "" if found is None or found.text is None else found.text.strip()


def type_of(element: Element | None) -> str | None:
    """The local part of `typeRef`, written as an attribute (1.2 and later) or an element; None for any type."""
    if element is None:
        return None
    found = child(element, "typeRef")
    reference = (found.text if found is not None else element.get("typeRef")) or ""
    name = reference.strip()
    prefix, _, local = name.partition(":")
    known = local and (prefix in element.nsmap or prefix == "feel")
    return (local if known else name) or None


def reference(element: Element | None) -> str | None:
    """The id, or `namespace#id` for an element of another model, that an `href` points at."""
    href = None if element is None else element.get("href")
    return href.removeprefix("#") if href else None


def id_of(element: Element) -> str:
    """The id of an element; for one without, that of the nearest element around it."""
    for each in (element, *element.iterancestors()):
        if each.get("id"):
            return each.get("id")
    return element.get("name", "")
