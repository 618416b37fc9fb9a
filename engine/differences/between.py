"""All changes between two sets of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from engine.differences import decision_tables, diagrams, forms, translations
from engine.differences.changes import Change

_Compare = Callable[[str, bytes, bytes], Iterator[Change]]
_KINDS: Mapping[str, _Compare] = {
    "bpmn": diagrams.changes,
    "dmn": decision_tables.changes,
    "form": forms.changes,
    "words": translations.changes,
}


def between(before: Mapping[tuple[str, str], bytes], after: Mapping[tuple[str, str], bytes]) -> list[Change]:
    """What `after` has otherwise than `before`, file by file: diagram, decision tables, forms, words.

    Both are contents by (kind, file name). A file that cannot be read counts as changed as a whole.
    """
    found: list[Change] = []
    for kind, compare in _KINDS.items():
        names = sorted({name for each, name in {*before, *after} if each == kind})
        for name in names:
            old, new = before.get((kind, name)), after.get((kind, name))
            if old is None or new is None:
                what = "added" if old is None else "removed"
                found.append(
                    Change(kind=kind, file=name, what=what, code=f"file_{what}", params={"file": name})
                )
            elif old != new:
                found += _compared(compare, kind, name, old, new)
    return found


def _compared(compare: _Compare, kind: str, name: str, old: bytes, new: bytes) -> list[Change]:
    try:
        return list(compare(name, old, new))
    except (etree.XMLSyntaxError, ValueError):
        return [Change(kind=kind, file=name, what="changed", code="file_changed", params={"file": name})]
