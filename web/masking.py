"""Masking: personal data for those whose roles need it not. Which roles see what is said in config/personal_data.toml."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from config import personal_data
from config.personal_data import Masked
from engine.runtime.context import Context

#: Signs of a phone number that stay at its beginning and end, of an address at its beginning.
_BEGINS, _ENDS, _PLACE = 3, 4, 3
_HIDDEN = "****"


def hidden(ctx: Context) -> frozenset[Masked]:
    """The fields that the actor sees masked."""
    return personal_data.read(ctx.engine.settings.personal_data_file).hidden(ctx.actor.roles)


def shown(value: str | None, field: str, hidden: Collection[str]) -> str:
    """The value as somebody sees it from whom these fields are hidden."""
    if not value or field not in hidden:
        return value or ""
    match field:
        case "email":
            name, at, host = value.partition("@")
            return f"{name[:1]}{_HIDDEN}{at}{host}"
        case "phone" if len(value) > _BEGINS + _ENDS:
            return f"{value[:_BEGINS]}{_HIDDEN}{value[-_ENDS:]}"
        case "address" if len(value) > _PLACE:
            return f"{value[:_PLACE]}{_HIDDEN}"
        case "name":
            return f"{value[:1]}**"
    return _HIDDEN


def masked(value: Any, hidden: Collection[str], path: str = "") -> Any:
    """A document with what is hidden masked in it, wherever it stands."""
    match value:
        case Mapping():
            return {
                name: masked(inner, hidden, f"{path}.{name}" if path else str(name))
                for name, inner in value.items()
            }
        case list():
            return [masked(inner, hidden, path) for inner in value]
        case str() if hidden:
            return shown(value, field_of(path), hidden)
        case _:
            return value


def field_of(path: str) -> str:
    """Which field a value at this path of a document belongs to; "" for none: `customer.phone`, `returnAddress`."""
    name = path.split("[")[0] if "." not in path else path.rsplit(".", 1)[1].split("[")[0]
    lower = name.lower()
    for field in ("phone", "email", "address"):
        if lower.endswith(field):
            return field
    return "name" if path.endswith("customer.name") else ""
