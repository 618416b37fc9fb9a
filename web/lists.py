"""Lists: columns, sorting and keyset pages, with their state in the address so that any view can be kept and shared."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import ColumnElement, Select, and_, literal, or_
from sqlalchemy.orm import Session

#: Rows of a page unless a screen says otherwise.
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a list."""

    key: str
    #: Message id of its head; empty for a column that needs none.
    label: str
    sortable: bool = False
    #: Right-aligned, tabular.
    numeric: bool = False
    css: str = ""


@dataclass(frozen=True)
class Sort:
    """By which column, and which way."""

    key: str
    descending: bool = False

    @classmethod
    def read(cls, text: str | None, allowed: Sequence[str], default: str) -> Sort:
        """`due` or `-due` from an address; anything not allowed is the default."""
        chosen = text if text and text.lstrip("-") in allowed else default
        return cls(chosen.lstrip("-"), chosen.startswith("-"))

    def __str__(self) -> str:
        return ("-" if self.descending else "") + self.key


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of rows."""

    rows: Sequence[Any]
    #: Cursor this page began after; None on the first page.
    after: str | None
    #: Cursor of the next page; None on the last.
    next: str | None


def seek(
    query: Select[Any],
    *,
    by: ColumnElement[Any],
    key: ColumnElement[Any],
    descending: bool,
    after: str | None,
) -> Select[Any]:
    """Order by `by` (never null) then `key` (unique), beginning after the row the cursor names."""
    order = (by.desc(), key.desc()) if descending else (by.asc(), key.asc())
    query = query.order_by(None).order_by(*order)
    mark = _open(after, by)
    if mark is None:
        return query
    value, last = literal(mark[0], by.type), literal(mark[1])
    beyond = (by < value, key < last) if descending else (by > value, key > last)
    return query.where(or_(beyond[0], and_(by == value, beyond[1])))


def page(
    rows: Sequence[Any],
    *,
    value: Callable[[Any], Any],
    key: Callable[[Any], Any],
    size: int,
    after: str | None,
) -> Page:
    """A page out of up to `size + 1` rows that a `seek` query brought: one more than shown tells that there is a next."""
    shown = rows[:size]
    more = len(rows) > size
    return Page(
        rows=shown, after=after or None, next=_cursor(value(shown[-1]), key(shown[-1])) if more else None
    )


def sorted_page(
    session: Session,
    query: Select[Any],
    sort: Sort,
    *,
    by: ColumnElement[Any],
    key: ColumnElement[Any],
    after: str | None,
    size: int = PAGE,
) -> Page:
    """One page of a query whose rows have the key as `id`, in the order of a column, in one statement."""
    query = query.add_columns(by.label("sorted_by"))
    query = seek(query, by=by, key=key, descending=sort.descending, after=after)
    found = session.execute(query.limit(size + 1)).all()
    return page(found, value=lambda row: row.sorted_by, key=lambda row: row.id, size=size, after=after)


def whole(query: Select[Any], sort: Sort, *, by: ColumnElement[Any], key: ColumnElement[Any]) -> Select[Any]:
    """The same without an end, for a file."""
    order = (by.desc(), key.desc()) if sort.descending else (by.asc(), key.asc())
    return query.order_by(*order)


def address(request: Request) -> Callable[..., str]:
    """A function that gives this page's own address with some of its parameters changed (None removes one)."""
    present = {name: value for name, value in request.query_params.multi_items() if value}

    def changed(**values: Any) -> str:
        merged = {**present, **{name: str(value) for name, value in values.items() if value is not None}}
        kept = {
            name: value for name, value in merged.items() if name not in values or values[name] is not None
        }
        return request.url.path + (f"?{urlencode(kept)}" if kept else "")

    return changed


def _cursor(value: Any, key: Any) -> str:
    plain = (
        value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
    )
    return base64.urlsafe_b64encode(json.dumps([plain, key]).encode()).decode().rstrip("=")


def _open(cursor: str | None, by: ColumnElement[Any]) -> tuple[Any, int] | None:
    """What a cursor holds, as `by` has it; a mangled one is no cursor."""
    if not cursor:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return _typed(value, by.type.python_type), int(key)
    except (ValueError, TypeError, ArithmeticError):
        return None


def _typed(value: Any, kind: type) -> Any:
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    return Decimal(value) if kind is Decimal else kind(value)
