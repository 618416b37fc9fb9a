"""Which element takes the place of which: by its id, unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn import Element
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.moving.comparison import Comparison
from engine.runtime.refusals import SameVersion, UnknownElement


def compare(ctx: Context, from_id: int, to_id: int, mapping: Mapping[str, str]) -> Comparison:
    """Two versions of one procedure. Raises `NotFound`, `SameVersion`, `UnknownElement`."""
    old = ctx.engine.definitions.get(ctx.session, from_id)
    new = ctx.engine.definitions.get(ctx.session, to_id)
    if old.key != new.key or old.id == new.id:
        raise SameVersion()
    for definition, ids in ((old, mapping), (new, mapping.values())):
        for id_ in ids:
            if id_ not in definition.process.elements:
                raise UnknownElement(version=definition.version, process=definition.key, id=id_)
    return Comparison(old, new, mapping)


def candidates(comparison: Comparison, element_id: str) -> list[Element]:
    """Elements of the new version that may take the place of one that is gone: of its kind, and no old ones."""
    gone = comparison.old.process.elements[element_id]
    return [
        element
        for element in comparison.new.process.of_type(gone.type)
        if element.id not in comparison.old.process.elements
    ] + [
        element
        for element in comparison.new.process.of_type(gone.type)
        if element.id in comparison.old.process.elements
    ]


def name(definition: Definition, element_id: str, language: str) -> str:
    """An element's name as people read it; its id where it has none, or the version does not have it."""
    element = definition.process.elements.get(element_id)
    return definition.translate(element.name, language) if element and element.name else element_id
