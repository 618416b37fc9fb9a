"""What the writers of several kinds share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, select
from sqlalchemy.dialects.postgresql import insert

from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report


def refuse_repeated(rows: list[tuple[int, dict[str, Any]]], report: Report, noun: str, *key: str) -> None:
    """A row whose key was in an earlier line is bad: which of the two is meant?"""
    seen: dict[tuple[Any, ...], int] = {}
    for line, row in rows:
        value = tuple(row[name] for name in key)
        if value in seen:
            report.bad.append((line, f"{noun} {' '.join(map(str, value))} is already in line {seen[value]}"))
        seen.setdefault(value, line)


def add_or_update(
    ctx: Context, table: Any, rows: list[tuple[int, dict[str, Any]]], *, key: str, fields: frozenset[str]
) -> None:
    """New rows are added; of known ones only the fields that the file has are changed."""
    statement = insert(table)
    updated = {name: statement.excluded[name] for name in fields if name != key}
    ctx.session.execute(
        statement.on_conflict_do_update(index_elements=[key], set_=updated), [row for _, row in rows]
    )


def ids(ctx: Context, column: Any, id_: Any, wanted: Any) -> dict[str, int]:
    """Value of a unique column -> row id, for those wanted. One bound array, so any number of them."""
    query = select(column, id_).where(column == any_(list(wanted)))
    return dict(ctx.session.execute(query).all())
