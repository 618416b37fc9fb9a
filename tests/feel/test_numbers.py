"""Decimal arithmetic as people do it on paper, checked against Python's Decimal."""

from datetime import UTC, datetime
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import Feel

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FEEL = Feel()
MODES = {
    "decimal": ROUND_HALF_EVEN,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}
money = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
exact = st.decimals(min_value=-100_000, max_value=100_000, places=5)


@given(st.lists(money, min_size=1, max_size=20))
def test_a_sum_of_money_is_exact_to_the_cent(amounts):
    total = FEEL.evaluate("sum(amounts)", {"amounts": amounts}, now=NOW)
    assert Decimal(repr(total)) == sum(amounts)


@given(money, st.integers(min_value=0, max_value=100))
def test_a_share_of_money_is_rounded_as_on_paper(amount, percent):
    share = FEEL.evaluate(
        "decimal(amount * percent / 100, 2)", {"amount": amount, "percent": percent}, now=NOW
    )
    expected = (amount * percent / 100).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    assert Decimal(repr(share)) == expected


@pytest.mark.parametrize("function", MODES)
@given(number=exact, scale=st.integers(min_value=-3, max_value=5))
def test_rounding_looks_at_decimal_digits(function, number, scale):
    rounded = FEEL.evaluate(f"{function}(n, scale)", {"n": number, "scale": scale}, now=NOW)
    assert Decimal(repr(rounded)) == number.quantize(Decimal(1).scaleb(-scale), MODES[function])
