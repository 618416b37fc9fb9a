"""Each way in which a finished case can go otherwise, and what is never guessed."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from engine.backtests import runs
from engine.backtests.figures import row
from engine.store.tables import BackTest
from tests.backtests.conftest import DIAGRAM, REFUND, TABLES, Shop


def tried(shop: Shop) -> list[dict]:
    """Every finished case through the open draft."""
    with shop.app.commands.begin() as ctx:
        draft = runs.candidate(ctx, REFUND, None).definition
        ids = runs.finished(ctx.session, REFUND, last=50, before=ctx.now)
        return [row(each) for each in runs.through(ctx.session, ctx.engine, draft, ids)]


def test_a_fee_makes_another_payment_and_nothing_else(shop: Shop) -> None:
    shop.refund(1, Decimal(120))
    fee = '<zeebe:input source="=request.lines" target="lines"/>'
    shop.draft(DIAGRAM, fee, f'{fee}<zeebe:input source="=20" target="serviceFee"/>')
    (case,) = tried(shop)
    assert case["another_amount"] and (case["paid"], case["would_pay"]) == (Decimal(120), Decimal(100))
    assert not (case["another_path"] or case["somebody_else"] or case["longer"] or case["stop_element"])


def test_another_role_is_somebody_else(shop: Shop) -> None:
    shop.refund(1, Decimal(700))
    shop.refund(2, Decimal(120))
    shop.draft(
        DIAGRAM,
        '<zeebe:formDefinition formId="refund_only_amount"/>',
        '<zeebe:formDefinition formId="refund_only_amount"/><zeebe:assignmentDefinition candidateGroups="administrator"/>',
    )
    unasked, asked = tried(shop)
    assert asked["somebody_else"] and not asked["another_path"]
    assert [each["groups"] for each in asked["detail"]["asked"]] == [["administrator"]]
    assert [each["groups"] for each in asked["detail"]["not_asked"]] == [["finance"]]
    assert not unasked["somebody_else"]


def test_a_wait_takes_longer_by_the_clock(shop: Shop) -> None:
    shop.refund(1, Decimal(120))
    shop.draft(
        DIAGRAM,
        'sourceRef="pay" targetRef="stop_shipping"/>',
        'sourceRef="pay" targetRef="wait"/><bpmn:sequenceFlow id="waited" sourceRef="wait" targetRef="stop_shipping"/>',
        "<bpmn:incoming>pay__stop_shipping</bpmn:incoming>",
        "<bpmn:incoming>waited</bpmn:incoming>",
        "</bpmn:process>",
        '<bpmn:intermediateCatchEvent id="wait"><bpmn:incoming>pay__stop_shipping</bpmn:incoming>'
        '<bpmn:outgoing>waited</bpmn:outgoing><bpmn:timerEventDefinition id="wait_timer"><bpmn:timeDuration '
        'xsi:type="bpmn:tFormalExpression">PT3H</bpmn:timeDuration></bpmn:timerEventDefinition>'
        "</bpmn:intermediateCatchEvent></bpmn:process>",
    )
    (case,) = tried(shop)
    assert case["longer"] and case["would_last"] - case["lasted"] == 3 * 3600
    assert case["detail"]["more"] == {"wait": 1}
    assert case["would_pay"] == case["paid"] == Decimal(120)


def test_a_new_question_needs_a_new_answer_and_an_old_one_does_not(shop: Shop) -> None:
    shop.refund(1, Decimal(700))
    file = ("form", "refund_only_review.form")
    form = orjson.loads(shop.files[file])
    asked = {"type": "textfield", "key": "why", "id": "Field_why", "label": "Why so much?"}
    form["components"].insert(0, asked)
    text = shop.files[file].decode()
    shop.draft(file, text, orjson.dumps(form).decode())
    (case,) = tried(shop)
    assert (case["stop_element"], case["stop_why"]) == ("review_application", "new_question")
    assert case["detail"]["about"] == ["Why so much?"]
    assert case["would_pay"] is None
    form["components"][0]["conditional"] = {"hide": "=refund.total < 1000"}
    shop.draft(file, shop_text(shop, file), orjson.dumps(form).decode())
    (case,) = tried(shop)
    assert case["stop_element"] is None and not case["another_path"]


def shop_text(shop: Shop, file: tuple[str, str]) -> str:
    return shop.files[file].decode()


def test_a_service_asked_with_other_values_is_not_taken_to_have_answered_the_same(shop: Shop) -> None:
    shop.refund(1, Decimal(120))
    shop.draft(
        DIAGRAM,
        'source="=orderNumber" target="orderNumber"',
        'source="=&quot;SO-7&quot;" target="orderNumber"',
    )
    (case,) = tried(shop)
    assert (case["stop_element"], case["stop_why"]) == ("look_up", "other_inputs")
    assert case["detail"]["about"] == ["orderNumber"]


def test_a_draft_that_is_saved_again_is_not_tried_under_its_old_name(shop: Shop) -> None:
    shop.refund(1, Decimal(120))
    shop.draft(TABLES, "<text>500</text>", "<text>300</text>")
    asked = shop.do("qian.yu", runs.ask, REFUND, None, last=5)
    shop.draft(TABLES, "<text>500</text>", "<text>200</text>")
    shop.work()
    with shop.app.database.begin() as session:
        found = session.get_one(BackTest, asked.id)
        assert (found.state, found.error) == ("failed", runs.DraftChanged.sentence)


def test_a_draft_with_problems_is_not_tried(shop: Shop) -> None:
    shop.draft(DIAGRAM, 'formId="refund_only_review"', 'formId="nowhere"')
    with pytest.raises(runs.DraftUnfit):
        shop.do("qian.yu", runs.ask, REFUND, None, last=5)


def test_an_interrupted_run_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        shop.refund(number, Decimal(100 + 100 * number))
    shop.draft(TABLES, "<text>500</text>", "<text>300</text>")
    asked = shop.do("qian.yu", runs.ask, REFUND, None, last=5)
    monkeypatch.setattr(runs, "_AT_ONCE", 2)
    through, calls = runs.through, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 2:
            raise ConnectionError("killed")
        return through(*args)

    monkeypatch.setattr(runs, "through", dies)
    with pytest.raises(ConnectionError):
        runs.run(shop.app.commands, asked.id)
    with shop.app.database.begin() as session:
        assert (session.get_one(BackTest, asked.id).done, session.get_one(BackTest, asked.id).state) == (
            2,
            "running",
        )
    runs.run(shop.app.commands, asked.id)
    with shop.app.database.begin() as session:
        found = session.get_one(BackTest, asked.id)
        assert (found.state, found.done, found.total) == ("done", 5, 5)
