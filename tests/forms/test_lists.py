"""Dynamic lists: rows of the order are given, other rows are added and removed without JavaScript."""

from engine import forms

PARTS = {
    "type": "dynamiclist",
    "id": "parts",
    "path": "request.parts",
    "label": "Parts",
    "allowAddRemove": True,
    "defaultRepetitions": 2,
    "components": [
        {"type": "textfield", "id": "sku", "key": "sku", "label": "Part", "validate": {"required": True}},
        {"type": "number", "id": "quantity", "key": "quantity", "label": "Quantity", "defaultValue": 1},
    ],
}
LINES = {
    "type": "dynamiclist",
    "id": "lines",
    "path": "lines",
    "label": "Lines",
    "allowAddRemove": False,
    "properties": {"rows": "=order.lines"},
    "components": [
        {"type": "textfield", "id": "name", "key": "name", "label": "Goods", "readonly": True},
        {"type": "expression", "id": "line", "key": "line", "expression": "=this.line"},
        {
            "type": "number",
            "id": "quantity",
            "key": "quantity",
            "label": "Quantity",
            "decimalDigits": 0,
            "validate": {"min": 0, "max": "=this.left"},
        },
        {
            "type": "textfield",
            "id": "defect",
            "key": "defect",
            "label": "Defect",
            "conditional": {"hide": "=this.quantity = null"},
        },
    ],
}
ORDER = {
    "order": {
        "lines": [
            {"line": 1, "name": "Sofa", "quantity": None, "left": 2},
            {"line": 2, "name": "Lamp", "quantity": None, "left": 1},
        ]
    }
}
FEEL = {
    "order.lines": lambda v: v["order"]["lines"],
    "this.line": lambda v: v["this"]["line"],
    "this.left": lambda v: v["this"]["left"],
    "this.quantity = null": lambda v: v["this"]["quantity"] is None,
}


def rows(page):
    return page.xpath('//*[@class="form-list-row"]/input/@value')


def test_a_list_begins_with_its_default_rows(desk):
    form = desk([PARTS])
    assert rows(form.page()) == ["0", "1"]
    fields = form.filled({"request.parts[0].sku": "A", "request.parts[1].sku": "B"})
    assert form.values(*fields) == {
        "request": {"parts": [{"sku": "A", "quantity": 1}, {"sku": "B", "quantity": 1}]}
    }


def test_a_row_is_added_and_removed_without_javascript_and_without_checks(desk):
    form = desk([PARTS])
    typed = [*form.shown(), ("request.parts[1].sku", "B")]
    added = forms.edited([*typed, ("_add:request.parts", "2")])
    page = form.page(raw=added)
    assert rows(page) == ["0", "1", "2"]
    assert page.xpath('//input[@name="request.parts[2].quantity"]/@value') == ["1"]
    removed = forms.edited([*added, ("_remove:request.parts:0", "1")])
    page = form.page(raw=removed)
    assert rows(page) == ["1", "2"]
    assert page.xpath('//input[@name="request.parts[1].sku"]/@value') == ["B"]
    assert forms.edited(typed) is None


def test_a_list_can_be_emptied(desk):
    form = desk([PARTS])
    fields = form.shown()
    for token in ("0", "1"):
        fields = forms.edited([*fields, (f"_remove:request.parts:{token}", "1")])
    page = form.page(raw=fields)
    assert rows(page) == [] and "Nothing to show." in page.text_content()
    assert form.values(*form.shown(raw=fields)) == {"request": {"parts": []}}


def test_every_row_is_checked_by_itself(desk):
    form = desk([PARTS])
    fields = [("_rows:request.parts", "0"), ("_rows:request.parts", "7"), ("request.parts[0].sku", "A")]
    assert form.refused(*fields, ("request.parts[7].quantity", "x")) == {
        "request.parts[7].sku": "required",
        "request.parts[7].quantity": "not_a_number",
    }


def test_rows_of_the_order_are_given_and_bounded_each_by_its_own_limit(desk):
    form = desk([LINES], ORDER, FEEL)
    values = form.values(("lines[0].quantity", "2"), ("lines[0].defect", "leg"), ("lines[1].quantity", ""))
    assert values["lines"][0] == {"name": "Sofa", "line": 1, "quantity": 2, "defect": "leg"}
    assert values["lines"][1] == {"name": "Lamp", "line": 2, "quantity": None}
    assert form.refused(("lines[1].quantity", "2")) == {"lines[1].quantity": "too_large"}


def test_a_field_in_a_row_appears_with_its_own_row(desk):
    form = desk([LINES], ORDER, FEEL)
    names = [name for name, _ in form.shown(raw=[("lines[1].quantity", "1")])]
    assert "lines[1].defect" in names and "lines[0].defect" not in names


def test_no_row_can_be_forged(desk):
    form = desk([LINES], ORDER, FEEL)
    assert form.refused(("_rows:lines", "5"), ("lines[5].quantity", "1")) == {"": "unknown_row"}
    assert form.values(("lines[0].name", "Gold bar"))["lines"][0]["name"] == "Sofa"


def test_a_removed_row_of_the_data_stays_removed_and_the_others_keep_theirs(desk):
    own = {**LINES, "allowAddRemove": True}
    form = desk([own], ORDER, FEEL)
    fields = forms.edited([*form.shown(), ("_remove:lines:0", "1")])
    assert [row["name"] for row in form.values(*form.shown(raw=fields))["lines"]] == ["Lamp"]


def test_a_new_row_never_takes_over_what_the_server_knows_of_a_removed_one(desk):
    own = {**LINES, "allowAddRemove": True, "components": LINES["components"][:1]}
    form = desk([own], ORDER, FEEL)
    fields = forms.edited([*form.shown(), ("_remove:lines:1", "1")])
    (add,) = form.page(raw=fields).xpath('//button[starts-with(@name, "_add")]')
    fields = forms.edited([*fields, (add.get("name"), add.get("value"))])
    assert [row["name"] for row in form.values(*fields)["lines"]] == ["Sofa", ""]


def test_lists_nest(desk):
    outer = {
        "type": "dynamiclist",
        "id": "visits",
        "path": "visits",
        "label": "Visits",
        "components": [{**PARTS, "path": "parts", "defaultRepetitions": 1}],
    }
    form = desk([outer])
    fields = form.filled({"visits[0].parts[0].sku": "A"})
    assert form.values(*fields) == {"visits": [{"parts": [{"sku": "A", "quantity": 1}]}]}
    given = {"visits": [{"parts": [{"sku": "A", "quantity": 2}]}, {"parts": []}]}
    assert form.values(*forms.fields_of(form.form, given)) == given
