"""What two sets of a procedure's files have differently, as pages list it: sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine import dmn
from engine.differences import Change, between, sentence
from engine.runtime import texts
from engine.runtime.bundles import Bundle, Files, Table, tables
from engine.runtime.definitions import Definition
from web import i18n


@dataclass(frozen=True, kw_only=True)
class Told:
    """One change as a page shows it."""

    kind: str
    file: str
    #: "added", "removed", "changed", "moved" or "layout".
    what: str
    text: str
    #: Elements of the diagram that it concerns: drawn otherwise, or using the table or form that changed.
    elements: tuple[str, ...] = ()
    #: Running cases that stand at these elements now; None where nobody counted.
    cases: int | None = None


def listed(process_key: str, before: Files, after: Files, language: str) -> list[Told]:
    """All changes in words, file by file; nothing about running cases."""
    words = _words(process_key, before, after, language)
    return [
        _told(change, change.elements if change.kind == "bpmn" else (), words, language)
        for change in between(before, after)
    ]


def standing(
    process_key: str,
    before: Files,
    after: Files,
    language: str,
    *,
    of: Sequence[Definition],
    cases: Mapping[str, int],
) -> list[Told]:
    """All changes in words, with how many running cases stand at each.

    `of`: both versions, read; `cases`: element of the earlier version -> cases that wait there.
    """
    words = _words(process_key, before, after, language)
    users = _users({**before, **after}, of)
    found = []
    for change in between(before, after):
        elements = change.elements if change.kind == "bpmn" else users.get((change.kind, change.file), ())
        n = None if change.what == "layout" else sum(cases.get(each, 0) for each in elements)
        found.append(_told(change, elements, words, language, n))
    return found


def _told(
    change: Change,
    elements: tuple[str, ...],
    words: Mapping[str, str],
    language: str,
    cases: int | None = None,
) -> Told:
    return Told(
        kind=change.kind,
        file=change.file,
        what=change.what,
        text=sentence(
            change, say=i18n.words(language).gettext, translate=lambda text: words.get(text) or text
        ),
        elements=elements,
        cases=cases,
    )


def _words(process_key: str, before: Files, after: Files, language: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for files in (before, after):
        bundle = Bundle(process_key=process_key, files=files)
        words |= texts.shared(bundle, language) | texts.own(bundle, language)
    return words


def _users(files: Files, of: Sequence[Definition]) -> dict[tuple[str, str], tuple[str, ...]]:
    """File of decision tables or form -> elements of the diagrams that use it."""
    users: dict[tuple[str, str], dict[str, None]] = {}
    decisions = {id_: table.name for table in tables(files) for id_ in _ids(table)}
    for definition in of:
        for element in definition.process.elements.values():
            if element.form_id:
                users.setdefault(("form", f"{element.form_id}.form"), {})[element.id] = None
            if element.decision_id in decisions:
                users.setdefault(("dmn", decisions[element.decision_id]), {})[element.id] = None
    return {file: tuple(elements) for file, elements in users.items()}


def _ids(table: Table) -> Sequence[str]:
    try:
        return dmn.parse(table.content, table.imports).ids
    except dmn.InvalidDecision:
        return ()
