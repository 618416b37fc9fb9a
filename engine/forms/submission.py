"""Taking a submitted form: what was sent becomes values a process may keep, or errors a person can mend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.forms import messages, options, paths, validation, values
from engine.forms.components import Form
from engine.forms.expressions import Evaluate, Scope
from engine.forms.raw import OUTCOME, Fields, Raw, kept
from engine.forms.slots import Slot, every, expand
from engine.forms.values import StoredFile, Unreadable
from engine.forms.visibility import State, resolve

#: ``translate(English) -> text in the person's language``: the version's words first, then the catalogue.
Translate = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing a person must mend."""

    #: HTML name of the field; "" when the form as a whole is meant.
    path: str
    #: Translated label of the field.
    label: str
    #: Stable code, a key of `messages.ERRORS`.
    code: str
    #: What to do, in the person's language.
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


class FormErrors(ValueError):
    """What was sent cannot be taken. Whoever filled the form in can mend it: show it again with `kept`."""

    code = "form_errors"

    def __init__(self, errors: Sequence[FieldError], kept: Fields):
        super().__init__("; ".join(f"{error.path}: {error.code}" for error in errors))
        self.errors = tuple(errors)
        #: What was typed, to be given to `view(raw=...)`.
        self.kept = list(kept)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A form that was taken."""

    #: Nested JSON values of every visible field, the outcome included.
    values: Mapping[str, Any]
    #: Value of the button that was pressed, None when the form has no outcome.
    outcome: Any


def submit(
    form: Form,
    *,
    fields: Fields,
    files: Mapping[str, Sequence[StoredFile]] | None = None,
    data: Mapping[str, Any],
    evaluate: Evaluate,
    translate: Translate = str,
    zone: str = "Asia/Shanghai",
) -> Submission:
    """Check what was sent and turn it into values.

    `files` holds, by field name, every stored file the web layer vouches for: new uploads and, for the ids
    among `fields`, those uploaded before. Hidden and unknown fields are refused, read-only ones come from
    `data`. Raises FormErrors.
    """
    raw, files = Raw(fields), files or {}
    offered, outcome = _outcome(form, raw, data, evaluate)
    slots = expand(form, data=data, raw=raw, evaluate=evaluate)
    state = resolve(form, slots, data=data, evaluate=evaluate, outcome=outcome, zone=zone, files=files)
    unseen: frozenset[Slot] = frozenset()
    if form.outcome and outcome is not None and _brings_up(raw, outcome):
        shown_for = tried(form, raw, data, evaluate)
        page = resolve(form, slots, data=data, evaluate=evaluate, outcome=shown_for, zone=zone, files=files)
        unseen = frozenset(slot for slot in every(slots) if state.is_editable(slot) and slot in page.hidden)
    findings = _Findings(translate)
    _check_names(form, raw, state, findings)
    for slot, code, params in validation.check(state):
        if slot not in unseen:
            findings.add(code, params, slot, state.scope(slot))
    if unseen:
        findings.add("more_to_fill", {})
    if form.outcome and outcome is None:
        findings.add("unknown_outcome" if offered else "outcome_required", {})
    if findings.errors:
        again = kept(fields) + [(name, file.id) for name, stored in files.items() for file in stored]
        if outcome is not None:
            again.append((OUTCOME, options.encode(outcome)))
        raise FormErrors(findings.errors, list(dict.fromkeys(again)))
    return Submission(values=_values(form, state, outcome), outcome=outcome)


def _outcome(form: Form, raw: Raw, data: Mapping[str, Any], evaluate: Evaluate) -> tuple[bool, Any]:
    """Whether a button was pressed, and the value of the option it stands for."""
    if form.outcome is None:
        return False, None
    text = raw.last(paths.name(form.outcome.path))
    if not text:
        return False, None
    option = options.chosen(text, options.offered(form.outcome, Scope(evaluate, data)))
    return True, option.value if option else None


def _brings_up(raw: Raw, outcome: Any) -> bool:
    """Whether a page was sent that was shown before this button was pressed: its own fields were not on it then."""
    return raw.last(OUTCOME) not in (None, options.encode(outcome))


def tried(form: Form, raw: Raw, data: Mapping[str, Any], evaluate: Evaluate) -> Any:
    """The outcome whose fields the page shows: that of the button pressed before, None when none was."""
    text = raw.last(OUTCOME)
    if form.outcome is None or not text:
        return None
    option = options.chosen(text, options.offered(form.outcome, Scope(evaluate, data)))
    return option.value if option else None


class _Findings:
    """Errors in the making."""

    def __init__(self, translate: Translate):
        self.errors: list[FieldError] = []
        self._translate = translate

    def add(
        self, code: str, params: dict[str, Any], slot: Slot | None = None, scope: Scope | None = None
    ) -> None:
        label, message = "", self._translate(messages.ERRORS[code]).format(**params)
        if slot is not None and scope is not None:
            rules = slot.component.rules
            label = scope.text(self._translate(slot.component.label)) if slot.component.label else ""
            own = {"pattern": rules.pattern_message, "check": rules.check_message}.get(code)
            message = scope.text(self._translate(own)) if own else message
        path = slot.name if slot else ""
        self.errors.append(FieldError(path=path, label=label, code=code, message=message, params=params))


def _check_names(form: Form, raw: Raw, state: State, findings: _Findings) -> None:
    by_name = {slot.name: slot for slot in every(state.slots) if slot.component.is_input}
    outcome = paths.name(form.outcome.path) if form.outcome else None
    for name in raw.names():
        if name == outcome:
            continue
        slot = by_name.get(name)
        if slot is None:
            findings.add("unknown_row" if "[" in name else "unknown_field", {"name": name[:80]})
        elif slot in state.hidden and not _untouched(slot, state):
            findings.add("hidden_field", {}, slot, state.scope(slot))


def _untouched(slot: Slot, state: State) -> bool:
    """Whether a hidden field was sent as it was shown: nothing a person entered gets lost."""
    value = state.values[slot]
    if isinstance(value, Unreadable):
        return False
    return values.is_blank(value) or value == slot.initial


def _values(form: Form, state: State, outcome: Any) -> dict[str, Any]:
    overlay = paths.Overlay({})
    for slot in every(state.slots):
        if slot in state.hidden:
            continue
        if slot.component.type == "dynamiclist":
            overlay.put(slot.path, [{} for _ in slot.list_rows])
        elif slot in state.values:
            overlay.put(slot.path, state.values[slot])
    if form.outcome:
        overlay.put(form.outcome.path, outcome)
    return overlay.tree
