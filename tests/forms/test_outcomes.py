"""The buttons at the bottom say what completing means."""

OUTCOME = {
    "type": "radio",
    "id": "decision",
    "key": "decision",
    "label": "Decision",
    "properties": {"outcome": "true"},
    "values": [
        {"label": "Approve {{ refund.total }}", "value": "approve"},
        {"label": "Refuse", "value": "refuse", "intent": "danger"},
    ],
}
WHY = {
    "type": "textarea",
    "id": "why",
    "key": "why",
    "label": "Reason the buyer sees",
    "conditional": {"hide": '=decision != "refuse"'},
    "validate": {"required": True},
}
FEE = {"type": "number", "id": "fee", "key": "fee", "label": "Fee", "decimalDigits": 2}
FEEL = {
    "refund.total": lambda v: v["refund"]["total"],
    'decision != "refuse"': lambda v: v["decision"] != "refuse",
}
DATA = {"refund": {"total": 320.5}}


def buttons(page):
    return [
        (b.get("name"), b.get("value"), b.text, b.get("class"))
        for b in page.xpath('//*[@class="form-actions"]/button')
    ]


def test_each_option_is_a_button_that_says_what_it_does(desk):
    page = desk([WHY, OUTCOME], DATA, FEEL, {"Refuse": "拒绝"}).page()
    assert buttons(page) == [
        ("decision", "approve", "Approve 320.50", "button large primary"),
        ("decision", "refuse", "拒绝", "button large danger"),
    ]


def test_the_pressed_button_is_the_outcome(desk):
    submission = desk([WHY, OUTCOME], DATA, FEEL).submit(("decision", "approve"))
    assert submission.outcome == "approve"
    assert submission.values == {"decision": "approve"}


def test_only_the_refuse_button_asks_for_a_reason_and_keeps_what_was_typed(desk):
    form = desk([FEE, WHY, OUTCOME], DATA, FEEL)
    assert "why" not in [name for name, _ in form.shown()]
    assert form.refused(("fee", "12,5"), ("decision", "refuse")) == {"why": "required"}
    page = form.page(raw=form.errors.kept, errors=form.errors.errors)
    assert page.xpath('//textarea[@name="why"]')
    assert page.xpath('//input[@name="fee"]/@value') == ["12,5"]
    again = form.filled({"why": "Worn out", "decision": "refuse"}, raw=form.errors.kept)
    assert form.submit(*again).values == {"fee": 12.5, "why": "Worn out", "decision": "refuse"}


def test_what_a_button_brings_up_is_seen_before_it_counts(desk):
    note = {"type": "textfield", "id": "note", "key": "note", "conditional": WHY["conditional"]}
    form = desk([FEE, note, WHY, OUTCOME], DATA, FEEL)
    page = form.shown()
    assert form.refused(*page, ("decision", "refuse")) == {"": "more_to_fill"}
    page = form.shown(raw=form.errors.kept)
    assert {"note", "why"} <= dict(page).keys()
    sent = [(name, "Worn out" if name == "why" else text) for name, text in page]
    assert form.submit(*sent, ("decision", "refuse")).values["why"] == "Worn out"
    assert form.submit(*form.shown(), ("decision", "approve")).outcome == "approve"


def test_the_reason_stays_while_the_form_is_refreshed_after_a_refusal(desk):
    form = desk([FEE, WHY, OUTCOME], DATA, FEEL)
    form.refused(("decision", "refuse"))
    shown = form.shown(raw=form.errors.kept)
    assert "why" in dict(form.shown(raw=shown))


def test_a_decision_left_from_an_earlier_round_is_not_this_one(desk):
    form = desk([WHY, OUTCOME], {**DATA, "decision": "refuse"}, FEEL)
    assert "why" not in dict(form.shown())


def test_sending_without_a_button_asks_for_one(desk):
    assert desk([OUTCOME], DATA, FEEL).refused() == {"": "outcome_required"}
    assert desk([OUTCOME], DATA, FEEL).refused(("decision", "steal")) == {"": "unknown_outcome"}


def test_enter_decides_nothing_where_there_is_a_choice(desk):
    first = desk([FEE, OUTCOME], DATA, FEEL).page().xpath("(//button)[1]")[0]
    assert first.get("disabled") is not None and first.get("hidden") is not None


def test_without_an_outcome_there_is_one_button(desk):
    assert buttons(desk([FEE]).page()) == [(None, None, "Complete", "button large primary")]
    send = {"type": "button", "id": "b", "label": "Register", "action": "submit"}
    page = desk([FEE, send], words={"Register": "登记"}).page()
    assert buttons(page) == [(None, None, "登记", "button large primary")]


def test_buttons_can_come_from_an_expression(desk):
    offered = {**OUTCOME, "valuesExpression": "=choices"}
    del offered["values"]
    form = desk(
        [offered], feel={"choices": lambda v: [{"value": "pay", "label": "Pay 5", "intent": "primary"}]}
    )
    assert buttons(form.page()) == [("decision", "pay", "Pay 5", "button large primary")]
    assert form.submit(("decision", "pay")).outcome == "pay"


def test_a_submitted_form_shows_what_was_decided(desk):
    page = desk([FEE, WHY, OUTCOME], {**DATA, "decision": "refuse", "why": "Worn", "fee": 3}, FEEL).page(
        readonly=True
    )
    assert page.xpath("//dd/text()") == ["3.00", "Worn", "Refuse"]
    assert not page.xpath("//input | //button | //textarea")
