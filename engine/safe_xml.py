"""Reading XML that people upload: the one parser. Nothing is fetched, no entity is expanded, size and depth are bounded."""

from __future__ import annotations

from lxml import etree

#: Octets of a file; the largest shipped diagram has a tenth of it.
MOST_OCTETS = 5_000_000
#: Elements of a file, and attributes of one element: looking at those one by one takes their number squared.
MOST_ELEMENTS, MOST_ATTRIBUTES = 100_000, 1_000


class DocumentType(etree.XMLSyntaxError):
    """The file declares a document type: with it come entities, and files and addresses to fetch."""


class TooMuch(etree.XMLSyntaxError):
    """The file has more elements, or an element more attributes, than are read."""


def read(content: bytes, *, remarks: bool = True) -> etree._Element:
    """The root element; without `remarks`, comments and processing instructions are left out.

    Raises `lxml.etree.XMLSyntaxError`, `DocumentType` and `TooMuch` among them. `huge_tree` stays off: beyond 256
    levels, or ten million characters in one piece, libxml2 stops by itself.
    """
    if len(content) > MOST_OCTETS:
        raise etree.XMLSyntaxError(f"more than {MOST_OCTETS} bytes", 0, 0, 0)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not remarks,
        remove_pis=not remarks,
    )
    try:
        root = etree.fromstring(content, parser)
    except ValueError as error:
        raise etree.XMLSyntaxError(str(error), 0, 0, 0) from None
    if root.getroottree().docinfo.doctype:
        raise DocumentType("document type declaration", 0, 0, 0)
    if root.xpath(f"count(//*) > {MOST_ELEMENTS} or boolean(//*[count(@*) > {MOST_ATTRIBUTES}])"):
        raise TooMuch(f"more than {MOST_ELEMENTS} elements, or {MOST_ATTRIBUTES} attributes of one", 0, 0, 0)
    return root
