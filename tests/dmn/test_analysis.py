"""What is said about a decision table before it runs: rules that meet, rules that never match, cases nobody thought of."""

from pathlib import Path

import pytest

from engine.dmn import Finding, analyse, parse

SHIPPED = Path(__file__).parents[2] / "processes" / "dmn"


def table(policy, columns, rules, *, allowed=(), default=""):
    """Findings of a table; `columns` are its input labels, each rule its conditions and a result."""
    inputs = "".join(
        f'<input id="i{at}" label="{label}"><inputExpression id="e{at}"><text>{label}</text></inputExpression>'
        + (f'<inputValues id="v{at}"><text>{allowed[at]}</text></inputValues>' if len(allowed) > at else "")
        + "</input>"
        for at, label in enumerate(columns)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f'<inputEntry id="r{number}c{at}"><text><![CDATA[{cell}]]></text></inputEntry>'
            for at, cell in enumerate(conditions)
        )
        + f'<outputEntry id="r{number}o"><text>{result}</text></outputEntry></rule>'
        for number, (*conditions, result) in enumerate(rules, start=1)
    )
    otherwise = f"<defaultOutputEntry id='d'><text>{default}</text></defaultOutputEntry>" if default else ""
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="m">'
        f'<decision id="d1" name="d1"><decisionTable id="t1" hitPolicy="{policy}">{inputs}'
        f'<output id="o1" name="result">{otherwise}</output>{rows}</decisionTable></decision></definitions>'
    )
    (found,) = analyse(parse(xml.encode())).values()
    return found


def test_two_ranges_that_share_a_number_meet():
    found = table("UNIQUE", ["amount"], [("<= 500", 1), (">= 500", 2)])
    assert found == [Finding(kind="overlap", rules=(1, 2), case=(("amount", "500"),))]


def test_ranges_that_leave_a_number_out_have_a_gap_there():
    found = table("UNIQUE", ["amount"], [("< 100", 1), ("(100..500]", 2), ("> 1000", 3)])
    assert [(each.kind, each.case) for each in found] == [
        ("gap", (("amount", "100, (500..1000]"),)),
    ]


def test_texts_nobody_listed_are_a_gap_unless_the_column_says_what_is_allowed():
    rules = [('"mall"', 1), ('"store", "website"', 2)]
    (gap,) = table("FIRST", ["channel"], rules)
    assert gap == Finding(kind="gap", case=(("channel", 'not("mall", "store", "website")'),))
    assert table("FIRST", ["channel"], rules, allowed=['"mall", "store", "website"']) == []


def test_a_default_answers_every_other_case():
    assert table("UNIQUE", ["channel"], [('"mall"', 1)], default="2") == []


def test_a_rule_below_one_that_answers_everything_never_matches():
    found = table(
        "FIRST", ["amount", "trusted"], [("> 100", "true", 1), ("-", "-", 2), ("> 500", "false", 3)]
    )
    assert found == [Finding(kind="unreachable", rules=(3,))]


def test_any_may_meet_where_the_answers_agree():
    assert table("ANY", ["a", "b"], [("true", "-", 1), ("-", "true", 1), ("false", "false", 2)]) == []
    (found,) = table("ANY", ["a", "b"], [("true", "-", 1), ("-", "true", 2), ("false", "false", 2)])
    assert (found.kind, found.rules) == ("contradiction", (1, 2))
    assert found.case == (("a", "true"), ("b", "true"))


def test_collecting_tables_may_meet_and_may_be_silent():
    assert table("COLLECT", ["amount"], [("> 1", 1), ("> 2", 2)]) == []


@pytest.mark.parametrize("cell", ["list contains(?, 1)", "<= limit", 'date("2026-01-01")', "? > 3"])
def test_what_cannot_be_listed_is_said_not_guessed(cell):
    (found,) = table("UNIQUE", ["amount"], [(cell, 1), ("-", 2)])
    assert found.kind == "not_analysed"


def test_a_gap_in_two_columns_names_both():
    rules = [("< 500", "-", 1), (">= 500", '"gold"', 2)]
    (found,) = table("UNIQUE", ["amount", "tier"], rules)
    assert found.case == (("amount", ">= 500"), ("tier", 'not("gold")'))


def test_no_shipped_table_has_rules_that_contradict_or_never_match():
    for path in sorted(SHIPPED.glob("*.dmn")):
        for decision, found in analyse(parse(path.read_bytes())).items():
            assert not {each.kind for each in found} & {"overlap", "contradiction", "unreachable"}, decision
