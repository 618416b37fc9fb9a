"""A case carries one number through every procedure, and knows where it stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

import engine.aftersales.tables as t
from engine.aftersales import cases, notes, reasons, staff_notices
from engine.runtime import deployments, identity, instances, user_tasks
from engine.runtime.bundles import Bundle
from engine.runtime.context import SYSTEM, Actor
from engine.runtime.refusals import NotFound
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import Incident, ProcessInstance, UserTask
from engine.worker import perform
from tests.aftersales import shop

DIAGRAMS = Path(__file__).parent / "diagrams"
WANG_FANG = Actor(key="wang.fang", name="Wang Fang", roles=frozenset({"operations"}))


@pytest.fixture
def procedures(desk):
    for key in ("look_at_it", "asks_another", "pays"):
        files = {("bpmn", f"{key}.bpmn"): (DIAGRAMS / f"{key}.bpmn").read_bytes()}
        words = DIAGRAMS / f"{key}.zh.json"
        if words.exists():
            files["words", words.name] = words.read_bytes()
        with desk.app.commands.begin() as ctx:
            deployments.deploy(ctx, Bundle(process_key=key, files=files))
    with desk.app.commands.begin() as ctx:
        identity.create_person(ctx, "wang.fang", "Wang Fang", roles={"operations"}, password=None)
        identity.create_person(ctx, "zhao.lin", "Zhao Lin", roles={"finance"}, password=None)


def open_case(desk, process="look_at_it", variables=None, *, actor=WANG_FANG, **fields):
    with desk.app.commands.begin(actor) as ctx:
        return cases.open_case(ctx, process, variables or {}, **fields)


def work(desk):
    queue = desk.app.engine.queue
    while queue.work:
        item = queue.work.pop(0)
        perform(desk.app.commands, item.kind, item.id)


def complete(desk, element, case_number):
    with desk.app.commands.begin(WANG_FANG) as ctx:
        task = ctx.session.scalar(
            select(UserTask).where(UserTask.element_id == element, UserTask.business_key == case_number)
        )
        user_tasks.complete(ctx, task.id, {})
    work(desk)


def case_of(desk, number):
    return desk.one(t.AftersalesCase, t.AftersalesCase.number == number)


def test_a_case_has_one_number_and_knows_what_it_is_about(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (3, "10", "30.00"), (1, "5", "5.00")))
    request = {"lines": [{"line": 1, "quantity": 2}], "reason": "wrong_size", "remark": "too small"}
    opened = open_case(
        desk,
        variables={"request": request, "channel": "hotline", "urgency": "important"},
        order_number=order.number,
    )

    assert opened.number == "AS-2026-000001"
    assert (opened.channel, opened.urgency, opened.reason, opened.summary) == (
        "hotline",
        "important",
        "wrong_size",
        "too small",
    )
    assert (opened.order_id, opened.customer_id, opened.opened_by) == (
        order.id,
        order.customer_id,
        "wang.fang",
    )
    assert desk.one(t.CaseLine).quantity == 2
    instance = desk.one(ProcessInstance)
    assert (instance.id, instance.business_key) == (opened.process_instance_id, opened.number)
    known = instance.variables
    assert (known["caseNumber"], known["initiator"]) == (opened.number, "wang.fang")
    assert (known["order"]["number"], known["customer"]["previousCases"]) == (order.number, 0)


def test_the_same_application_opens_one_case(desk, procedures):
    first, second = (open_case(desk, idempotency_key="form-1") for _ in range(2))
    assert first.id == second.id
    assert len(desk.all(ProcessInstance)) == 1


def test_an_order_the_desk_named_must_exist_but_one_a_form_got_wrong_is_the_procedures(desk, procedures):
    with pytest.raises(NotFound):
        open_case(desk, order_number="SO-nowhere")
    assert open_case(desk, variables={"orderNumber": "SO-nowhere"}).order_id is None


def test_an_open_case_on_the_same_line_is_warned_of(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (3, "10", "30.00"), (1, "5", "5.00")))
    opened = open_case(
        desk, variables={"request": {"lines": [{"line": 1, "quantity": 1}]}}, order_number=order.number
    )

    def warned(lines=None):
        with desk.app.commands.begin() as ctx:
            return [row.number for row in cases.open_on_lines(ctx, order.number, lines)]

    assert (warned([1, 2]), warned([2]), warned()) == ([opened.number], [], [opened.number])
    complete(desk, "look", opened.number)
    assert warned() == []


def test_a_case_closes_with_its_procedure(desk, procedures):
    completed, cancelled = open_case(desk), open_case(desk)
    complete(desk, "look", completed.number)
    with desk.app.commands.begin() as ctx:
        instances.cancel(ctx, cancelled.process_instance_id, reason="a duplicate")
    assert [case_of(desk, row.number).outcome for row in (completed, cancelled)] == ["completed", "cancelled"]
    assert case_of(desk, completed.number).closed_at is not None


def test_an_instance_started_past_the_desk_is_a_case_too(desk, procedures):
    with desk.app.commands.begin(WANG_FANG) as ctx:
        instances.start(ctx, "look_at_it", {}, business_key="FROM-API")
    assert case_of(desk, "FROM-API").opened_by == "wang.fang"


def test_a_case_goes_on_when_the_case_it_started_is_closed(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (1, "10", "10.00")))
    asking = open_case(desk, "asks_another", order_number=order.number, variables={"channel": "store"})
    work(desk)

    link = desk.one(t.CaseLink)
    started = desk.one(t.AftersalesCase, t.AftersalesCase.id == link.to_case_id)
    assert (link.kind, link.from_case_id) == ("started", asking.id)
    assert (started.order_id, started.channel, started.opened_by) == (order.id, "store", "system")
    assert case_of(desk, asking.number).closed_at is None

    complete(desk, "look", started.number)

    assert case_of(desk, asking.number).outcome == "completed"
    message = desk.one(t.CustomerMessage)
    assert (message.language, message.text) == ("zh", "Wang Wei，我们看过了：completed。")
    assert desk.one(t.StaffNotice).texts == {
        "en": f"Case {asking.number} was looked at.",
        "zh": f"案例 {asking.number} 已查看。",
    }


def test_a_case_goes_on_when_the_case_it_started_is_cancelled(desk, procedures):
    asking = open_case(desk, "asks_another")
    work(desk)
    started = desk.one(t.AftersalesCase, t.AftersalesCase.process_key == "look_at_it")
    with desk.app.commands.begin() as ctx:
        instances.cancel(ctx, started.process_instance_id, reason="not needed")
    work(desk)
    assert case_of(desk, asking.number).outcome == "completed"


def test_a_procedure_can_run_under_the_same_case_number(desk, procedures):
    opened = open_case(desk)
    started = desk.do(
        "procedure.start", processId="look_at_it", sameCase=True, job={"business_key": opened.number}
    )
    assert started == {"linkedCase": opened.number}
    assert len(desk.all(t.AftersalesCase)) == 1
    assert {row.business_key for row in desk.all(ProcessInstance)} == {opened.number}


def test_a_notice_is_read_once_by_each_of_the_role(desk, procedures):
    desk.case()
    opened = open_case(desk, "asks_another")
    work(desk)
    complete(desk, "look", desk.one(t.AftersalesCase, t.AftersalesCase.process_key == "look_at_it").number)
    notice = desk.one(t.StaffNotice)
    assert notice.texts["en"] == f"Case {opened.number} was looked at."
    colleagues = [Actor(key=key, name=key, roles=frozenset({"finance"})) for key in ("zhao.lin", "xu.dan")]
    for colleague in colleagues:
        with desk.app.commands.begin(colleague) as ctx:
            assert staff_notices.mark_read(ctx, notice.id) == f"/cases/{opened.number}"
            assert staff_notices.mark_all_read(ctx) == 0
    with desk.app.commands.begin(WANG_FANG) as ctx, pytest.raises(NotFound):
        staff_notices.mark_read(ctx, notice.id)


def test_a_note_mentions_the_people_there_are(desk, procedures):
    desk.case()
    with desk.app.commands.begin(WANG_FANG) as ctx:
        note = notes.add(ctx, "CASE-1", " @zhao.lin and @nobody: please look. mail a@wang.fang ")
        assert (note.mentions, note.person) == (["zhao.lin"], "wang.fang")
        with pytest.raises(notes.EmptyNote):
            notes.add(ctx, "CASE-1", "  ")
        with pytest.raises(NotFound):
            notes.add(ctx, "CASE-2", "text")


def test_a_hidden_reason_is_no_longer_offered_and_stays_on_old_cases(desk, procedures):
    with desk.app.commands.begin(WANG_FANG) as ctx:
        reasons.add(ctx, "regret", label="Changed my mind", label_zh="不想要了", kind="no_reason")
        reasons.add(ctx, "scratched", label="Scratched", kind="quality", applies_to=["look_at_it"])
        reasons.order(ctx, ["scratched", "regret"])
        with pytest.raises(reasons.ReasonExists):
            reasons.add(ctx, "regret", label="Again", kind="no_reason")
        assert [row["value"] for row in reasons.options(ctx, "look_at_it", "zh")] == ["scratched", "regret"]
        assert reasons.options(ctx, "asks_another", "zh") == [{"value": "regret", "label": "不想要了"}]
    old = open_case(desk, variables={"request": {"reason": "regret"}})
    with desk.app.commands.begin(WANG_FANG) as ctx:
        reasons.change(ctx, "regret", hidden=True)
    with pytest.raises(reasons.ReasonNotOffered, match="Changed my mind"):
        open_case(desk, variables={"request": {"reason": "regret"}})
    with pytest.raises(reasons.ReasonNotOffered, match="Scratched"):
        open_case(desk, "asks_another", variables={"request": {"reason": "scratched"}})
    assert case_of(desk, old.number).reason == "regret"


def test_a_lookup_tells_the_kind_of_the_reason(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (1, "10", "10.00")))
    with desk.app.commands.begin(SYSTEM) as ctx:
        reasons.add(ctx, "scratched", label="Scratched", kind="quality", requires_photo=True)
    found = desk.do("order.lookup", orderNumber=order.number, reason="scratched")
    assert found["reason"] == {
        "key": "scratched",
        "label": "Scratched",
        "kind": "quality",
        "requiresPhoto": True,
    }


def test_what_a_case_came_to_is_kept_with_it(desk):
    desk.case()
    desk.do(
        "case.record",
        amountAsked="99.999",
        deducted=3,
        dueAt="2026-11-05T18:00:00+08:00",
        improvement="pack better",
    )
    case = case_of(desk, "CASE-1")
    assert (case.amount_asked, case.deducted, case.improvement) == (
        Decimal("100.00"),
        Decimal(3),
        "pack better",
    )
    assert case.due_at.isoformat() == "2026-11-05T10:00:00+00:00"


def test_a_refund_the_companys_own_system_paid_is_in_the_ledger_too(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (2, "10", "20.00")))
    case = open_case(desk, "pays", order_number=order.number)
    desk.app.engine.registry.add(
        ServiceTaskType(
            type="refund.pay",
            remote=True,
            handler=lambda engine, job: {"payment": {"number": "ERP-1", "amount": 10}},
        )
    )
    work(desk)

    assert case_of(desk, case.number).outcome == "completed"
    ledger = desk.one(t.Refund)
    assert (ledger.total, ledger.case_id) == (10, case.id)
    found = desk.do("order.lookup", orderNumber=order.number)
    assert found["order"]["lines"][0]["left"] == 1


def test_a_refund_elsewhere_beyond_what_was_paid_is_an_incident(desk, procedures):
    order = desk.write(lambda s: shop.order(s, (1, "5", "5.00")))
    case = open_case(desk, "pays", order_number=order.number)
    desk.app.engine.registry.add(
        ServiceTaskType(
            type="refund.pay", remote=True, handler=lambda engine, job: {"payment": {"number": "ERP-1"}}
        )
    )
    work(desk)

    assert case_of(desk, case.number).closed_at is None
    assert "ck_" in desk.one(Incident).message
    assert desk.all(t.Refund) == []


def test_a_complaint_tells_what_it_is_about_wherever_its_form_says_so(desk, procedures):
    first = open_case(desk)
    desk.write(lambda s: s.add(t.SerialNumber(number="SN-1", product_id=shop.product(s).id)))
    complaint = {"description": "the lamp broke again", "serialNumber": "SN-1"}
    second = open_case(desk, variables={"complaint": complaint, "aboutCase": first.number, "line": 4})
    assert (second.summary, second.about_case_id) == ("the lamp broke again", first.id)
    assert second.serial_number_id is not None
    assert second.product_id is not None
    assert desk.one(t.CaseLink).kind == "about"
    assert open_case(desk, variables={"aboutCase": "AS-nowhere"}).about_case_id is None
    with pytest.raises(NotFound):
        open_case(desk, about="AS-nowhere")
