"""Customers from a file: new ones are added, known ones brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from engine.aftersales.imports.rows import Field, Reader, one_of
from engine.aftersales.tables import Customer
from engine.runtime.context import Context

if TYPE_CHECKING:
    from engine.aftersales.imports.files import Report

FIELDS = {
    "number": Field(Reader.text, required=True),
    "name": Field(Reader.text, required=True),
    "phone": Field(Reader.text, empty=""),
    "email": Field(Reader.text, empty=""),
    "address": Field(Reader.text, empty=""),
    "province": Field(Reader.text, empty=""),
    "city": Field(Reader.text, empty=""),
    "tier": Field(one_of("standard", "high_value"), empty="standard"),
    "language": Field(one_of("en", "zh"), empty="zh"),
    "service_manager": Field(Reader.text),
}


def write(ctx: Context, rows: list[tuple[int, dict[str, Any]]], report: Report) -> None:
    """One statement for all; a number that comes twice in the file is a bad row."""
    seen: dict[str, int] = {}
    for line, row in rows:
        if row["number"] in seen:
            report.bad.append((line, f"customer {row['number']} is already in line {seen[row['number']]}"))
        seen.setdefault(row["number"], line)
    if rows and not report.bad:
        statement = insert(Customer)
        updated = {name: statement.excluded[name] for name in FIELDS if name != "number"}
        ctx.session.execute(
            statement.on_conflict_do_update(index_elements=["number"], set_=updated), [row for _, row in rows]
        )
        report.written["customers"] = len(rows)
