"""Hit policies, aggregations, allowed values: what a table answers."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from engine.dmn import DecisionFailed, evaluate, parse
from engine.feel import Feel

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FEEL = Feel()
NAMESPACES = [
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
]


def table(
    rules: list[tuple[str, ...]],
    policy: str = "UNIQUE",
    *,
    aggregation: str = "",
    outputs: tuple[str, ...] = ("result",),
    values: str = "",
    default: str = "",
    allowed: str = "",
    type_ref: str = "number",
    output_type: str = "Any",
    namespace: str = NAMESPACES[0],
) -> bytes:
    """A table with the input `x`; each rule is its test and its results."""
    columns = "".join(
        f'<output id="out_{name}" name="{name}" typeRef="{output_type}">'
        + (f"<outputValues><text>{escape(values)}</text></outputValues>" if values else "")
        + (f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else "")
        + "</output>"
        for name in outputs
    )
    rows = "".join(
        f'<rule id="rule_{number}"><inputEntry id="t_{number}"><text>{escape(test)}</text></inputEntry>'
        + "".join(f"<outputEntry><text>{escape(result)}</text></outputEntry>" for result in results)
        + "</rule>"
        for number, (test, *results) in enumerate(rules, start=1)
    )
    limits = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    aggregated = f'aggregation="{aggregation}"' if aggregation else ""
    return f"""<definitions xmlns="{namespace}" id="m" name="M" namespace="n"><decision id="d" name="D">
      <decisionTable id="t" hitPolicy="{policy}" {aggregated}>
        <input id="in_x" label="X"><inputExpression typeRef="{type_ref}"><text>x</text></inputExpression>{limits}</input>
        {columns}{rows}</decisionTable></decision></definitions>""".encode()


def answer(xml: bytes, x, **variables):
    return evaluate(parse(xml), "d", {"x": x, **variables}, FEEL, NOW).value


OVERLAPPING = [("> 0", '"c"'), ("> 1", '"a"'), ("> 2", '"b"'), ("> 2", '"a"')]
ORDERED = {"values": '"a", "b", "c"', "output_type": "string"}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_version_of_the_standard_is_read(namespace):
    assert answer(table([("> 5", '"big"')], namespace=namespace), 6) == "big"


def test_unique_answers_the_one_rule():
    xml = table([("< 5", '"small"'), (">= 5", '"big"')])
    assert (answer(xml, 4.99), answer(xml, 5)) == ("small", "big")


def test_two_rules_of_a_unique_table_are_a_failure_that_names_them():
    with pytest.raises(DecisionFailed, match="The rules 1, 2 match at once") as caught:
        answer(table(OVERLAPPING), 2)
    assert caught.value.result.errors[0]["element"] == "t"
    assert [rule["index"] for rule in caught.value.result.trace[0]["rules"]] == [1, 2]


def test_a_failing_table_answers_null_where_the_standard_is_wanted():
    assert evaluate(parse(table(OVERLAPPING)), "d", {"x": 2}, FEEL, NOW, strict=False).value is None


def test_any_wants_the_same_result_of_all():
    same = table([("> 0", '"a"'), ("> 1", '"a"')], "ANY")
    assert answer(same, 2) == "a"
    with pytest.raises(DecisionFailed, match="different results"):
        answer(table(OVERLAPPING, "ANY"), 2)


def test_first_takes_the_first():
    assert answer(table(OVERLAPPING, "FIRST"), 3) == "c"


def test_priority_takes_the_first_of_the_output_values():
    assert answer(table(OVERLAPPING, "PRIORITY", **ORDERED), 3) == "a"
    assert answer(table(OVERLAPPING, "PRIORITY", **ORDERED), 1) == "c"


def test_output_order_and_rule_order_give_lists():
    assert answer(table(OVERLAPPING, "OUTPUT ORDER", **ORDERED), 3) == ["a", "a", "b", "c"]
    assert answer(table(OVERLAPPING, "RULE ORDER"), 3) == ["c", "a", "b", "a"]


@pytest.mark.parametrize(
    ("aggregation", "value"), [("", [10, 20.5, 5]), ("SUM", 35.5), ("MIN", 5), ("MAX", 20.5), ("COUNT", 3)]
)
def test_collect_with_and_without_aggregation(aggregation, value):
    rules = [("> 0", "10"), ("> 1", "20.5"), ("> 2", "5"), ("> 9", "100")]
    assert answer(table(rules, "COLLECT", aggregation=aggregation), 3) == value


@pytest.mark.parametrize(
    ("policy", "aggregation", "value"),
    [
        ("UNIQUE", "", None),
        ("FIRST", "", None),
        ("COLLECT", "", []),
        ("COLLECT", "COUNT", 0),
        ("COLLECT", "SUM", None),
    ],
)
def test_where_nothing_matches(policy, aggregation, value):
    assert answer(table([("> 5", "1")], policy, aggregation=aggregation), 1) == value


def test_a_default_stands_where_nothing_matches():
    assert answer(table([("> 5", "1")], default="x * 10"), 2) == 20


def test_several_outputs_make_a_context():
    xml = table([("-", '"a"', "x + y")], outputs=("name", "sum"))
    assert answer(xml, 1, y=2) == {"name": "a", "sum": 3}


def test_dates_of_variables_are_dates_where_the_column_says_so():
    xml = table([('< date("2026-11-22")', '"early"'), ("-", '"late"')], "FIRST", type_ref="date")
    assert answer(xml, "2026-11-21") == "early"
    assert answer(xml, "2026-11-22") == "late"
    # 17:00 in UTC is already the 22nd in Shanghai.
    assert answer(xml, "2026-11-21T17:00:00Z") == "late"


def test_a_value_of_the_wrong_type_is_a_failure_that_names_the_column():
    with pytest.raises(DecisionFailed, match='X is "many", which is not of its type'):
        answer(table([("> 5", "1")]), "many")


def test_a_value_that_is_not_allowed_is_a_failure():
    xml = table([("-", "1")], allowed='"repair", "exchange"', type_ref="string")
    assert answer(xml, "repair") == 1
    assert answer(xml, None) == 1
    with pytest.raises(DecisionFailed, match='X is "refund", which is none of its allowed values'):
        answer(xml, "refund")
    with pytest.raises(DecisionFailed, match='result of rule 1 is "z"'):
        answer(table([("-", '"z"')], **ORDERED), 1)
