"""Whatever the data hold and whatever a page sends: a form is shown, and a submission is taken or refused."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import forms

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = [
    {"type": "textfield", "validate": {"validationType": "email", "maxLength": 5}},
    {"type": "textarea", "validate": {"pattern": "^a"}},
    {"type": "number", "decimalDigits": 2, "increment": "0.5", "validate": {"min": "=a.low", "max": 5}},
    {"type": "checkbox", "validate": {"required": True}},
    {"type": "select", "valuesKey": "a.list"},
    {"type": "radio", "valuesExpression": "=a.list"},
    {"type": "checklist", "values": [{"label": "A", "value": "a"}]},
    {"type": "taglist", "valuesKey": "a"},
    {"type": "datetime", "subtype": "date", "properties": {"latest": "=a.low"}},
    {"type": "datetime", "subtype": "time"},
    {"type": "datetime", "subtype": "datetime", "properties": {"earliest": "=a.low"}},
    {"type": "filepicker", "accept": ".pdf"},
    {"type": "expression", "expression": "=a.low"},
]
FIELDS = [{**kind, "key": f"k{n}", "id": f"k{n}", "label": "L"} for n, kind in enumerate(KINDS)]
INNER = [{**kind, "key": f"k{n}", "id": f"i{n}", "label": "L"} for n, kind in enumerate(KINDS)]
FORM = [
    *FIELDS,
    {"type": "dynamiclist", "id": "rows", "path": "rows", "label": "Rows", "components": INNER},
    {"type": "table", "id": "t", "dataSource": "=a.list", "columnsExpression": "=a.low"},
    {"type": "text", "id": "text", "text": "{{ a.low }}{{#loop a.list}}{{ this }}{{/loop}}"},
    {"type": "image", "id": "image", "source": "{{ a.low }}"},
]
NAMES = [f"k{n}" for n in range(len(KINDS))]
SENT = st.sampled_from(
    [*NAMES, *(f"rows[0].{n}" for n in NAMES), *(f"rows[7].{n}" for n in NAMES), "_rows:rows", "junk"]
)
TYPED = st.text(max_size=12) | st.sampled_from(
    ["true", "1", "2026-11-22", "09:30", "2026-11-22T09:30", "a", "0", "７"]
)
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES), JSON), max_size=2)
DATA = st.dictionaries(
    st.sampled_from([*NAMES, "rows", "a"]),
    JSON | ROWS,
)


def reach(path):
    def value(variables):
        for step in path.split("."):
            variables = variables.get(step) if isinstance(variables, dict) else None
        return variables

    return value


@settings(max_examples=150, deadline=None)
@given(data=DATA, fields=st.lists(st.tuples(SENT, TYPED), max_size=12))
def test_nothing_breaks_a_form(desk, data, fields):
    form = desk(FORM, data, {path: reach(path) for path in ("a.low", "a.list", "this")})
    form.html()
    form.html(readonly=True)
    try:
        form.submit(*fields)
    except forms.FormErrors as refusal:
        form.html(raw=refusal.kept, errors=refusal.errors)
