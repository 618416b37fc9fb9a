"""A form that cannot be shown is refused with the component and what to do."""

import pytest

from engine import forms

RADIO = {
    "type": "radio",
    "id": "r",
    "key": "r",
    "label": "R",
    "values": [{"label": "A", "value": "a"}],
}


def field(**changes):
    return {"type": "textfield", "id": "x", "key": "x", "label": "X", **changes}


def codes(*components, **schema):
    return [(p.element, p.code, p.severity) for p in forms.lint({"components": list(components), **schema})]


def test_a_good_form_has_no_problems():
    assert codes(field(), RADIO, schemaVersion=18) == []
    assert codes(field(), id="f", type="default", schemaVersion=19, exporter={"name": "form-js"}) == []


@pytest.mark.parametrize(
    ("components", "problem"),
    [
        ([field(type="html", content="<b>")], ("x", "unsupported_component", "error")),
        ([field(type="iframe")], ("x", "unsupported_component", "error")),
        ([field(key="")], ("x", "invalid_key", "error")),
        ([field(key="_rows:x")], ("x", "invalid_key", "error")),
        ([field(key="a..b")], ("x", "invalid_key", "error")),
        ([field(), field(id="y")], ("y", "duplicate_key", "error")),
        ([field(), field(key="y")], ("x", "duplicate_id", "error")),
        ([field(key="a"), field(id="y", key="a.b")], ("a", "overlapping_keys", "error")),
        ([field(label="")], ("x", "no_label", "warning")),
        ([field(validate={"pattern": "("})], ("x", "invalid_pattern", "error")),
        ([field(type="number", validate={"min": 5, "max": 1})], ("x", "empty_range", "error")),
        ([{**RADIO, "values": []}], ("r", "no_options", "error")),
        ([{**RADIO, "values": [{"label": "A", "value": ""}]}], ("r", "option_without_value", "error")),
        ([{**RADIO, "defaultValue": "z"}], ("r", "default_not_offered", "error")),
        ([field(type="image", source="http://x/y.png")], ("x", "image_source", "error")),
        (
            [field(type="select", values=[{"value": "a"}], properties={"outcome": "true"})],
            ("x", "outcome_not_radio", "error"),
        ),
        ([{"type": "dynamiclist", "id": "l", "components": []}], ("l", "invalid_key", "error")),
        ([field(conditional={"hide": "=a +"})], ("x", "feel_syntax", "error")),
        ([field(label="Hi {{ a + }}")], ("x", "feel_syntax", "error")),
        ([field(label="Hi {{#if a}}")], ("x", "invalid_template", "error")),
        ([field(properties={"check": "x > 1"})], ("x", "not_feel", "error")),
        (
            [field(), {"type": "button", "id": "b", "label": "Reset", "action": "reset"}],
            ("b", "reset_button", "warning"),
        ),
    ],
)
def test_a_problem_names_its_component(components, problem):
    assert problem in codes(*components)


def test_outcomes_are_one_and_outside_groups():
    outcome = {**RADIO, "properties": {"outcome": "true"}}
    group = {"type": "group", "id": "g", "components": [outcome]}
    assert ("r", "outcome_nested", "error") in codes(group)
    assert ("q", "two_outcomes", "error") in codes(outcome, {**outcome, "id": "q", "key": "q"})


def test_what_is_no_form_is_refused():
    for document in (b"{", b"[]", b"{}", b'{"components": [1]}', b'{"components": [], "schemaVersion": 99}'):
        with pytest.raises(forms.InvalidForm) as refusal:
            forms.load(document)
        assert all(problem.remedy for problem in refusal.value.problems)


def test_a_form_is_parsed_once():
    document = b'{"components": [{"type": "textfield", "key": "a", "label": "A"}]}'
    assert forms.load(document) is forms.load(bytes(bytearray(document)))


def test_all_texts_of_a_form_are_found_for_translation():
    components = [
        field(description="Help", appearance={"suffixAdorner": "kg"}, validate={"patternErrorMessage": "No"}),
        {"type": "text", "id": "t", "text": "# Hello {{ name }}"},
        {**RADIO, "label": "=computed"},
        {"type": "table", "id": "tb", "label": "Goods", "columns": [{"key": "a", "label": "Column"}]},
        {"type": "group", "label": "Group", "components": [field(id="y", key="y", label="X")]},
        {"type": "datetime", "key": "d", "dateLabel": "Day", "properties": {"checkMessage": "Too soon"}},
    ]
    texts = [word.text for word in forms.words({"components": components})]
    assert texts == [
        "X",
        "Help",
        "kg",
        "No",
        "# Hello {{ name }}",
        "A",
        "Goods",
        "Column",
        "Group",
        "Day",
        "Too soon",
    ]
