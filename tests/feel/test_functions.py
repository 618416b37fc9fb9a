"""Functions of our own, answered by Python."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.feel import Feel, FeelError

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def add_working_time(from_: datetime, duration: timedelta) -> datetime:
    return from_ + 2 * duration


def double(n: float) -> float:
    return 2 * n


def fails(n: float) -> float:
    raise ValueError("the year 2031 has no holidays yet")


def describe(value):
    return {"type": type(value).__name__, "on": date(2026, 1, 1)}


FEEL = Feel(
    {
        "add working time": add_working_time,
        "double": double,
        "fails": fails,
        "describe": describe,
    }
)


def value(expression: str, **variables):
    return FEEL.evaluate(expression, variables, now=NOW)


def test_a_name_with_spaces_is_called_like_any_other():
    assert value('add working time(now(), duration("PT24H"))') == "2026-11-24T10:00:00+08:00"
    assert value('add working time(from: now(), duration: duration("PT1H")) > now()') is True


def test_iso_strings_are_taken_for_the_dates_they_are():
    assert (
        value('add working time(at, "PT1H")', at="2026-11-22T10:00:00+08:00") == "2026-11-22T12:00:00+08:00"
    )
    assert value('add working time(at, "PT1H")', at="2026-11-22T10:00:00") == "2026-11-22T12:00:00+08:00"


def test_functions_can_be_called_in_loops_and_inside_each_other():
    assert value("for i in 1..5 return double(double(i))") == [4, 8, 12, 16, 20]


def test_arguments_arrive_as_python_values_and_results_leave_as_feel():
    assert value("describe(today())") == {"type": "date", "on": "2026-01-01"}
    assert value("describe(now()).type") == "datetime"
    assert value('describe(duration("P1D")).type') == "timedelta"
    assert value("describe([1, {a: null}]).type") == "list"
    assert value("describe(null).type") == "NoneType"


def test_a_variable_hides_a_function_of_its_name():
    assert value("double", double=3) == 3


def test_what_a_function_refuses_is_an_error_of_the_expression():
    with pytest.raises(FeelError, match="fails: the year 2031 has no holidays yet"):
        value("fails(1)")


def test_too_few_arguments_give_null():
    assert value("double()") is None


def test_endless_asking_ends():
    with pytest.raises(FeelError, match="More than 1000 calls"):
        value("for i in 1..5000 return double(i)")


def test_a_function_may_evaluate_expressions_itself():
    inner = Feel(machines=1)
    outer = Feel({"nested": lambda n: inner.evaluate("n + 1", {"n": n}, now=NOW)}, machines=1)
    assert outer.evaluate("nested(1) + nested(2)", {}, now=NOW) == 5

    itself: list[Feel] = []
    itself.append(Feel({"again": lambda n: itself[0].evaluate("n * 2", {"n": n}, now=NOW)}, machines=1))
    assert itself[0].evaluate("again(4)", {}, now=NOW) == 8
