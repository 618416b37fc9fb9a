"""Rows of dynamic lists: which there are, and adding and removing them without JavaScript."""

import re
from collections.abc import Mapping
from typing import Any

from engine.forms import paths
from engine.forms.components import Component
from engine.forms.expressions import Scope
from engine.forms.raw import ADD, REMOVE, ROWS, Fields, Raw, kept

#: A list longer than this is a mistake or an attack.
MOST_ROWS = 500

_REMOVE = re.compile(rf"{re.escape(REMOVE)}(?P<list>.+):(?P<token>\d{{1,9}})")


def known(component: Component, around: Mapping[str, Any], scope: Scope) -> list[Mapping[str, Any]]:
    """The rows the server knows: its data, else the property ``rows`` (FEEL), else the default number."""
    found = paths.get(around, component.path)
    if found is None and (expression := component.properties.get("rows")):
        found = scope.value(expression)
    if not isinstance(found, list):
        return [{}] * min(int(component.settings.get("defaultRepetitions", 1)), MOST_ROWS)
    return [row if isinstance(row, Mapping) else {} for row in found]


def can_change(component: Component, scope: Scope) -> bool:
    """Whether people may add and remove rows; a condition on ``readonly`` sees the server's data only."""
    return (
        component.settings.get("allowAddRemove", True) is not False
        and not component.disabled
        and not scope.truth(component.readonly)
    )


def present(name: str, count: int, raw: Raw | None) -> list[int]:
    """The tokens of a changeable list's rows, in order: of the `count` known ones, and of those added."""
    sent = raw.tokens(name) if raw else None
    return list(range(count)) if sent is None else sent[:MOST_ROWS]


def next_token(count: int, tokens: list[int]) -> int:
    """The token of the row an add button makes: no known row's, no present row's."""
    return max([count, *(token + 1 for token in tokens)])


def edited(fields: Fields) -> list[tuple[str, str]] | None:
    """The fields after an add or remove button was pressed, to show the form with; None when none was."""
    for name, text in fields:
        if name.startswith(ADD):
            return [*kept(fields), (ROWS + name.removeprefix(ADD), text)]
        if match := _REMOVE.fullmatch(name):
            return _removed(kept(fields), match["list"], match["token"])
    return None


def _removed(fields: list[tuple[str, str]], list_name: str, token: str) -> list[tuple[str, str]]:
    row = f"{list_name}[{token}]"
    inside = (f"{row}.", f"{row}[", f"{ROWS}{row}.")
    return [
        (name, text)
        for name, text in fields
        if not name.startswith(inside) and (name, text) != (ROWS + list_name, token)
    ]
