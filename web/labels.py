"""Words for the keys that cases and records carry: states, choices, kinds of movement.

They are the procedures' own words: the label on the step that sets a state, the option of the form that asked. What no
procedure says is the key itself, made readable and translated by the interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.forms.components import walk
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from web import i18n
from web.i18n import mark
from web.queries import procedures

#: Service-task type that sets a case's state, with the state and its label as headers.
_STATE = "case.state"
#: Keys that are not spelt as they sound.
_SPELT = {
    "sms": mark("SMS"),
    "wechat": mark("WeChat"),
    "wechat_pay": mark("WeChat Pay"),
    "email": mark("E-mail"),
}


@dataclass
class _Index:
    """English labels found in a set of versions."""

    versions: tuple[int, ...] = ()
    #: (process key, state) and ("", state) -> label.
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    #: (last part of a field's path, value) -> label.
    options: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Language -> text -> translation, of all versions.
    words: dict[str, dict[str, str]] = field(default_factory=dict)


#: Versions never change, so one index serves until the set of current versions does.
_kept = _Index()


def _index(definitions: Sequence[Definition]) -> _Index:
    global _kept
    versions = tuple(definition.id for definition in definitions)
    if _kept.versions != versions:
        _kept = _built(versions, definitions)
    return _kept


def _built(versions: tuple[int, ...], definitions: Sequence[Definition]) -> _Index:
    index = _Index(versions)
    for definition in definitions:
        for language, texts in definition.words.items():
            index.words.setdefault(language, {}).update(texts)
        for element in definition.process.elements.values():
            state, label = element.headers.get("state"), element.headers.get("label")
            if element.task_type == _STATE and state and label:
                index.states[definition.key, state] = label
                index.states.setdefault(("", state), label)
        for form in definition.forms.values():
            outcome = (form.outcome,) if form.outcome else ()
            for component in (*walk(form.components), *outcome):
                for option in component.options or ():
                    if component.path and "{{" not in option.label:
                        index.options.setdefault((component.path[-1], str(option.value)), option.label)
    return index


class Labels:
    """Words for keys in one reader's language. Costs one statement to make."""

    def __init__(self, ctx: Context) -> None:
        self._definitions = procedures.current(ctx)
        self._index = _index(self._definitions)
        self._language = ctx.actor.language

    def translate(self, text: str) -> str:
        """A text of any procedure, or of the interface, in the reader's language."""
        own: Mapping[str, str] = self._index.words.get(self._language, {})
        return own.get(text) or i18n.words(self._language).gettext(text)

    def procedure(self, key: str) -> str:
        """The name of a procedure."""
        found = next((each for each in self._definitions if each.key == key), None)
        return found.translate(found.name, self._language) if found else self.word(key)

    def state(self, process_key: str, state: str) -> str:
        """A case's business state."""
        states = self._index.states
        label = states.get((process_key, state)) or states.get(("", state))
        return self.translate(label) if label else self.word(state)

    def option(self, name: str, value: str | None) -> str:
        """A choice somebody made in a field of that name; "" for none."""
        if not value:
            return ""
        label = self._index.options.get((name, value))
        return self.translate(label) if label else self.word(value)

    def word(self, key: str | None) -> str:
        """A key made readable: `after_sales` -> "After sales"."""
        if not key:
            return ""
        plain = key.replace("_", " ").strip()
        return self.translate(_SPELT.get(key) or plain[:1].upper() + plain[1:])

    def procedures(self) -> list[tuple[str, str]]:
        """(key, name) of the procedures that make cases, by name; those that others call as a part are left out."""
        parts = {called for each in self._definitions for called in each.process.called_processes}
        return _sorted(
            (each.key, self.procedure(each.key)) for each in self._definitions if each.key not in parts
        )

    def elements(self, process_key: str) -> list[tuple[str, str]]:
        """(element id, name) of a procedure's current version and of those it calls, by name: for a filter."""
        own = [each for each in self._definitions if each.key == process_key]
        called = {key for each in own for key in each.process.called_processes}
        return _sorted(
            (element.id, definition.translate(" ".join(element.name.split()), self._language))
            for definition in (*own, *(each for each in self._definitions if each.key in called))
            for element in definition.process.elements.values()
            if element.name
        )

    def states(self, process_key: str = "") -> list[tuple[str, str]]:
        """(state, label) of one procedure, or all there are: for a filter."""
        keys = {state for process, state in self._index.states if process == process_key or not process_key}
        return _sorted((state, self.state(process_key, state)) for state in keys)

    def options(self, name: str) -> list[tuple[str, str]]:
        """(value, label) of everything forms offer in fields of that name: for a filter."""
        values = {value for field_, value in self._index.options if field_ == name}
        return _sorted((value, self.option(name, value)) for value in values)


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1])
