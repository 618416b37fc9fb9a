"""What is shown and what it holds: visibility and values of a form, worked out together until they agree.

A condition may read any field, and a hidden field counts as null for every expression; so one field's
disappearance may hide or show another. The state of a form is the fixpoint of that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.forms import options, paths, values
from engine.forms.components import CHOICES, Form, Option
from engine.forms.expressions import Evaluate, Scope
from engine.forms.slots import Slot, every
from engine.forms.values import StoredFile, Unreadable

#: Conditions that chase each other in a circle: after so many rounds what was hidden once stays hidden.
PATIENCE = 6
MOST_ROUNDS = 24


@dataclass(frozen=True, kw_only=True)
class State:
    """One form at one moment."""

    slots: tuple[Slot, ...]
    #: What expressions see: the data overlaid by what the form holds.
    variables: Mapping[str, Any]
    hidden: frozenset[Slot]
    #: Disabled or read-only: their values are the server's.
    fixed: frozenset[Slot]
    #: Every keyed slot's value, hidden ones too; Unreadable where the input makes no sense.
    values: Mapping[Slot, Any]
    #: Of every visible choice.
    options: Mapping[Slot, tuple[Option, ...]]
    evaluate: Evaluate
    zone: str

    def scope(self, slot: Slot) -> Scope:
        """What expressions of this slot see."""
        return _scope(slot, self.variables, self.evaluate)

    def is_editable(self, slot: Slot) -> bool:
        """Whether a person may fill the slot in now."""
        return slot.component.is_input and slot not in self.hidden and slot not in self.fixed


def resolve(
    form: Form,
    slots: tuple[Slot, ...],
    *,
    data: Mapping[str, Any],
    evaluate: Evaluate,
    outcome: Any,
    zone: str,
    files: Mapping[str, Sequence[StoredFile]],
) -> State:
    """The state of a form for these slots, with `outcome` chosen (None: not yet)."""
    everything = tuple(every(slots))
    keyed = [s for s in everything if s.component.path and s.component.type != "dynamiclist"]
    start = paths.Overlay(data)
    if form.outcome:
        # An outcome left in the data by an earlier round of the process is not this one's.
        start.put(form.outcome.path, outcome)
    fixed = frozenset(_where(slots, lambda s: s.component.disabled or s.component.readonly is True))
    held = {s: _value(s, s in fixed, None, None, zone, files) for s in keyed}
    hidden: frozenset[Slot] = frozenset()
    offered: dict[Slot, tuple[Option, ...]] = {}
    variables = _overlaid(start.tree, everything, held, hidden)
    for number in range(MOST_ROUNDS):
        scopes = {s: _scope(s, variables, evaluate) for s in everything if s.rows}
        top = Scope(evaluate, variables)
        now_hidden = frozenset(_where(slots, partial(_is_hidden, scopes=scopes, top=top)))
        if number > PATIENCE:
            now_hidden |= hidden
        fixed = frozenset(_where(slots, partial(_is_fixed, scopes=scopes, top=top)))
        offered = {
            s: options.offered(s.component, scopes.get(s, top))
            for s in keyed
            if s.component.type in CHOICES and s not in now_hidden
        }
        held = {s: _value(s, s in fixed, offered.get(s), scopes.get(s, top), zone, files) for s in keyed}
        found = _overlaid(start.tree, everything, held, now_hidden)
        settled = found == variables
        variables, hidden = found, now_hidden
        if settled:
            break
    return State(
        slots=slots,
        variables=variables,
        hidden=hidden,
        fixed=fixed,
        values=held,
        options=offered,
        evaluate=evaluate,
        zone=zone,
    )


def _where(slots: Iterable[Slot], holds: Callable[[Slot], bool]) -> Iterable[Slot]:
    """Every slot for which something holds, and everything inside it."""
    for slot in slots:
        if holds(slot):
            yield from every((slot,))
            continue
        yield from _where(slot.slots, holds)
        for row in slot.list_rows:
            yield from _where(row.slots, holds)


def _is_hidden(slot: Slot, scopes: Mapping[Slot, Scope], top: Scope) -> bool:
    return slot.component.hide is not None and scopes.get(slot, top).truth(slot.component.hide)


def _is_fixed(slot: Slot, scopes: Mapping[Slot, Scope], top: Scope) -> bool:
    return slot.component.disabled or scopes.get(slot, top).truth(slot.component.readonly)


def _value(
    slot: Slot,
    fixed: bool,
    offered: tuple[Option, ...] | None,
    scope: Scope | None,
    zone: str,
    files: Mapping[str, Sequence[StoredFile]],
) -> Any:
    component = slot.component
    if component.type == "expression":
        return scope.value(component.settings.get("expression")) if scope else slot.initial
    sent = files.get(slot.name, ())
    if fixed or (slot.raw is None and not sent):
        return values.blank(component) if slot.initial is None else slot.initial
    return values.read(
        component, slot.raw or (), initial=slot.initial, options=offered, zone=zone, files=sent
    )


def _overlaid(
    start: Mapping[str, Any], everything: Iterable[Slot], held: Mapping[Slot, Any], hidden: frozenset[Slot]
) -> dict[str, Any]:
    overlay = paths.Overlay(start)
    for slot in everything:
        if slot.component.type == "dynamiclist":
            rows = None if slot in hidden else [dict(row.data) for row in slot.list_rows]
            overlay.put(slot.path, rows)
        elif slot in hidden:
            # The rows of a hidden list are gone with the list.
            gone = slot.rows and paths.get(overlay.tree, slot.rows[-1].path) is None
            if slot.component.path and not gone:
                overlay.put(slot.path, None)
        elif slot in held:
            overlay.put(slot.path, _readable(held[slot]))
    return overlay.tree


def _readable(value: Any) -> Any:
    if isinstance(value, Unreadable):
        return None
    if isinstance(value, list):
        return [item for item in value if not isinstance(item, Unreadable)]
    return value


def _scope(slot: Slot, variables: Mapping[str, Any], evaluate: Evaluate) -> Scope:
    if not slot.rows:
        return Scope(evaluate, variables)
    this: Any = variables
    parent: Any = None
    for place in slot.rows:
        this, parent = paths.get(variables, place.path), this
    special = {"this": this, "parent": parent, "i": [place.position + 1 for place in slot.rows]}
    return Scope(evaluate, {**special, **variables, **{f"_{key}_": value for key, value in special.items()}})
