"""Columns of a list as a person wants them: chosen, in their order, the first ones frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from engine.aftersales import preferences
from engine.runtime.context import Context
from web.lists import Column

#: More frozen columns would leave no room to scroll in.
MOST_FROZEN = 3


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The columns of one list for one person."""

    #: Shown, in order; frozen ones carry the style of their place.
    columns: Sequence[Column]
    #: Not shown, in the list's own order.
    hidden: Sequence[Column]
    frozen: int


def shown(ctx: Context, list_key: str, columns: Sequence[Column], standard: Sequence[str]) -> Shown:
    """The columns as the acting person chose them, else the standard ones. One statement."""
    chosen = preferences.columns(ctx, list_key)
    by_key = {column.key: column for column in columns}
    keys = [key for key in chosen.keys if key in by_key] or list(standard)
    frozen = min(chosen.frozen, MOST_FROZEN, len(keys))
    return Shown(
        columns=[
            replace(by_key[key], css=f"{by_key[key].css} pin pin-{place}".strip())
            if place <= frozen
            else by_key[key]
            for place, key in enumerate(keys, start=1)
        ],
        hidden=[column for column in columns if column.key not in keys],
        frozen=frozen,
    )


def keep(ctx: Context, list_key: str, columns: Sequence[Column], fields: FormData) -> None:
    """Remember what the columns dialog sent: `column` in order, `frozen`; with `reset` the standard ones again."""
    known = {column.key for column in columns}
    keys = tuple(dict.fromkeys(str(key) for key in fields.getlist("column") if key in known))
    frozen = str(fields.get("frozen", ""))
    chosen = preferences.Columns(keys=keys, frozen=int(frozen) if frozen.isdigit() else 0)
    preferences.keep_columns(ctx, list_key, preferences.Columns() if fields.get("reset") else chosen)
