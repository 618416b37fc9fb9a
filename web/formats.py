"""How values read on a page: moments, spans, money, sizes. Plain words; the markup around them is in templates/ui."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_symbol

from web import masking
from web.i18n import current, gettext, ngettext
from web.visitor import looking

_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
_CENT = Decimal("0.01")
#: Less than this before the deadline, a step is shown as due soon.
SOON = timedelta(hours=2)
#: So many wordings are remembered: the rows of a list are shown again and again, and Babel is slow.
_SHOWN = 8192


def _locale() -> str:
    return _LOCALES[current.get()]


def instant(value: datetime | str) -> datetime:
    """An instant as the reader's business zone has it; ISO strings (as variables carry them) are taken too."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    zone = looking().zone
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def iso(value: datetime | str) -> str:
    """For the `datetime` attribute: UTC to the second."""
    return instant(value).astimezone(UTC).isoformat(timespec="seconds")


def exact(value: datetime | str) -> str:
    """Everything about an instant, for the title: weekday, date, time and zone."""
    moment = instant(value)
    return f"{_to_the_minute(moment.replace(tzinfo=None), _locale())} ({moment.tzname()})"


@lru_cache(_SHOWN)
def _to_the_minute(clock: datetime, locale: str) -> str:
    pattern = "y年M月d日 EEEE HH:mm" if locale == _LOCALES["zh"] else "EEEE d MMMM y, HH:mm"
    return format_datetime(clock, pattern, locale=locale)


def moment(value: datetime | str) -> str:
    """An instant in few words: "today 15:20", "yesterday 09:05", "3 Nov 14:00", "3 Nov 2025"."""
    at, now = instant(value), instant(looking().now)
    clock = f"{at:%H:%M}"
    days = (at.date() - now.date()).days
    if days == 0:
        return gettext("today {time}").format(time=clock)
    if days == -1:
        return gettext("yesterday {time}").format(time=clock)
    if days == 1:
        return gettext("tomorrow {time}").format(time=clock)
    if abs(days) < 300:
        return f"{_day_month(at)} {clock}"
    return day(at)


def day(value: date | datetime | str) -> str:
    """A date: "3 Nov 2026"."""
    at = _date(value)
    return format_date(at, "y年M月d日" if current.get() == "zh" else "d MMM y", locale=_locale())


def month(value: date) -> str:
    """A month by its first day: "November 2026"."""
    return format_date(value, "y年M月" if current.get() == "zh" else "MMMM y", locale=_locale())


def _date(value: date | datetime | str) -> date:
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    return instant(value).date() if isinstance(value, datetime | str) else value


def _day_month(at: datetime) -> str:
    return _short_date(at.date(), _locale())


@lru_cache(_SHOWN)
def _short_date(at: date, locale: str) -> str:
    return format_date(at, "M月d日" if locale == _LOCALES["zh"] else "d MMM", locale=locale)


def span(length: timedelta) -> str:
    """A length of time by its largest unit: "25 min", "3 h", "2 days"."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes < 1:
        return gettext("less than a minute")
    if minutes < 60:
        return gettext("{n} min").format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return gettext("{n} h").format(n=hours)
    return ngettext("{n} day", "{n} days", hours // 24).format(n=hours // 24)


def duration(length: timedelta) -> str:
    """A length of time in full, to the minute: "2 days 3 h", "8 h 30 min"."""
    minutes = int(abs(length).total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        ngettext("{n} day", "{n} days", days).format(n=days) if days else "",
        gettext("{n} h").format(n=hours) if hours else "",
        gettext("{n} min").format(n=minutes) if minutes else "",
    ]
    return " ".join(filter(None, parts)) or gettext("less than a minute")


def minutes(length: timedelta) -> str:
    """Minutes as they are added up, of parts of one a hundredth: "180", "12.5"."""
    return f"{length / timedelta(minutes=1):.2f}".rstrip("0").rstrip(".")


def clock(value: datetime) -> str:
    """The time of day: "09:05"."""
    return f"{instant(value):%H:%M}"


def weekday(value: date) -> str:
    """A day with its weekday: "Wed 30 Sept 2026"."""
    pattern = "y年M月d日 EEE" if current.get() == "zh" else "EEE d MMM y"
    return format_date(value, pattern, locale=_locale())


def lasting(seconds: int) -> str:
    """A length of time given in seconds, by its largest unit."""
    return span(timedelta(seconds=seconds))


def since(value: datetime | str) -> str:
    """How long something has waited: "3 h"."""
    return span(instant(looking().now) - instant(value))


def due(value: datetime | str) -> str:
    """A deadline in words: "in 3 h", "2 days overdue"."""
    left = instant(value) - instant(looking().now)
    if left < timedelta(0):
        return gettext("{span} overdue").format(span=span(left))
    if left < timedelta(days=2):
        return gettext("in {span}").format(span=span(left))
    return moment(value)


def urgency(value: datetime | str) -> str:
    """ "overdue", "soon" or "" for a deadline."""
    left = instant(value) - instant(looking().now)
    if left < timedelta(0):
        return "overdue"
    return "soon" if left < SOON else ""


def amount(value: Any) -> str:
    """Money to the cent, digits grouped, without the currency: "1,320.00"."""
    return _grouped(Decimal(str(value)).quantize(_CENT), _locale())


@lru_cache(_SHOWN)
def _grouped(cents: Decimal, locale: str) -> str:
    return format_decimal(cents, "#,##0.00", locale=locale)


def currency(code: str | None = None) -> str:
    """The sign of a currency, the organisation's by default: "¥"."""
    return _sign(code or looking().organisation.currency)


@lru_cache
def _sign(code: str) -> str:
    symbol = get_currency_symbol(code, locale="en")
    return symbol.lstrip(string.ascii_letters) or symbol


def number(value: Any) -> str:
    """A number as the reader's language groups it, without needless decimals."""
    return format_decimal(value, locale=_locale())


def percent(value: float) -> str:
    """A share between 0 and 1: "97.5 %"."""
    return f"{format_decimal(round(value * 100, 1), locale=_locale())} %"


def size(octets: int) -> str:
    """A file's size: "340 KB"."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{octets // 1000} KB"
    return f"{octets / 1_000_000:.1f} MB"


def initials(name: str) -> str:
    """One or two letters that stand for a person: the family name's character, or first letters of two words."""
    first = name.strip()[:1]
    if first and ord(first) > 0x2E7F:
        return first
    return "".join(part[0] for part in name.split()[:2]).upper()


def personal(value: str | None, field: str) -> str:
    """A customer's phone, e-mail, address or name as the reader's roles let them see it."""
    return masking.shown(value, field, looking().hidden)


FILTERS = {
    f.__name__: f
    for f in (
        iso,
        exact,
        moment,
        day,
        month,
        span,
        duration,
        minutes,
        clock,
        weekday,
        lasting,
        since,
        due,
        urgency,
        amount,
        number,
        percent,
        size,
        initials,
        personal,
    )
}
