"""Evaluating with variables, a clock, and what the engine around wants of a result."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.feel import Feel, FeelError, check, names

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FEEL = Feel()

ORDER = {"order": {"total": 10.3, "lines": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 3}]}}


def value(expression: str, **variables):
    return FEEL.evaluate(expression, variables, now=NOW)


def test_variables_are_read_by_path_and_filter():
    assert value("order.lines[quantity > 1].sku", **ORDER) == ["B"]
    assert value("sum(order.lines.quantity)", **ORDER) == 4


def test_whole_numbers_come_back_as_int_and_others_as_float():
    whole, fraction = value("2 * 3"), value("1 / 4")
    assert (whole, type(whole)) == (6, int)
    assert (fraction, type(fraction)) == (0.25, float)
    assert type(value("[2 * 3]")[0]) is int


def test_money_adds_up_as_people_expect():
    assert value("0.1 + 0.2") == 0.3
    assert value("1.1 * 3") == 3.3
    assert value("decimal(2.675, 2)") == 2.68
    assert value("amount * 2", amount=Decimal("19.99")) == 39.98


def test_dates_leave_as_iso_strings():
    assert value('date("2026-11-22")') == "2026-11-22"
    assert value('duration("P7D")') == "P7D"
    assert value('{at: now(), wait: [duration("PT36H")]}') == {
        "at": "2026-11-22T10:00:00+08:00",
        "wait": ["P1DT12H"],
    }


def test_the_clock_is_the_commands_and_tells_the_business_zone():
    assert value("now()") == "2026-11-22T10:00:00+08:00"
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert FEEL.evaluate("today()", {}, now=late) == "2026-11-23"
    assert Feel(zone="Europe/Paris").evaluate("now()", {}, now=NOW) == "2026-11-22T03:00:00+01:00"


def test_a_string_is_no_date_until_it_is_converted():
    received = "2026-11-20T10:00:00+08:00"
    assert value("received < now()", received=received) is None
    assert value("date and time(received) < now()", received=received) is True
    assert value('now() - date and time(received) <= duration("P7D")', received=received) is True


def test_python_dates_are_dates_in_feel():
    assert value("due - today()", due=date(2026, 11, 25)) == "P3D"
    assert value("now() + wait", wait=timedelta(hours=1, milliseconds=500)) == "2026-11-22T11:00:00.5+08:00"
    assert value("at < now()", at=NOW - timedelta(seconds=1)) is True


def test_named_zones_know_their_summer_time():
    assert value('date and time("2026-07-01T12:00:00@Europe/Paris")') == "2026-07-01T12:00:00+02:00"
    assert (
        value('date and time("2026-03-28T12:00:00@Europe/Paris") + duration("P1D")')
        == "2026-03-29T13:00:00+02:00"
    )
    assert value('date and time("2026-07-01T12:00:00@Nowhere/Else")') is None


def test_an_instant_without_offset_is_meant_in_the_business_zone():
    assert FEEL.instant("2026-11-22").isoformat() == "2026-11-22T00:00:00+08:00"
    assert FEEL.instant("2026-11-22T10:00:00").isoformat() == "2026-11-22T10:00:00+08:00"
    assert FEEL.instant("2026-11-22T10:00:00Z").isoformat() == "2026-11-22T10:00:00+00:00"
    with pytest.raises(ValueError):
        FEEL.instant("tomorrow")


def test_an_unknown_variable_is_null_and_is_warned_of():
    explained = FEEL.explain("amuont > 5", {"amount": 7}, now=NOW)
    assert explained.value is None
    assert "There is no variable amuont" in [warning["message"] for warning in explained.warnings]
    assert (explained.warnings[0]["start"], explained.warnings[0]["end"]) == (0, 6)


def test_a_condition_that_is_not_boolean_chooses_no_branch():
    assert FEEL.evaluate_boolean("amount > 5", {"amount": 7}, now=NOW) is True
    with pytest.raises(FeelError, match=r"neither true nor false .*There is no variable amuont"):
        FEEL.evaluate_boolean("amuont > 5", {"amount": 7}, now=NOW)
    with pytest.raises(FeelError, match="The condition is yes"):
        FEEL.evaluate_boolean('"yes"', {}, now=NOW)


def test_only_what_begins_with_an_equals_sign_is_an_expression():
    assert FEEL.value("=1 + 1", {}, now=NOW) == 2
    assert FEEL.value("PT24H", {}, now=NOW) == "PT24H"
    assert FEEL.value(None, {}, now=NOW) is None


@pytest.mark.parametrize(
    ("test", "tested", "passes"),
    [
        ("> 5", 6, True),
        ("> 5", 5, False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ("[1..5]", 5, True),
        ("]1..5[", 1, False),
        ("-", None, True),
        ("< limit", 3, True),
        ("? > 2 and ? < limit", 3, True),
        ('starts with(?, "AS-")', "AS-2026", True),
        ("null", None, True),
        ("true", True, True),
        ("true", "yes", False),
        ("> 5", None, False),
        ("list", 2, True),
    ],
)
def test_unary_tests(test, tested, passes):
    assert FEEL.unary_test(test, tested, {"limit": 4, "list": [1, 2]}, now=NOW) is passes


def test_templates_put_values_into_text():
    customer = {"customer": {"name": "王芳"}, "parts": ["filter", "hose"], "paid": True}
    text = "Dear {{ customer.name }}, {{parts}} at {{1.5 * 2}}: {{paid}}{{nothing}}."
    assert FEEL.template(text, customer, now=NOW) == "Dear 王芳, filter, hose at 3: true."
    assert FEEL.template("{{ open", customer, now=NOW) == "{{ open"


def test_names_with_operators_in_them_are_names_when_they_exist():
    assert value("unit-price * 2", **{"unit-price": 3}) == 6
    assert value("order.unit-price * 2", order={"unit-price": 3}) == 6
    assert value("for line in lines return line.unit-price", lines=[{"unit-price": 3}]) == [3]
    assert value("unit - price", unit=5, price=3) == 2
    assert value("`unit price` + 1", **{"unit price": 3}) == 4
    assert value("客户.姓名", 客户={"姓名": "王芳"}) == "王芳"


def test_the_same_expression_is_read_anew_where_its_names_differ():
    assert value("a-b", **{"a-b": 7}) == 7
    assert value("a-b", a=3, b=1) == 2
    assert value("a-b", **{"a-b": 7}) == 7


def test_variables_are_not_changed_by_an_expression():
    variables = {"order": {"total": 1}, "list": [1]}
    assert FEEL.evaluate('{a: context put(order, "total", 2), b: append(list, 2)}', variables, now=NOW) == {
        "a": {"total": 2},
        "b": [1, 2],
    }
    assert variables == {"order": {"total": 1}, "list": [1]}


def test_values_that_are_no_json_are_refused():
    with pytest.raises(FeelError, match="not JSON serializable"):
        value("x", x=object())


@pytest.mark.parametrize(
    ("expression", "message", "position"),
    [
        ("1 +", "not complete", 3),
        ("if a then", "not complete", 9),
        ("a b) + 1", r"\) is not expected", 3),
        ("", "empty", 0),
        ("amount > = 5", "= is not expected", 9),
        ('function(x) external {java: {class: "java.lang.Math"}}', "other languages", 0),
    ],
)
def test_a_syntax_error_says_where(expression, message, position):
    with pytest.raises(FeelError, match=message) as caught:
        value(expression)
    assert caught.value.position == position
    assert check(expression)[0].start == position


def test_check_finds_nothing_in_good_expressions():
    assert check("a > 1 and b") == []
    assert check("> 5, < 3", tests=True) == []
    assert check("> 5 and < 7", tests=True)[0].message.startswith("Tests are not joined by words")


def test_names_are_the_free_variables():
    assert names("for x in xs return x + y + lines[quantity > z].amount") == {
        "xs",
        "y",
        "lines",
        "quantity",
        "z",
    }
    assert names("{a: b, c: a + d}") == {"b", "d"}
    assert names("(function(x) x + y)(z)") == {"y", "z"}
    assert names("order.total > count(lines)") == {"order", "lines"}
    assert names("some x in xs satisfies x = limit") == {"xs", "limit"}
    assert names("substring(string: name, start position: 1)") == {"name"}
