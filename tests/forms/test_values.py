"""Between texts and values: nothing is lost, nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import numbers

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=60)
NUMBER = st.integers(-(10**15), 10**15) | st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: round(x, 6))
OPTIONS = [{"label": "A", "value": "a"}, {"label": "One", "value": 1}, {"label": "Yes", "value": True}]
EVERYTHING = [
    {"type": "textfield", "key": "text", "label": "Text"},
    {"type": "textarea", "key": "area", "label": "Area"},
    {"type": "number", "key": "number", "label": "Number"},
    {"type": "number", "key": "money", "label": "Money", "decimalDigits": 2},
    {"type": "number", "key": "exact", "label": "Exact", "serializeToString": True},
    {"type": "checkbox", "key": "tick", "label": "Tick"},
    {"type": "select", "key": "one", "label": "One", "values": OPTIONS},
    {"type": "radio", "key": "other", "label": "Other", "values": OPTIONS},
    {"type": "checklist", "key": "some", "label": "Some", "values": OPTIONS},
    {"type": "datetime", "key": "day", "dateLabel": "Day", "subtype": "date"},
    {"type": "datetime", "key": "time", "timeLabel": "Time", "subtype": "time"},
    {"type": "datetime", "key": "moment", "dateLabel": "Moment", "subtype": "datetime"},
    {
        "type": "dynamiclist",
        "path": "rows",
        "label": "Rows",
        "components": [{"type": "textfield", "key": "text", "label": "Text"}],
    },
]
VALUE = st.fixed_dictionaries(
    {
        "text": TEXT,
        "area": TEXT,
        "number": st.none() | NUMBER,
        "money": st.none() | st.decimals(-(10**9), 10**9, places=2).map(float),
        "exact": st.none() | st.decimals(-(10**9), 10**9, places=4).map(str),
        "tick": st.booleans(),
        "one": st.none() | st.sampled_from(["a", 1, True]),
        "other": st.none() | st.sampled_from(["a", 1, True]),
        "some": st.lists(st.sampled_from(["a", 1]), unique=True),
        "day": st.none() | st.dates().map(lambda day: day.isoformat()),
        "time": st.none() | st.times().map(lambda time: time.isoformat()),
        "moment": st.none()
        | st.datetimes(timezones=st.timezones())
        .filter(lambda t: 1900 < t.year < 2200)
        .map(lambda t: t.isoformat()),
        "rows": st.lists(st.fixed_dictionaries({"text": TEXT}), max_size=3),
    }
)


@settings(max_examples=60, deadline=None)
@given(data=VALUE)
def test_what_is_shown_and_sent_back_untouched_is_the_same_value(desk, data):
    form = desk(EVERYTHING, data)
    assert form.values(*form.shown()) == data


@settings(max_examples=60, deadline=None)
@given(data=VALUE)
def test_values_without_a_page_are_the_same_values(desk, data):
    from engine import forms

    form = desk(EVERYTHING)
    given_values = {
        **data,
        "text": " ".join(data["text"].split("\n")).strip(),
        "area": data["area"].rstrip(),
        "rows": [{"text": " ".join(row["text"].split("\n")).strip()} for row in data["rows"]],
        "time": None,
        "moment": None,
    }
    got = form.values(*forms.fields_of(form.form, given_values))
    texts = ("text", "area", "rows", "exact")
    assert {k: v for k, v in got.items() if k not in texts} == {
        k: v for k, v in given_values.items() if k not in texts
    }


@given(amount=st.decimals(0, 10**12, places=2))
def test_amounts_are_exact_to_the_cent_however_they_are_grouped(amount):
    for written in (f"{amount}", f"{amount:,}", f"¥ {amount:,}", f"{amount:,}".replace(",", " ")):
        assert numbers.parse(written) == amount
        assert Decimal(repr(float(numbers.parse(written)))) == amount


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.50", "1234.50"),
        ("１２３４．５", "1234.5"),
        ("１，２３４", "1234"),
        ("1.234.567,89", "1234567.89"),
        ("12,5", "12.5"),
        ("−3", "-3"),
        ("+7", "7"),
        (".5", "0.5"),
        ("320元", "320"),
        ("￥320", "320"),
        ("1 234,50", "1234.50"),
    ],
)
def test_numbers_are_read_as_people_write_them(written, number):
    assert numbers.parse(written) == Decimal(number)


@pytest.mark.parametrize(
    "written", ["", "abc", "1e5", "NaN", "Infinity", "1,2,3", "1..2", "0x10", "--1", "9" * 41]
)
def test_what_is_no_number_is_none(written):
    assert numbers.parse(written) is None


@pytest.mark.parametrize(
    ("subtype", "style", "typed", "value"),
    [
        ("date", None, "2026-11-22", "2026-11-22"),
        ("date", None, "2026年11月2日", "2026-11-02"),
        ("date", None, "2026/1/2", "2026-01-02"),
        ("time", "utc_offset", "9:30", "09:30:00+08:00"),
        ("time", "no_timezone", "09:30", "09:30:00"),
        ("datetime", "utc_offset", "2026-11-22T09:30", "2026-11-22T09:30:00+08:00"),
        ("datetime", "utc_normalized", "2026-11-22T09:30", "2026-11-22T01:30:00Z"),
        ("datetime", "no_timezone", "2026-11-22 09:30", "2026-11-22T09:30:00"),
        ("datetime", None, "2026-11-22T09:30", "2026-11-22T09:30:00+08:00"),
    ],
)
def test_dates_and_times_are_iso_in_the_business_zone(desk, subtype, style, typed, value):
    field = {
        "type": "datetime",
        "key": "d",
        "dateLabel": "D",
        "subtype": subtype,
        "timeSerializingFormat": style,
    }
    assert desk([field]).values(("d", typed)) == {"d": value}


@pytest.mark.parametrize(
    ("subtype", "typed", "code"),
    [
        ("date", "31.02.2026", "not_a_date"),
        ("date", "2026-02-30", "not_a_date"),
        ("time", "25:00", "not_a_time"),
        ("datetime", "tomorrow", "not_a_datetime"),
    ],
)
def test_what_is_no_date_is_said_so(desk, subtype, typed, code):
    form = desk([{"type": "datetime", "key": "d", "dateLabel": "D", "subtype": subtype}])
    assert form.refused(("d", typed)) == {"d": code}


def test_a_past_day_can_be_excluded_and_a_latest_day_set(desk):
    field = {
        "type": "datetime",
        "key": "d",
        "dateLabel": "D",
        "subtype": "date",
        "disallowPassedDates": True,
        "properties": {"latest": "=lastDay"},
    }
    form = desk([field], feel={"today()": lambda v: "2026-11-22", "lastDay": lambda v: "2026-12-01"})
    assert form.values(("d", "2026-11-22")) == {"d": "2026-11-22"}
    assert form.refused(("d", "2026-11-21")) == {"d": "too_early"}
    assert form.errors.errors[0].message == "Choose 2026-11-22 or later."
    assert form.refused(("d", "2026-12-02")) == {"d": "too_late"}


def test_files_are_what_the_web_layer_vouches_for(desk):
    from engine.forms import StoredFile

    picker = {
        "type": "filepicker",
        "key": "photos",
        "label": "Photos",
        "accept": "image/*,.pdf",
        "multiple": True,
    }
    photo = StoredFile(id="a1", name="leg.JPG", type="image/jpeg", size=1200)
    form = desk([{**picker, "validate": {"required": True}}])
    assert form.values(("photos", ""), files={"photos": [photo]}) == {
        "photos": [{"attachment": "a1", "name": "leg.JPG", "type": "image/jpeg", "size": 1200}]
    }
    assert form.refused(("photos", "")) == {"photos": "file_required"}
    assert form.refused(("photos", "somebody-elses")) == {"photos": "unknown_attachment"}
    program = StoredFile(id="a2", name="run.exe", type="application/x-dosexec", size=9)
    assert form.refused(files={"photos": [program]}) == {"photos": "file_type"}
    assert ("photos", "a2") in form.errors.kept
    one = desk([{**picker, "multiple": False}])
    assert one.refused(files={"photos": [photo, StoredFile(id="b", name="b.pdf", type="x/y", size=1)]}) == {
        "photos": "too_many_files"
    }


def test_files_attached_before_stay_until_they_are_unticked(desk):
    attached = {"photos": [{"attachment": "a1", "name": "leg.jpg", "type": "image/jpeg", "size": 1}]}
    form = desk([{"type": "filepicker", "key": "photos", "label": "Photos", "multiple": True}], attached)
    assert form.values(*form.shown()) == attached
    assert form.values(("photos", "")) == {"photos": []}
