"""Fields come and go with what is chosen; what is hidden is never taken."""

from hypothesis import given
from hypothesis import strategies as st

FAULT = {
    "type": "radio",
    "id": "fault",
    "key": "fault",
    "label": "What is wrong?",
    "values": [{"label": "Broken", "value": "broken"}, {"label": "Wrong colour", "value": "colour"}],
}
PART = {
    "type": "textfield",
    "id": "part",
    "key": "part",
    "label": "Which part?",
    "conditional": {"hide": '=fault != "broken"'},
    "validate": {"required": True},
}
SERIAL = {
    "type": "textfield",
    "id": "serial",
    "key": "serial",
    "label": "Serial number",
    "conditional": {"hide": "=part = null"},
}
FEEL = {'fault != "broken"': lambda v: v["fault"] != "broken", "part = null": lambda v: v["part"] is None}


def names(form, **extra):
    return [name for name, _ in form.shown(**extra)]


def test_a_field_appears_with_the_choice_it_belongs_to(desk):
    form = desk([FAULT, PART], feel=FEEL)
    assert "part" not in names(form)
    assert "part" in names(form, raw=[("fault", "broken")])


def test_a_visible_required_field_is_asked_for_and_a_hidden_one_is_not(desk):
    form = desk([FAULT, PART], feel=FEEL)
    assert form.values(("fault", "colour")) == {"fault": "colour"}
    assert form.refused(("fault", "broken")) == {"part": "required"}


def test_text_in_a_field_that_has_just_been_hidden_is_refused_clearly(desk):
    form = desk([FAULT, PART], feel=FEEL)
    assert form.refused(("fault", "colour"), ("part", "drawer")) == {"part": "hidden_field"}
    assert "left out" in form.errors.errors[0].message
    again = form.shown(raw=form.errors.kept, errors=form.errors.errors)
    assert form.values(*again) == {"fault": "colour"}


def test_an_empty_field_that_has_just_been_hidden_is_no_trouble(desk):
    form = desk([FAULT, PART], feel=FEEL)
    assert form.values(("fault", "colour"), ("part", "")) == {"fault": "colour"}


def test_what_hangs_on_a_hidden_field_is_hidden_too(desk):
    form = desk([FAULT, PART, SERIAL], feel=FEEL)
    assert names(form, raw=[("fault", "broken"), ("part", "x")]) == ["fault", "fault", "part", "serial"]
    assert form.values(("fault", "colour")) == {"fault": "colour"}


def test_a_hidden_group_takes_everything_in_it_along(desk):
    group = {
        "type": "group",
        "id": "g",
        "label": "More",
        "conditional": {"hide": "=always"},
        "components": [PART],
    }
    form = desk([FAULT, group], feel=FEEL | {"always": lambda v: True})
    assert form.values(("fault", "broken")) == {"fault": "broken"}
    assert form.refused(("fault", "broken"), ("part", "x")) == {"part": "hidden_field"}


def test_conditions_that_chase_each_other_come_to_rest(desk):
    one = {
        "type": "textfield",
        "key": "a",
        "label": "A",
        "defaultValue": "x",
        "conditional": {"hide": "=b = null"},
    }
    two = {
        "type": "textfield",
        "key": "b",
        "label": "B",
        "defaultValue": "x",
        "conditional": {"hide": "=a != null"},
    }
    form = desk(
        [one, two], feel={"b = null": lambda v: v["b"] is None, "a != null": lambda v: v["a"] is not None}
    )
    assert form.values(*form.shown()) == form.values() == {"b": "x"}


def test_changing_an_influential_field_refreshes_the_form(desk):
    page = desk([FAULT, PART], feel=FEEL).page(refresh_url="/preview", raw=[("fault", "broken")])
    assert page.xpath('//fieldset[@hx-post="/preview"]/legend/text()') == ["What is wrong?"]
    assert not page.xpath('//input[@name="part"]/@hx-post')


@given(
    fault=st.sampled_from(["broken", "colour", "", "nonsense"]),
    part=st.text(max_size=20),
    serial=st.text(max_size=20),
)
def test_hidden_values_are_never_accepted(desk, fault, part, serial):
    from engine import forms

    form = desk([FAULT, PART, SERIAL], feel=FEEL)
    try:
        values = form.values(("fault", fault), ("part", part), ("serial", serial))
    except forms.FormErrors:
        return
    assert ("part" in values) == (fault == "broken")
    assert "serial" not in values or values["part"] is not None
