"""A whole form with the real FEEL: refund review, from the first look to the outcome."""

from datetime import UTC, datetime
from functools import partial

import pytest

from engine.feel import Feel

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REVIEW = [
    {
        "type": "text",
        "id": "intro",
        "text": "{{ customer.name }} asks for **{{ refund.total }}**"
        '{{#if customer.tier = "high_value"}} (key customer){{/if}}.',
    },
    {
        "type": "dynamiclist",
        "id": "lines",
        "path": "request.lines",
        "label": "Lines",
        "allowAddRemove": False,
        "properties": {"rows": "=for l in order.lines return {line: l.line, name: l.name, left: l.left}"},
        "components": [
            {"type": "textfield", "id": "goods", "key": "name", "label": "Goods", "readonly": True},
            {"type": "expression", "id": "line", "key": "line", "expression": "=this.line"},
            {
                "type": "number",
                "id": "quantity",
                "key": "quantity",
                "label": "Quantity",
                "defaultValue": 0,
                "decimalDigits": 0,
                "validate": {"min": 0, "max": "=this.left"},
            },
        ],
    },
    {"type": "expression", "id": "pieces", "key": "pieces", "expression": "=sum(request.lines.quantity)"},
    {
        "type": "datetime",
        "id": "visit",
        "key": "visit",
        "dateLabel": "Visit",
        "subtype": "date",
        "disallowPassedDates": True,
    },
    {
        "type": "number",
        "id": "fee",
        "key": "fee",
        "label": "Fee",
        "decimalDigits": 2,
        "validate": {"min": 0, "max": "=refund.total"},
    },
    {
        "type": "textarea",
        "id": "why",
        "key": "why",
        "label": "Why",
        "conditional": {"hide": '=decision != "refuse"'},
        "validate": {"required": True},
    },
    {
        "type": "radio",
        "id": "decision",
        "key": "decision",
        "label": "Decision",
        "properties": {"outcome": "true"},
        "values": [
            {
                "label": "Approve {{ string(decimal(refund.total - (if fee = null then 0 else fee), 2)) }}",
                "value": "approve",
            },
            {"label": "Refuse", "value": "refuse"},
        ],
    },
]
DATA = {
    "customer": {"name": "Li <Na>", "tier": "high_value"},
    "refund": {"total": 320.5},
    "order": {"lines": [{"line": 1, "name": "Sofa", "left": 2}, {"line": 2, "name": "Lamp", "left": 1}]},
}


@pytest.fixture(scope="module")
def evaluate():
    return partial(Feel().evaluate, now=NOW)


def test_a_review_goes_from_first_look_to_outcome(desk, evaluate):
    form = desk(REVIEW, DATA, evaluate=evaluate)
    page = form.page()
    assert "Li <Na> asks for 320.50 (key customer)." in page.text_content()
    assert "Approve 320.5" in page.text_content()
    assert "Approve 300.5" in form.page(raw=[("fee", "20")]).text_content()

    assert form.refused(
        ("request.lines[0].quantity", "3"), ("visit", "2026-11-21"), ("fee", "400"), ("decision", "refuse")
    ) == {
        "request.lines[0].quantity": "too_large",
        "visit": "too_early",
        "fee": "too_large",
        "why": "required",
    }

    submission = form.submit(
        ("request.lines[0].quantity", "2"), ("visit", "2026-11-22"), ("fee", "20.5"), ("decision", "approve")
    )
    assert submission.outcome == "approve"
    assert submission.values == {
        "request": {
            "lines": [{"name": "Sofa", "line": 1, "quantity": 2}, {"name": "Lamp", "line": 2, "quantity": 0}]
        },
        "pieces": 2,
        "visit": "2026-11-22",
        "fee": 20.5,
        "decision": "approve",
    }
