"""Words of procedures in the reader's language: steps, outcomes, roles. The interface's own words are in web.i18n."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from config.organisation import Organisation
from engine.forms import Form
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from web import i18n

_EXPRESSION = re.compile(r"\{\{.*?\}\}")


def translator(definition: Definition, language: str) -> Callable[[str], str]:
    """Texts of a version: its own words first, then the interface's."""
    interface = i18n.words(language)

    def translate(text: str) -> str:
        own = definition.translate(text, language)
        return own if own != text or not text else interface.gettext(text)

    return translate


def step(ctx: Context, definition_id: int, name: str) -> str:
    """The name of a step."""
    return ctx.engine.definitions.get(ctx.session, definition_id).translate(name, ctx.actor.language)


def procedure(ctx: Context, definition_id: int) -> str:
    """The name of a procedure."""
    definition = ctx.engine.definitions.get(ctx.session, definition_id)
    return definition.translate(definition.name, ctx.actor.language)


def outcome(ctx: Context, definition_id: int, form_id: str | None, value: str | None) -> str:
    """What the button said that completed a step; the bare value where the form no longer says."""
    if value is None:
        return ""
    definition = ctx.engine.definitions.get(ctx.session, definition_id)
    label = _label(definition.forms.get(form_id or ""), value)
    if label is None:
        return value.replace("_", " ")
    # An expression in it spoke of that moment's values.
    plain = _EXPRESSION.sub("", definition.translate(label, ctx.actor.language)).strip()
    return plain or value.replace("_", " ")


def _label(form: Form | None, value: str) -> str | None:
    if form is None or form.outcome is None:
        return None
    options = form.outcome.options or ()
    return next((option.label for option in options if str(option.value) == value), None)


def roles(organisation: Organisation, keys: Iterable[str], language: str) -> str:
    """Names of roles, joined."""
    known = organisation.roles
    named = (
        (known[key].name_zh if language == "zh" else known[key].name) if key in known else key for key in keys
    )
    return ("、" if language == "zh" else ", ").join(named)
