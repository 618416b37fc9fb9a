"""Models that import each other: which files a model needs besides its own."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.dmn import elements


def imported(models: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    """File name -> names of the files among `models` that it imports, directly or by way of others.

    A file that is no XML imports nothing; reading it says what is wrong with it.
    """
    namespaces, wanted = {}, {}
    for name, xml in models.items():
        try:
            root = elements.parse(xml)
        except etree.XMLSyntaxError:
            wanted[name] = set()
            continue
        namespaces[root.get("namespace", "")] = name
        wanted[name] = {each.get("namespace", "") for each in elements.children(root, "import")}
    direct = {name: {namespaces[n] for n in given if n in namespaces} for name, given in wanted.items()}
    return {name: _reached(name, direct) for name in models}


def _reached(name: str, direct: Mapping[str, set[str]]) -> tuple[str, ...]:
    found: list[str] = []
    waiting = sorted(direct[name])
    while waiting:
        other = waiting.pop(0)
        if other != name and other not in found:
            found.append(other)
            waiting += sorted(direct[other])
    return tuple(found)
