"""Table components: rows of the server's data, numbers of a column with the same number of decimals."""

from collections.abc import Mapping
from typing import Any

from engine.forms import dates, numbers, paths
from engine.forms.expressions import Scope
from engine.forms.nodes import Column, Node
from engine.forms.options import encode
from engine.forms.page import Page
from engine.forms.slots import Slot


def table(page: Page, slot: Slot, scope: Scope) -> Node:
    """The node of a table."""
    component = slot.component
    found = scope.value(component.settings.get("dataSource"))
    entries = [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
    columns, cells = [], []
    for key, title in _columns(page, slot, scope):
        values = [paths.get(entry, paths.parse(key)) for entry in entries]
        amounts = [value for value in values if _is_number(value)]
        wished = component.properties.get(f"digits:{key}", "")
        digits = int(wished) if wished.isdecimal() else _digits(amounts)
        columns.append(Column(label=title, numeric=bool(amounts)))
        cells.append([_cell(page, value, digits) for value in values])
    return Node(
        kind="table",
        id=page.id(slot),
        label=page.say(component.label, scope),
        columns=tuple(columns),
        lines=tuple(zip(*cells, strict=True)),
    )


def _digits(amounts: list[int | float]) -> int:
    """The decimals a column needs; broken amounts are money more often than not, so at least two."""
    most = max((numbers.decimals(numbers.exact(amount)) for amount in amounts), default=0)
    return max(most, 2) if most else 0


def _columns(page: Page, slot: Slot, scope: Scope) -> list[tuple[str, str]]:
    settings = slot.component.settings
    found = scope.value(settings.get("columnsExpression")) or settings.get("columns")
    columns = found if isinstance(found, list) else []
    return [
        (c["key"], page.told(c.get("label") or c["key"]))
        for c in columns
        if isinstance(c, Mapping) and c.get("key")
    ]


def _cell(page: Page, value: Any, digits: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return page.words["yes" if value else "no"]
    if _is_number(value):
        return numbers.spoken(value, digits)
    return dates.local(page.told(value), page.state.zone) if isinstance(value, str) else encode(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
