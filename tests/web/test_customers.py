"""Customers."""

import pytest

from tests.web import goods
from tests.wire import count_statements


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=1380000", True),
        ("q=小明", True),
        ("q=C-1", True),
        ("q=C-", False),
        ("q=nobody", False),
        ("tier=high_value", True),
        ("tier=standard", False),
        ("cases=open", True),
        ("sort=-since", True),
    ],
)
def test_customers_are_found_by_phone_name_and_number(browser, office, query, found):
    goods.furnish(office, customer={"name": "王小明", "tier": "high_value"})
    goods.case(office)
    assert ("王小明" in browser("gao.yuan").get(f"/customers?{query}").text) == found


def test_a_file_holds_purchases_cases_and_profile(browser, office):
    goods.furnish(office, customer={"name": "王小明", "doNotCall": True})
    case = goods.case(office)
    goods.pay_back(office, case)
    page = browser("gao.yuan").get("/customers/C-1").text
    for said in (
        "王小明",
        "13800000000",
        "SO-1",
        "CHAIR-01",
        "100.00",
        case,
        "do not call",
        'id="order-SO-1"',
    ):
        assert said in page, said


def test_a_customer_nobody_knows_is_a_page_that_says_so(browser, office):
    assert browser("gao.yuan").get("/customers/C-404").status_code == 404


def test_customers_are_not_for_everybody(browser, office):
    assert browser("xu.dan").get("/customers").status_code == 403
    assert browser("xu.dan").get("/customers/C-1").status_code == 403


@pytest.mark.parametrize(("address", "most"), [("/customers", 2), ("/customers/C-1", 9)])
def test_a_page_costs_the_same_few_statements_however_long_it_is(browser, office, address, most):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.get(address)
    statements = count_statements()
    gao.get(address)
    few = len(statements)
    for n in range(4):
        office.customer(f"D{n}")
        goods.case(office)
    statements.clear()
    gao.get(address)
    assert len(statements) == few <= most, "\n\n".join(statements)
