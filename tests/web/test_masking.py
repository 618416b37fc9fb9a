"""Phone, e-mail and address are masked for roles that need them not, on every page and in every file."""

from __future__ import annotations

import pytest

from tests.web import goods
from web import masking

PHONE, MASKED = "13912345678", "139****5678"
STREET = "Nanjing Road 7"


@pytest.fixture
def case(office):
    goods.furnish(
        office, customer={"name": "Wang Wei", "phone": PHONE, "address": STREET, "email": "wei@w.example"}
    )
    return goods.case(office)


@pytest.mark.parametrize(
    ("person", "sees"),
    [("zhou.min", True), ("gao.yuan", True), ("xu.dan", False), ("qian.yu", False),
     ("shen.ke", False), ("admin", False)],
)  # fmt: skip
def test_a_role_sees_the_phone_number_or_part_of_it(office, case, browser, person, sees):
    """Service and operations call people; finance, owners, auditors and administrators do not."""
    page = browser(person).get(f"/cases/{case}").text
    assert (PHONE in page, STREET in page) == (sees, sees)
    assert (MASKED in page, "Nan****" in page) == (not sees, not sees)


def test_a_technician_calls_and_visits_but_writes_no_mail(office):
    with office.app.commands.begin(office.actor("tech")) as ctx:
        assert masking.hidden(ctx) == {"email"}


@pytest.mark.parametrize("path", ["/customers", "/customers/C-1", "/find?q=Wang", "/audit/{case}"])
def test_an_auditor_sees_masked_values_wherever_they_look(case, browser, path):
    page = browser("shen.ke").get(path.format(case=case)).text
    assert PHONE not in page and STREET not in page and "wei@w.example" not in page
    assert "Wang Wei" in page
    if path != "/audit/{case}":
        assert MASKED in page


@pytest.mark.parametrize("path", ["/cases.csv?columns=phone", "/finance.csv", "/cases.xlsx"])
def test_files_hold_no_more_than_the_page(case, browser, path):
    answer = browser("xu.dan").get(path)
    assert answer.status_code == 200
    assert PHONE.encode() not in answer.content


def test_the_business_decides_who_sees_what(office, case, browser, tmp_path):
    rules = tmp_path / "personal_data.toml"
    rules.write_text(
        '[erasing]\nfields = []\ntexts = []\n[masking]\nname = ["customer_service"]\nphone = ["auditor"]\n',
        encoding="utf-8",
    )
    object.__setattr__(office.app.settings, "personal_data_file", rules)
    page = browser("shen.ke").get("/customers/C-1").text
    assert PHONE in page and STREET in page
    assert "Wang Wei" not in page and "W**" in page
    assert "Wang Wei" in browser("zhou.min").get("/customers/C-1").text


@pytest.mark.parametrize(
    ("field", "value", "masked"),
    [
        ("phone", "13912345678", "139****5678"),
        ("phone", "110", "****"),
        ("email", "wei@w.example", "w****@w.example"),
        ("address", "南京路七号", "南京路****"),
        ("name", "王小明", "王**"),
        ("phone", "", ""),
    ],
)
def test_what_a_masked_value_shows(field, value, masked):
    assert masking.shown(value, field, {field}) == masked
    assert masking.shown(value, field, ()) == value
