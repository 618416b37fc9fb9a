"""The places of a form for given data and input: lists unrolled into rows, every component addressed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.forms import paths, rows
from engine.forms.components import Component, Form
from engine.forms.expressions import Evaluate, Scope
from engine.forms.raw import Raw


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a dynamic list."""

    #: Names the row in field names while the page lives; below the number of known rows it is their index.
    token: int
    #: Where the row's values live in the submission.
    path: paths.Path
    #: What the server knows of the row; {} for an added one.
    data: Mapping[str, Any]
    slots: tuple["Slot", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One component in its place. Compared by identity."""

    component: Component
    #: HTML field name, "" when it carries no value.
    name: str
    #: HTML id, unique in the form.
    dom_id: str
    path: paths.Path
    #: Rows around it, outermost first.
    rows: tuple["RowPlace", ...]
    #: The server's value or the default; None when there is neither.
    initial: Any
    #: What the page sent under the name; None when it sent nothing.
    raw: tuple[str, ...] | None
    #: Of groups.
    slots: tuple["Slot", ...] = ()
    #: Of dynamic lists.
    list_rows: tuple[Row, ...] = ()
    #: Of dynamic lists: how many rows the server's data have.
    data_rows: int = 0
    #: Of dynamic lists: whether rows may be added and removed.
    changeable: bool = False


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row is, before its slots exist."""

    token: int
    position: int
    #: Address of the row by position and by token.
    path: paths.Path
    token_path: paths.Path
    data: Mapping[str, Any]


def expand(form: Form, *, data: Mapping[str, Any], raw: Raw | None, evaluate: Evaluate) -> tuple[Slot, ...]:
    """The slots of a form's top level. `raw` None means the page is shown for the first time."""
    return tuple(_slot(c, (), data, raw, Scope(evaluate, data)) for c in form.components)


def every(slots: tuple[Slot, ...]) -> Iterator[Slot]:
    """Every slot, containers before what they contain."""
    for slot in slots:
        yield slot
        yield from every(slot.slots)
        for row in slot.list_rows:
            yield from every(row.slots)


def _slot(
    component: Component, places: tuple[RowPlace, ...], data: Mapping[str, Any], raw: Raw | None, scope: Scope
) -> Slot:
    inner = places[-1] if places else None
    tokens = (inner.token_path if inner else ()) + component.path
    path = (inner.path if inner else ()) + component.path
    name = paths.name(tokens) if component.path else ""
    around = inner.data if inner else data
    found = paths.get(around, component.path) if component.path else None
    if found is None and component.default is not None:
        found = scope.value(component.default)
    if component.type == "dynamiclist":
        return _list(component, name, path, tokens, places, around, raw, scope)
    return Slot(
        component=component,
        name=name,
        dom_id=_dom_id(component, places),
        path=path,
        rows=places,
        initial=found,
        raw=raw.values(name) if raw and name else None,
        slots=tuple(_slot(child, places, data, raw, scope) for child in component.components),
    )


def _list(
    component: Component,
    name: str,
    path: paths.Path,
    tokens: paths.Path,
    places: tuple[RowPlace, ...],
    around: Mapping[str, Any],
    raw: Raw | None,
    scope: Scope,
) -> Slot:
    known = rows.known(component, around, scope)
    changeable = rows.can_change(component, scope)
    present = rows.present(name, len(known), raw if changeable else None)
    unrolled = []
    for position, token in enumerate(present):
        own = known[token] if token < len(known) else {}
        place = RowPlace(token, position, (*path, position), (*tokens, token), own)
        inside = scope.inside(this=own)
        children = tuple(_slot(child, (*places, place), own, raw, inside) for child in component.components)
        unrolled.append(Row(token, place.path, own, children))
    return Slot(
        component=component,
        name=name,
        dom_id=_dom_id(component, places),
        path=path,
        rows=places,
        initial=None,
        raw=None,
        list_rows=tuple(unrolled),
        data_rows=len(known),
        changeable=changeable,
    )


def _dom_id(component: Component, places: tuple[RowPlace, ...]) -> str:
    return "-".join([component.id.replace(".", "-"), *(str(place.token) for place in places)])
