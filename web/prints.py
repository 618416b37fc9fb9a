"""Paper forms of a case, set for A4."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import cases, prints, visibility
from engine.aftersales.prints import Value
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from web import formats
from web.labels import Labels
from web.render import render
from web.screen import Command, Screen

router = Screen(prefix="/cases/{number}/print")


@router.get("/{key}")
def sheet(request: Request, ctx: Command, number: str, key: str) -> Response:
    """One form, filled in from the case, in the reader's language."""
    visibility.check_case(ctx, number)
    case = cases.by_number(ctx, number)
    assert case is not None  # check_case
    form = next((each for each in prints.offered(ctx, case.process_key) if each.key == key), None)
    if form is None:
        raise NotFound(what="form", id=key)
    labels = Labels(ctx)
    return render(
        request,
        "prints/sheet.html",
        number=number,
        sheet=form,
        blocks=prints.fill(ctx, form, number),
        shown=lambda value, filled: _shown(ctx, labels, value, filled),
    )


def _shown(ctx: Context, labels: Labels, value: Value, filled: Any) -> str:
    """A value as it is printed; "" leaves room for handwriting."""
    if filled is None or filled == "":
        return ""
    match value.kind:
        case "money":
            return f"{formats.currency()} {formats.amount(filled)}"
        case "number":
            return formats.number(filled) if isinstance(filled, int | float) else str(filled)
        case "day":
            return formats.day(str(filled))
        case "moment":
            return f"{formats.day(str(filled))} {formats.instant(str(filled)):%H:%M}"
        case "choice":
            return labels.option(value.field, str(filled))
        case _:
            return "、".join(map(str, filled)) if isinstance(filled, list) else str(filled)
