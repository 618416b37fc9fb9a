"""Decisions of every kind, and decisions that require others."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.dmn import evaluate, parse
from engine.feel import Feel, FeelError

MODELS = Path(__file__).parent / "models"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FEEL = Feel()
REFUNDS = parse((MODELS / "refund_approval.dmn").read_bytes())
BOXED = parse((MODELS / "boxed.dmn").read_bytes())
LINES = {
    "Lines": [
        {"unit-price": 113, "quantity": 2, "bought": "2026-11-20"},
        {"unit-price": 5.5, "quantity": 2, "bought": "2026-11-01"},
    ]
}


def refund(total: float, recent: int = 0, tier: str = "standard") -> dict:
    return {"refund": {"total": total}, "customer": {"recentRefunds": recent, "tier": tier}}


def boxed(decision: str, **variables):
    return evaluate(BOXED, decision, {**LINES, **variables}, FEEL, NOW).value


@pytest.mark.parametrize(
    ("variables", "value"),
    [
        (refund(200), {"role": "none", "days": 0}),
        (refund(200.01), {"role": "supervisor", "days": 2}),
        (refund(2000, tier="high_value"), {"role": "supervisor", "days": 1}),
        (refund(5, recent=3), {"role": "manager", "days": 1}),
    ],
)
def test_the_first_rule_that_matches_decides(variables, value):
    assert evaluate(REFUNDS, "approver", variables, FEEL, NOW).value == value


def test_where_no_rule_matches_the_defaults_stand():
    assert evaluate(REFUNDS, "approver", refund(2001), FEEL, NOW).value == {"role": None, "days": 3}


def test_the_trace_tells_an_auditor_what_matched_in_every_table():
    result = evaluate(REFUNDS, "approver", refund(500), FEEL, NOW)
    assert [entry["decisionName"] for entry in result.trace] == ["Risk", "Approver"]
    risk, approver = result.trace
    assert risk["inputs"] == [{"id": "risk_recent", "label": "Recent refunds", "value": 0}]
    assert risk["rules"] == [{"id": "risk_low", "index": 1}]
    assert risk["output"] == {"level": "low", "reviewOn": "2026-12-22"}
    assert (approver["tableId"], approver["hitPolicy"]) == ("approver_table", "FIRST")
    assert approver["inputs"] == [
        {"id": "approver_risk", "label": "Risk", "value": "low"},
        {"id": "approver_amount", "label": "Amount", "value": 500},
    ]
    assert approver["rules"] == [{"id": "medium", "index": 3}]


def test_a_model_tells_its_decisions_and_what_they_require():
    assert REFUNDS.ids == ("approver", "risk")
    assert REFUNDS.required("approver") == ("risk",)
    assert REFUNDS.required("risk") == ()
    with pytest.raises(KeyError):
        evaluate(REFUNDS, "nobody", {}, FEEL, NOW)


def test_contexts_invocations_and_functions():
    assert boxed("total") == 237
    assert boxed("invoice") == {"net sum": 209.73, "double": None, "tax": 27.27, "twice": 54.54}


def test_dates_stay_dates_from_one_decision_to_the_next():
    assert boxed("oldest") == "2026-11-01"
    assert boxed("age") == "P21D"


def test_relations_lists_filters_and_loops():
    assert boxed("tariff") == [{"zone": "near", "fee": 10}, {"zone": "far", "fee": 25.5}]
    assert boxed("far_fee") == 25.5
    assert boxed("many") == "single"
    assert boxed("factorials") == [1, 2, 6, 24]
    assert [line["unit-price"] for line in boxed("dear")] == [113]
    assert boxed("pair") == [1, "PT1H"]


def test_a_result_that_is_not_of_its_type_is_null():
    assert boxed("whole_number") is None


def test_a_decision_service_is_evaluated_and_is_called():
    assert boxed("totals") == 237
    assert boxed("by_service") == 6


def test_functions_of_our_own_are_seen_in_decisions():
    xml = (MODELS / "boxed.dmn").read_text(encoding="utf-8").replace("today() - Oldest", "waited(Oldest)")
    own = Feel({"waited": lambda since: datetime(2026, 11, 11, tzinfo=UTC).date() - since})
    assert evaluate(parse(xml.encode()), "age", LINES, own, NOW).value == "P10D"


def test_a_decision_that_never_ends_is_an_error():
    xml = (MODELS / "boxed.dmn").read_text(encoding="utf-8")
    endless = xml.replace(
        "<dmn:text>[1,2,3,4]</dmn:text>", "<dmn:text>for i in 1..1000000000 return i</dmn:text>"
    )
    with pytest.raises(FeelError):
        evaluate(parse(endless.encode()), "factorials", {}, FEEL, NOW)


IMPORTED = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="b" name="B" namespace="ns/b">
  <itemDefinition name="tPercent"><typeRef>number</typeRef></itemDefinition>
  <inputData id="rate" name="Rate"><variable name="Rate" typeRef="tPercent"/></inputData>
  <decision id="factor" name="Factor"><variable name="Factor" typeRef="tPercent"/>
    <informationRequirement><requiredInput href="#rate"/></informationRequirement>
    <literalExpression><text>1 + Rate / 100</text></literalExpression></decision>
  <businessKnowledgeModel id="halve" name="Halve"><variable name="Halve"/>
    <encapsulatedLogic><formalParameter name="n" typeRef="tPercent"/>
      <literalExpression><text>n / 2</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
</definitions>"""
IMPORTING = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="a" name="A" namespace="ns/a">
  <import namespace="ns/b" name="rates" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="price" name="Price"><variable name="Price" typeRef="rates.tPercent"/>
    <informationRequirement><requiredDecision href="ns/b#factor"/></informationRequirement>
    <informationRequirement><requiredInput href="ns/b#rate"/></informationRequirement>
    <knowledgeRequirement><requiredKnowledge href="ns/b#halve"/></knowledgeRequirement>
    <literalExpression><text>rates.Halve(100 * rates.Factor) + rates.Rate</text></literalExpression></decision>
</definitions>"""


@pytest.mark.parametrize("variables", [{"rates": {"Rate": 20}}, {"rates.Rate": 20}, {"Rate": 20}])
def test_a_model_uses_what_it_imports(variables):
    assert evaluate(parse(IMPORTING, [IMPORTED]), "price", variables, FEEL, NOW).value == 80
