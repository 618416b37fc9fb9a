"""House rules and the working calendar, as plain fields with a sentence for each that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from types import SimpleNamespace
from typing import Any

import holidays
import structlog
from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError

from config import calendar as calendars
from config import organisation as documents
from config.calendar import WEEKDAYS, Calendar
from config.organisation import Organisation
from engine.runtime import organisations
from engine.runtime.context import Context
from web.attempts import attempt
from web.errors import INVALID, REFUSED
from web.i18n import mark
from web.organisation import HOME, seen_of
from web.organisation_words import FIELDS
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/operate/organisation")
log = structlog.get_logger(__name__)

_SHIFT = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
#: (part of the organisation, field, least value): whole numbers.
NUMBERS = (
    ("", "retention_years", 1),
    ("calling", "max_per_day", 1),
    ("trust", "recent_days", 1),
    ("trust", "completed_orders", 0),
    ("trust", "recent_refunds", 0),
    ("attachments", "max_megabytes", 1),
)
TIMES = ("from", "until")
LISTS = ("teams", "skills", "areas")


@router.get("/rules")
def rules(request: Request, ctx: Command) -> Response:
    """What holds for the whole house."""
    return _rules(request, ctx, _values(ctx.organisation))


def _values(house: Organisation) -> dict[str, Any]:
    content = documents.document(house)
    values = {"name": house.name, "name_zh": house.name_zh}
    values |= {field: (content[part] if part else content)[field] for part, field, _ in NUMBERS}
    values |= {"from": f"{house.calling.from_:%H:%M}", "until": f"{house.calling.until:%H:%M}"}
    return values | {field: "\n".join(content[field]) for field in LISTS}


def _rules(
    request: Request,
    ctx: Context,
    values: dict[str, Any],
    *,
    errors: dict[str, str] | None = None,
    refused: str = "",
    note: str = "",
) -> Response:
    return render(
        request,
        "organisation/rules.html",
        status=INVALID if errors else REFUSED if refused else 200,
        values=values,
        labels=FIELDS,
        house=ctx.organisation,
        errors=errors or {},
        refused=refused,
        note=note,
        seen=organisations.seen(ctx),
    )


@router.post("/rules")
def keep_rules(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Put other house rules in force."""
    values = {name: str(fields.get(name, "")).strip() for name in _values(ctx.organisation)}
    note, errors = str(fields.get("note", "")), {}
    content = documents.document(ctx.organisation)
    for name in ("name", "name_zh"):
        content[name] = values[name]
        if not values[name]:
            errors[name] = say(visitor, mark("Say it: pages and messages to customers show this name."))
    for part, field, least in NUMBERS:
        (content[part] if part else content)[field] = values[field]
        if not values[field].isdigit() or int(values[field]) < least:
            errors[field] = say(visitor, mark("Write a whole number, at least {least}."), least=least)
    content["calling"] |= {name: values[name] for name in TIMES}
    opens, closes = (_time(values[name]) for name in TIMES)
    if opens is None or closes is None or opens >= closes:
        errors["until"] = say(visitor, mark("Write two times such as 10:00 and 18:00, the later one last."))
    for field in LISTS:
        content[field] = _lines(values[field])
    if errors:
        return _rules(request, ctx, values, errors=errors, note=note)
    refused = attempt(
        ctx,
        visitor,
        organisations.change,
        organisation=documents.parse(content),
        note=note,
        seen_id=seen_of(fields),
    )
    if refused:
        return _rules(request, ctx, values, refused=refused, note=note)
    log.info("house_rules_changed", actor=ctx.actor.key)
    text = say(visitor, mark("The house rules are saved and in force."))
    return redirect(request, f"{HOME}/rules", Answer(text=text))


@router.get("/calendar")
def calendar(request: Request, ctx: Command) -> Response:
    """When the house works."""
    shown = ctx.engine.calendar
    hours = {
        day: ", ".join(f"{each.begins:%H:%M}-{each.ends:%H:%M}" for each in shown.hours.get(day, ()))
        for day in WEEKDAYS
    }
    values = SimpleNamespace(
        country=shown.country,
        holiday_weekends_closed=shown.holiday_weekends_closed,
        make_up_day_hours=shown.make_up_day_hours,
        closing_days="\n".join(sorted(f"{day}" for day in shown.closing_days)),
        opening_days="\n".join(sorted(f"{day}" for day in shown.opening_days)),
    )
    return _calendar(request, ctx, values, hours)


def _calendar(
    request: Request,
    ctx: Context,
    values: SimpleNamespace,
    hours: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    refused: str = "",
    note: str = "",
) -> Response:
    return render(
        request,
        "organisation/calendar.html",
        status=INVALID if errors else REFUSED if refused else 200,
        values=values,
        hours=hours,
        weekdays=WEEKDAYS,
        labels=FIELDS,
        countries=sorted(holidays.list_supported_countries()),
        zone=ctx.engine.calendar.zone,
        errors=errors or {},
        refused=refused,
        note=note,
        seen=organisations.seen(ctx),
    )


@router.post("/calendar")
def keep_calendar(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Put another calendar in force: deadlines set from now on are reckoned by it, those set keep theirs."""
    values = SimpleNamespace(
        country=str(fields.get("country", "")).strip().upper(),
        holiday_weekends_closed=bool(fields.get("holiday_weekends_closed")),
        make_up_day_hours=str(fields.get("make_up_day_hours", "")),
        closing_days=str(fields.get("closing_days", "")).strip(),
        opening_days=str(fields.get("opening_days", "")).strip(),
    )
    hours = {day: str(fields.get(day, "")).strip() for day in WEEKDAYS}
    note, errors = str(fields.get("note", "")), {}
    if values.country not in holidays.list_supported_countries():
        errors["country"] = say(visitor, mark("No public holidays are known for this country."))
    for day, text in hours.items():
        if not all(map(_SHIFT.fullmatch, _lines(text))):
            errors[day] = say(visitor, mark("Write hours such as 09:00-12:00, 13:00-18:00, or nothing."))
    for name in ("closing_days", "opening_days"):
        if not _all(_lines(getattr(values, name)), date.fromisoformat):
            errors[name] = say(visitor, mark("Write one day a line, such as 2026-12-31."))
    refused, wanted = "", None
    if not errors:
        wanted = _read({**vars(values), "hours": {day: _lines(text) for day, text in hours.items()}}, ctx)
        refused = (
            attempt(
                ctx,
                visitor,
                organisations.change,
                calendar=wanted,
                note=note,
                seen_id=seen_of(fields),
            )
            if wanted
            else say(
                visitor,
                mark(
                    "Each day's hours follow each other without overlap, and the day whose hours make-up days have"
                    " is worked."
                ),
            )
        )
    if errors or refused:
        return _calendar(request, ctx, values, hours, errors=errors, refused=refused, note=note)
    log.info("calendar_changed", actor=ctx.actor.key)
    text = say(visitor, mark("The calendar is saved. Deadlines set already keep their time."))
    return redirect(request, f"{HOME}/calendar", Answer(text=text))


def _read(content: dict[str, Any], ctx: Context) -> Calendar | None:
    days = {name: _lines(content[name]) for name in ("closing_days", "opening_days")}
    try:
        return calendars.parse({**content, **days, "zone": ctx.engine.calendar.zone})
    except ValidationError:
        return None


def _lines(text: str) -> list[str]:
    """What stands on lines of their own or between commas."""
    return [part.strip() for part in re.split(r"[\n,，、]", text) if part.strip()]


def _all(texts: Iterable[str], read: Callable[[str], object]) -> bool:
    try:
        for text in texts:
            read(text)
    except ValueError:
        return False
    return True


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
