"""What differs between two versions of the organisation, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from web import formats
from web.i18n import gettext, mark
from web.places import PLACES

Content = Mapping[str, Any]

FIELDS = {
    "name": mark("English name"),
    "name_zh": mark("Chinese name"),
    "retention_years": mark("Years that records are kept"),
    "from": mark("Calls from"),
    "until": mark("Calls until"),
    "max_per_day": mark("Calls a day"),
    "max_megabytes": mark("Largest attachment in MB"),
    "types": mark("Types of attachments"),
    "recent_days": mark("Days that count as recent"),
    "completed_orders": mark("Completed orders at least"),
    "recent_refunds": mark("Recent refunds at most"),
    "teams": mark("Teams"),
    "skills": mark("Skills"),
    "areas": mark("Areas"),
    "shops": mark("Shops"),
    "compensation_limit": mark("May promise alone"),
    "places": mark("Opens"),
    "sees": mark("Sees"),
    "recorded_by": mark("Recorded by"),
    "not_with": mark("Not together with"),
    "roles": mark("Roles"),
    "team": mark("Team"),
    "email": mark("E-mail"),
    "active": mark("May sign in"),
    "country": mark("Country whose holidays apply"),
    "holiday_weekends_closed": mark("Weekends beside holidays are closed"),
    "make_up_day_hours": mark("Make-up days have the hours of"),
    "closing_days": mark("Closed days of our own"),
    "opening_days": mark("Open days of our own"),
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
}
#: What a role sees, as config/organisation.toml says it.
SIGHTS = {
    "all": mark("every case"),
    "areas": mark("cases of their areas"),
    "shops": mark("cases of their shops"),
    "own": mark("their own cases"),
}
#: Parts of the organisation that hold fields of their own.
_PARTS = ("calling", "attachments", "trust")
#: Said only where the file says it.
_OF_THE_FILE = ("self_approval",)


def differences(before: Content, after: Content, language: str) -> list[str]:
    """One sentence for each difference, in the language pages are made in."""
    return [*_Words(before, after, language).all()]


class _Words:
    def __init__(self, before: Content, after: Content, language: str) -> None:
        self._before, self._after, self._language = before, after, language
        self._roles = {
            **before.get("organisation", {}).get("roles", {}),
            **after.get("organisation", {}).get("roles", {}),
        }
        self._people = {
            each["key"]: each["name"] for content in (before, after) for each in content.get("people", ())
        }

    def all(self) -> Iterator[str]:
        yield from self._house()
        yield from self._each(
            self._before.get("organisation", {}).get("roles", {}),
            self._after.get("organisation", {}).get("roles", {}),
            lambda key: gettext("Role {name}").format(name=self._role(key)),
        )
        yield from self._calendar()
        yield from self._each(
            {each["key"]: each for each in self._before.get("people", ())},
            {each["key"]: each for each in self._after.get("people", ())},
            lambda key: self._people[key],
        )
        yield from self._absences()

    def _house(self) -> Iterator[str]:
        before, after = self._before.get("organisation", {}), self._after.get("organisation", {})
        plain = [key for key in after if key not in (*_PARTS, *_OF_THE_FILE, "roles")]
        yield from self._fields("", {k: before.get(k) for k in plain}, {k: after[k] for k in plain})
        for part in _PARTS:
            yield from self._fields("", before.get(part, {}), after.get(part, {}))

    def _calendar(self) -> Iterator[str]:
        before, after = (dict(each.get("calendar", {})) for each in (self._before, self._after))
        hours = [{day: _hours(each) for day, each in c.pop("hours", {}).items()} for c in (before, after)]
        yield from self._fields("", before, after)
        yield from self._fields("", hours[0], hours[1])

    def _absences(self) -> Iterator[str]:
        before, after = self._before.get("absences", []), self._after.get("absences", [])
        for each in after:
            if each not in before:
                yield gettext("{person} is away {begins} – {ends}; {substitute} stands in").format_map(
                    self._absence(each)
                )
        for each in before:
            if each not in after:
                yield gettext("{person} is not away {begins} – {ends} after all").format_map(
                    self._absence(each)
                )

    def _absence(self, each: Mapping[str, Any]) -> dict[str, str]:
        return {
            "person": self._people.get(each["person"], each["person"]),
            "substitute": self._people.get(each["substitute"], each["substitute"]),
            "begins": formats.day(each["begins"]),
            "ends": formats.day(each["ends"]),
        }

    def _each(self, before: Content, after: Content, named: Any) -> Iterator[str]:
        for key in after:
            if key not in before:
                yield gettext("{what} is new").format(what=named(key))
            else:
                yield from self._fields(named(key), before[key], after[key])
        for key in before:
            if key not in after:
                yield gettext("{what} is gone").format(what=named(key))

    def _fields(self, of: str, before: Content, after: Content) -> Iterator[str]:
        for field in after:
            one, other = before.get(field), after[field]
            if one != other and field in FIELDS:
                label = gettext(FIELDS[field])
                yield gettext("{what}: {before} → {after}").format(
                    what=f"{of} · {label}" if of else label,
                    before=self._value(field, one),
                    after=self._value(field, other),
                )

    def _value(self, field: str, value: Any) -> str:
        if value is None or value in ("", [], ()):
            return gettext("nothing")
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, list):
            return gettext(", ").join(self._value(field, each) for each in value)
        if field in ("roles", "recorded_by", "not_with"):
            return self._role(str(value))
        if field == "places":
            return next((gettext(each.label) for each in PLACES if each.key == value), str(value))
        if field == "sees":
            return gettext(SIGHTS[value])
        if field == "make_up_day_hours":
            return gettext(FIELDS[value])
        if field in ("closing_days", "opening_days"):
            return formats.day(value)
        if field in ("from", "until"):
            return str(value)[:5]
        return str(value)

    def _role(self, key: str) -> str:
        role = self._roles.get(key)
        return (role["name_zh"] if self._language == "zh" else role["name"]) if role else key


def _hours(shifts: list[Mapping[str, str]]) -> str:
    return ", ".join(f"{each['begins'][:5]}-{each['ends'][:5]}" for each in shifts)
