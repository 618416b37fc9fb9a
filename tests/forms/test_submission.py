"""What a person sends becomes values, or says what to mend."""

import pytest

from engine import forms

NAME = {"type": "textfield", "id": "name", "key": "customer.name", "label": "Name"}
REMARK = {"type": "textarea", "id": "remark", "key": "remark", "label": "Remark"}
AMOUNT = {
    "type": "number",
    "id": "amount",
    "key": "refund.amount",
    "label": "Amount",
    "decimalDigits": 2,
    "validate": {"required": True, "min": 0, "max": "=limit"},
}
REASON = {
    "type": "select",
    "id": "reason",
    "key": "reason",
    "label": "Reason",
    "values": [{"label": "Quality", "value": "quality"}, {"label": "Colour", "value": "colour"}],
}
LIMITED = {"limit": lambda v: 500}


def test_what_was_typed_becomes_nested_values(desk):
    form = desk([NAME, AMOUNT, REASON], feel=LIMITED)
    values = form.values(("customer.name", " 王芳 "), ("refund.amount", "1２3.5"), ("reason", "colour"))
    assert values == {"customer": {"name": "王芳"}, "refund": {"amount": 123.5}, "reason": "colour"}


def test_fields_nobody_filled_in_are_blank_as_form_js_has_them(desk):
    form = desk([NAME, REMARK, REASON, {"type": "checkbox", "key": "ok", "label": "OK"}])
    fields = form.shown()
    assert form.values(*fields) == {"customer": {"name": ""}, "remark": "", "reason": None, "ok": False}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "required"),
        ("many", "not_a_number"),
        ("-1", "too_small"),
        ("500.01", "too_large"),
        ("1.005", "decimals"),
    ],
)
def test_an_amount_must_make_sense(desk, typed, code):
    form = desk([AMOUNT], feel=LIMITED)
    assert form.refused(("refund.amount", typed)) == {"refund.amount": code}


def test_a_message_tells_the_limit_in_the_persons_language(desk):
    form = desk(
        [AMOUNT], feel=LIMITED, words={"Enter {maximum} or less.": "最多 {maximum}。", "Amount": "金额"}
    )
    form.refused(("refund.amount", "9999"))
    (error,) = form.errors.errors
    assert (error.label, error.message, error.params) == ("金额", "最多 500.00。", {"maximum": "500.00"})


def test_cents_are_exact_and_steps_are_kept(desk):
    form = desk([{"type": "number", "key": "n", "label": "N", "increment": "0.1", "decimalDigits": 1}])
    assert form.values(("n", "0.3")) == {"n": 0.3}
    assert form.refused(("n", "0.25"))["n"] in ("decimals", "step")


def test_hours_go_in_quarters(desk):
    form = desk([{"type": "number", "key": "hours", "label": "Hours", "increment": 0.25}])
    assert form.values(("hours", "1,75")) == {"hours": 1.75}
    assert form.refused(("hours", "1.8")) == {"hours": "step"}


def test_a_whole_number_is_asked_for_as_such(desk):
    form = desk([{"type": "number", "key": "n", "label": "N", "decimalDigits": 0}])
    assert form.refused(("n", "1.5")) == {"n": "whole_number"}
    assert form.values(("n", "3.0")) == {"n": 3}


@pytest.mark.parametrize(
    ("validate", "typed", "code"),
    [
        ({"minLength": 3}, "ab", "too_short"),
        ({"maxLength": 3}, "abcd", "too_long"),
        ({"pattern": r"^\d{6}$"}, "12a456", "pattern"),
        ({"validationType": "email"}, "wang@", "email"),
        ({"validationType": "phone"}, "12", "phone"),
        ({"required": True}, "   ", "required"),
    ],
)
def test_texts_have_rules(desk, validate, typed, code):
    form = desk([{"type": "textfield", "key": "t", "label": "T", "validate": validate}])
    assert form.refused(("t", typed)) == {"t": code}


@pytest.mark.parametrize(
    "number", ["138 0013 8000", "+86 13800138000", "(0755) 8888-6666 转 12", "0571-86001234"]
)
def test_telephone_numbers_are_taken_as_people_write_them(desk, number):
    form = desk([{"type": "textfield", "key": "t", "label": "T", "validate": {"validationType": "phone"}}])
    assert form.values(("t", number)) == {"t": number}


def test_the_forms_own_words_explain_a_pattern(desk):
    rules = {"pattern": "^A", "patternErrorMessage": "Begins with A."}
    form = desk(
        [{"type": "textfield", "key": "t", "label": "T", "validate": rules}],
        words={"Begins with A.": "以A开头"},
    )
    form.refused(("t", "B"))
    assert form.errors.errors[0].message == "以A开头"


def test_a_check_across_fields_is_feel(desk):
    end = {
        "type": "number",
        "key": "end",
        "label": "End",
        "properties": {"check": "=end > start", "checkMessage": "The end is after the start."},
    }
    start = {"type": "number", "key": "start", "label": "Start"}
    form = desk([start, end], feel={"end > start": lambda v: v["end"] > v["start"]})
    assert form.values(("start", "1"), ("end", "2")) == {"start": 1, "end": 2}
    assert form.refused(("start", "2"), ("end", "2")) == {"end": "check"}
    assert form.errors.errors[0].message == "The end is after the start."


def test_only_offered_options_can_be_chosen(desk):
    form = desk([REASON, {**REASON, "type": "checklist", "id": "more", "key": "more"}])
    assert form.refused(("reason", "free money"), ("more", "quality"), ("more", "gold")) == {
        "reason": "not_an_option",
        "more": "not_an_option",
    }
    assert form.values(("reason", "quality"), ("more", "colour")) == {"reason": "quality", "more": ["colour"]}


def test_options_come_from_an_expression_and_keep_their_kind(desk):
    technicians = {"type": "select", "key": "who", "label": "Who", "valuesExpression": "=technicians"}
    data = {
        "technicians": [
            {"value": {"id": 7}, "label": "Li"},
            {"value": 8, "label": "Zhou"},
            None,
            {"label": "?"},
        ]
    }
    form = desk([technicians], data, {"technicians": lambda v: v["technicians"]})
    assert [option.get("value") for option in form.page().iter("option")] == ["", '{"id":7}', "8"]
    assert form.values(("who", '{"id":7}')) == {"who": {"id": 7}}
    assert form.values(("who", "8")) == {"who": 8}


def test_options_come_from_a_list_in_the_data(desk):
    form = desk(
        [{"type": "radio", "key": "w", "label": "W", "valuesKey": "warehouses"}],
        {"warehouses": ["south", "north"]},
    )
    assert form.values(("w", "north")) == {"w": "north"}


def test_a_required_tick_must_be_set(desk):
    form = desk([{"type": "checkbox", "key": "signed", "label": "Signed", "validate": {"required": True}}])
    assert form.refused(("signed", "")) == {"signed": "tick_required"}
    assert form.values(("signed", ""), ("signed", "true")) == {"signed": True}


def test_a_field_the_form_does_not_have_is_refused(desk):
    form = desk([NAME])
    assert form.refused(("customer.name", "Li"), ("customer.tier", "high_value")) == {"": "unknown_field"}


def test_read_only_values_are_the_servers(desk):
    form = desk(
        [{**NAME, "readonly": True}, {**REMARK, "disabled": True}],
        {"customer": {"name": "Li"}, "remark": "so"},
    )
    assert form.values(("customer.name", "Mallory"), ("remark", "forged")) == {
        "customer": {"name": "Li"},
        "remark": "so",
    }


def test_read_only_can_depend_on_the_case(desk):
    form = desk(
        [{**NAME, "readonly": "=locked"}],
        {"customer": {"name": "Li"}, "locked": True},
        {"locked": lambda v: v["locked"]},
    )
    assert form.values(("customer.name", "Mallory")) == {"customer": {"name": "Li"}}


def test_what_was_typed_is_kept_when_something_is_wrong(desk):
    form = desk([NAME, AMOUNT], feel=LIMITED)
    form.refused(("customer.name", "Li"), ("refund.amount", "9,999.00"), ("_save", "x"))
    page = form.page(errors=form.errors.errors, raw=form.errors.kept)
    assert page.xpath('//input[@name="customer.name"]/@value') == ["Li"]
    assert page.xpath('//input[@name="refund.amount"]/@value') == ["9,999.00"]


def test_an_expression_field_is_computed_on_the_server(desk):
    total = {"type": "expression", "key": "total", "expression": "=refund.amount * 2", "computeOn": "change"}
    form = desk([AMOUNT, total], feel=LIMITED | {"refund.amount * 2": lambda v: v["refund"]["amount"] * 2})
    assert form.values(("refund.amount", "10.25"))["total"] == 20.5
    assert form.refused(("refund.amount", "1"), ("total", "1000000")) == {"": "unknown_field"}


def test_a_failing_expression_is_the_process_owners_to_mend(desk):
    def fail(variables):
        raise ValueError("division by zero")

    form = desk([{**NAME, "conditional": {"hide": "=1/0"}}], feel={"1/0": fail})
    with pytest.raises(forms.FormExpressionError, match="division by zero"):
        form.view()


def test_the_servers_data_are_never_changed(desk):
    data = {"customer": {"name": "Li", "tier": "standard"}, "lines": [{"sku": "A", "quantity": 1}]}
    lines = {
        "type": "dynamiclist",
        "path": "lines",
        "label": "Lines",
        "components": [{"type": "number", "key": "quantity", "label": "Quantity"}],
    }
    form = desk([NAME, lines], data)
    form.values(("customer.name", "Chen"), ("lines[0].quantity", "5"))
    assert data == {"customer": {"name": "Li", "tier": "standard"}, "lines": [{"sku": "A", "quantity": 1}]}


def test_values_without_a_page_go_through_the_same_checks(desk):
    form = desk([NAME, AMOUNT, REASON], feel=LIMITED)
    given = {"customer": {"name": "Li"}, "refund": {"amount": 12.5}, "reason": "quality"}
    assert form.values(*forms.fields_of(form.form, given)) == given
    assert form.refused(*forms.fields_of(form.form, given | {"tier": "high_value"})) == {"": "unknown_field"}
