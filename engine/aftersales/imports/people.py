"""Customers from a file: new ones are added, known ones brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.aftersales.imports.rows import Field, Reader, one_of
from engine.aftersales.imports.writing import add_or_update, refuse_repeated
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
    refuse_repeated(rows, report, "customer", "number")
    if rows and not report.bad:
        add_or_update(ctx, Customer, rows, key="number", fields=report.fields)
        report.written["customers"] = len(rows)
