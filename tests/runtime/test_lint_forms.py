"""A form that does not ask what the diagram needs is an error before it is deployed."""

import orjson
import pytest

from engine import bpmn
from engine.runtime import lint_forms
from engine.runtime.bundles import Bundle

DIAGRAM = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="loan" name="Loan" isExecutable="true">
    <bpmn:startEvent id="asked"><bpmn:extensionElements><zeebe:formDefinition formId="loan_start"/>
      </bpmn:extensionElements><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:exclusiveGateway id="large" name="Large?" default="f3"><bpmn:incoming>f1</bpmn:incoming>
      <bpmn:outgoing>f2</bpmn:outgoing><bpmn:outgoing>f3</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:endEvent id="yes"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="no"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="asked" targetRef="large"/>
    <bpmn:sequenceFlow id="f2" name="large" sourceRef="large" targetRef="yes">
      <bpmn:conditionExpression>=CONDITION</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f3" sourceRef="large" targetRef="no"/>
  </bpmn:process></bpmn:definitions>"""


def found(condition, *keys):
    """Problems of a diagram with that condition behind a form that asks these keys."""
    diagram = DIAGRAM.replace("CONDITION", condition.replace("<", "&lt;").replace(">", "&gt;"))
    components = [
        {"type": "textfield", "key": key, "id": f"Field_{at}", "label": key} for at, key in enumerate(keys)
    ]
    form = {"type": "default", "id": "loan_start", "schemaVersion": 19, "components": components}
    files = {("bpmn", "loan.bpmn"): diagram.encode(), ("form", "loan_start.form"): orjson.dumps(form)}
    process = bpmn.parse(diagram.encode()).processes["loan"]
    return lint_forms.lint(process, Bundle(process_key="loan", files=files), given=("customer",))


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ("amount > 500", ["amount"]),
        ("request.amount > 500", ["request.amount"]),
        ("request.amount > 500", ["request"]),
        ('customer.tier = "gold"', []),
        ("today() > date(wished)", ["wished"]),
        ('list contains(["amount"], "amount")', []),
        ("some line in lines satisfies line.price > 5", ["lines"]),
    ],
)
def test_what_is_asked_or_known_is_no_problem(condition, keys):
    assert found(condition, *keys) == []


def test_a_condition_on_a_field_no_form_has_names_flow_field_and_form():
    (problem,) = found("amount > 500", "remark")
    assert (problem.element, problem.code, problem.severity) == ("f2", "form_field_missing", "error")
    assert problem.message == "“large” needs “amount”, which no form asks for."
    assert "key amount to a form (loan_start)" in problem.remedy


def test_a_field_taken_off_a_form_is_missed_where_it_was_read():
    (problem,) = found("request.amount > 500", "request.remark")
    assert "request.amount" in problem.message
