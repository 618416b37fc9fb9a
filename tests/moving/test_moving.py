"""One case moved to another version: what waits in it waits on, and what cannot be carried is refused in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.runtime import incidents, messages, timers, user_tasks
from engine.runtime.refusals import CannotBeMoved, SameVersion, UnknownElement
from engine.store.tables import HistoryEvent, Incident, ProcessInstance, Timer
from tests.bpmn.drawing import (
    boundary,
    diagram,
    each,
    end,
    flow,
    job,
    node,
    script,
    start,
    subprocess,
    user,
    zeebe,
)
from tests.moving.drawn import DAY, line

WEEK = DAY.replace("P1D", "P7D")
HEARD = '<bpmn:messageEventDefinition messageRef="m"/>'
M = (
    '<bpmn:message id="m" name="{name}"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=1"/></bpmn:extensionElements></bpmn:message>'
)


def around(first: str, second: str, *more: str, ways: str = "", last: str = "") -> bytes:
    """Two branches, and what is given besides."""
    return diagram(
        start(),
        node("parallelGateway", "fork"),
        first,
        second,
        *more,
        node("parallelGateway", "join"),
        user("after"),
        end(),
        flow("start", "fork", id_="in"),
        flow("fork", "a", id_="to_a"),
        flow("fork", "b", id_="to_b"),
        flow("a", "join", id_="from_a"),
        flow("b", "join", id_="from_b"),
        ways,
        flow("join", "after", id_="on"),
        flow("after", "end", id_="out"),
    )


def test_an_open_step_keeps_everything_that_is_somebodys(yard, clock):
    old = yard.deploy(line(user("check", name="Check")))
    case = yard.start()
    task = yard.task("check")
    yard.do(user_tasks.claim, task.id)
    yard.do(user_tasks.set_follow_up, task.id, clock.now() + timedelta(days=3))
    yard.do(user_tasks.save_draft, task.id, [["remark", "half a senten"]])
    before = yard.task("check")
    new = yard.deploy(line(user("check", name="Check again"), user("sign")))
    yard.move(case, old, new)
    after = yard.task("check")
    assert (after.name, after.definition_id) == ("Check again", new)
    for kept in ("id", "assignee", "claimed_at", "draft", "draft_by", "follow_up_at", "due_at", "priority"):
        assert getattr(after, kept) == getattr(before, kept)
    yard.complete("check")
    assert yard.open(case) == ["sign"]
    yard.complete("sign")
    assert yard.state(case) == "completed"
    yard.sound(case)


def test_the_history_says_from_where_to_where_by_whom_and_why(yard):
    old = yard.deploy(line(user("check")))
    case = yard.start()
    new = yard.deploy(line(user("look")))
    yard.move(case, old, new, {"check": "look"})
    with yard.app.database.begin() as session:
        event = session.scalars(select(HistoryEvent).where(HistoryEvent.type == "ProcessInstanceMoved")).one()
    assert event.actor == "admin"
    assert '"from_version":1' in event.payload
    assert '"version":2' in event.payload
    assert '"mapping":{"check":"look"},"reason":"a new version"' in event.payload


def test_a_step_that_is_gone_keeps_the_case_until_another_takes_its_place(yard):
    old = yard.deploy(line(user("check", name="Check")))
    case = yard.start()
    new = yard.deploy(line(user("look", name="Look"), job("tell")))
    with pytest.raises(CannotBeMoved) as refused:
        yard.move(case, old, new)
    assert "“check” is gone" in str(refused.value)
    assert yard.reasons(old, new) == [("gone", "check")]
    assert yard.reasons(old, new, {"check": "tell"}) == [("other_kind", "check")]
    yard.move(case, old, new, {"check": "look"})
    assert (yard.open(case), yard.task("look").name) == (["look"], "Look")
    yard.complete("look")
    yard.work()
    assert yard.state(case) == "completed"
    yard.sound(case)


def test_only_versions_of_one_procedure_and_elements_they_have_are_compared(yard):
    old = yard.deploy(line(user("check")))
    new = yard.deploy(line(user("look")))
    with pytest.raises(SameVersion):
        yard.reasons(old, old)
    with pytest.raises(UnknownElement):
        yard.reasons(old, new, {"check": "nowhere"})
    with pytest.raises(UnknownElement):
        yard.reasons(old, new, {"look": "look"})


def test_a_timer_keeps_its_time_whatever_the_new_version_would_set(yard, clock, queue):
    old = yard.deploy(
        diagram(
            start(), user("check"), boundary("late", "check", DAY), end(), end("too_late"),
            flow("start", "check"), flow("check", "end"), flow("late", "too_late"),
        )
    )  # fmt: skip
    case = yard.start()
    new = yard.deploy(
        diagram(
            start(), user("check"), boundary("late", "check", WEEK), end(), user("mend"), end("too_late"),
            flow("start", "check"), flow("check", "end"), flow("late", "mend"), flow("mend", "too_late"),
        )
    )  # fmt: skip
    with yard.app.database.begin() as session:
        due = session.scalars(select(Timer.due_at)).one()
    yard.move(case, old, new)
    with yard.app.database.begin() as session:
        timer = session.scalars(select(Timer)).one()
    assert timer.due_at == due == clock.now() + timedelta(days=1)
    clock.advance(timedelta(days=1, seconds=1))
    yard.do(timers.fire, timer.id)
    assert yard.open(case) == ["mend"]
    yard.sound(case)


def test_an_event_that_is_gone_new_or_other_is_named(yard):
    def version(*events: str, name: str = "word") -> bytes:
        ids = [event.split('id="', 1)[1].split('"', 1)[0] for event in events]
        return diagram(
            start(), user("check"), *events, end(), flow("start", "check"), flow("check", "end"),
            *(flow(id_, "end") for id_ in ids), top=M.format(name=name),
        )  # fmt: skip

    late, told = boundary("late", "check", DAY), boundary("told", "check", HEARD)
    old = yard.deploy(version(late, told))
    yard.start()
    assert yard.reasons(old, yard.deploy(version(told))) == [("event_gone", "check")]
    assert yard.reasons(old, yard.deploy(version(late, told, name="other"))) == [("event_other", "check")]
    more = boundary("later", "check", WEEK)
    assert yard.reasons(old, yard.deploy(version(late, told, more))) == [("event_new", "check")]


def test_a_reminder_that_was_given_may_go(yard, clock):
    reminder = boundary("soon", "check", DAY, cancelActivity="false")
    ways = (flow("start", "check"), flow("check", "end"))
    old = yard.deploy(
        diagram(start(), user("check"), reminder, end(), end("said"), *ways, flow("soon", "said"))
    )
    case = yard.start()
    new = yard.deploy(diagram(start(), user("check"), end(), *ways))
    assert yard.reasons(old, new) == [("event_gone", "check")]
    clock.advance(timedelta(days=2))
    with yard.app.database.begin() as session:
        timer = session.scalars(select(Timer.id)).one()
    yard.do(timers.fire, timer)
    assert yard.reasons(old, new) == []
    yard.move(case, old, new)
    yard.complete("check")
    assert yard.state(case) == "completed"
    yard.sound(case)


def test_a_message_waited_for_still_arrives_at_a_step_by_another_name(yard):
    def version(id_: str) -> bytes:
        return line(node("receiveTask", id_, messageRef="m"), user("check"), top=M.format(name="word"))

    old = yard.deploy(version("wait"))
    case = yard.start()
    new = yard.deploy(version("listen"))
    yard.move(case, old, new, {"wait": "listen"})
    yard.do(messages.publish, "word", "1", {"told": True})
    yard.work()
    assert yard.open(case) == ["check"]
    yard.sound(case)


def test_a_half_full_join_goes_on_waiting_for_its_other_branch(yard):
    old = yard.deploy(around(user("a"), user("b")))
    case = yard.start()
    yard.complete("a", by_a=1)
    new = yard.deploy(around(user("a"), user("b", name="B")))
    yard.move(case, old, new)
    yard.complete("b", by_b=2)
    assert yard.open(case) == ["after"]
    with yard.app.database.begin() as session:
        assert session.get_one(ProcessInstance, case).variables == {"by_a": 1, "by_b": 2}
    yard.sound(case)


def test_branches_that_run_otherwise_are_refused_by_the_name_of_their_fork(yard):
    old = yard.deploy(around(user("a"), user("b")))
    case = yard.start()
    third = flow("fork", "c", id_="to_c") + flow("c", "join", id_="from_c")
    more = yard.deploy(around(user("a"), user("b"), user("c"), ways=third))
    assert yard.reasons(old, more) == [("branches", "a"), ("branches", "b")]
    alone = yard.deploy(line(user("a"), user("b"), user("after")))
    assert yard.reasons(old, alone) == [("branches", "a"), ("branches", "b")]
    with pytest.raises(CannotBeMoved):
        yard.move(case, old, more)


def test_a_step_that_comes_to_run_beside_another_would_wait_for_ever(yard):
    old = yard.deploy(line(user("a"), user("after")))
    yard.start()
    assert yard.reasons(old, yard.deploy(around(user("a"), user("b")))) == [("branches", "a")]


def test_a_branch_that_waits_at_a_join_needs_the_way_it_came(yard):
    old = yard.deploy(around(user("a"), user("b")))
    case = yard.start()
    longer = diagram(
        start(), node("parallelGateway", "fork"), user("a"), user("b"), user("a2"),
        node("parallelGateway", "join"), user("after"), end(),
        flow("start", "fork", id_="in"), flow("fork", "a", id_="to_a"), flow("fork", "b", id_="to_b"),
        flow("a", "a2", id_="from_a"), flow("a2", "join", id_="from_a2"), flow("b", "join", id_="from_b"),
        flow("join", "after", id_="on"), flow("after", "end", id_="out"),
    )  # fmt: skip
    new = yard.deploy(longer)
    assert yard.reasons(old, new) == []
    yard.complete("a")
    assert yard.reasons(old, new) == [("arrived", "join")]
    yard.complete("b")
    assert yard.reasons(old, new) == []
    yard.move(case, old, new)
    yard.sound(case)


@pytest.mark.parametrize("sequential", [False, True])
def test_repetitions_under_way_go_on_where_they_are_or_are_refused(yard, sequential):
    def version(name: str, collection: str = "=[1, 2, 3]") -> bytes:
        loop = each(collection, sequential=sequential, outputCollection="all", outputElement="=n")
        return line(user("check", loop, name=name), user("after"))

    old = yard.deploy(version("Check"))
    case = yard.start()
    yard.complete("check", n=1)
    new = yard.deploy(version("Check them"))
    other = yard.deploy(version("Check", "=[1, 2]"))
    assert ("other_loop", "check") in yard.reasons(old, other)
    yard.move(case, old, new)
    yard.complete("check", n=2)
    yard.complete("check", n=3)
    assert yard.open(case) == ["after"]
    with yard.app.database.begin() as session:
        assert session.get_one(ProcessInstance, case).variables["all"] == [1, 2, 3]
    yard.sound(case)


def test_a_step_inside_a_sub_process_stays_inside_it(yard):
    def inside(*extra: str) -> bytes:
        body = subprocess(
            "sub", start("s"), user("check"), end("e"), *extra, flow("s", "check", id_="s1"),
            flow("check", "e", id_="s2"),
        )  # fmt: skip
        return line(body, user("after"))

    old = yard.deploy(inside())
    case = yard.start()
    assert ("other_scope", "check") in yard.reasons(old, yard.deploy(line(user("check"), user("after"))))
    new = yard.deploy(inside(user("spare"), flow("s", "spare", id_="s3"), flow("spare", "e", id_="s4")))
    assert ("branches", "check") in yard.reasons(old, new)
    new = yard.deploy(inside("<bpmn:documentation>why</bpmn:documentation>"))
    yard.move(case, old, new)
    yard.complete("check")
    assert yard.open(case) == ["after"]
    yard.sound(case)


def test_caller_and_called_are_moved_each_for_itself(yard):
    def caller(*more: str) -> bytes:
        return line(node("callActivity", "ask", extensions=zeebe("calledElement", processId="q")), *more)

    yard.deploy(line(user("check")).replace(b'id="p"', b'id="q"'), key="q")
    old = yard.deploy(caller())
    case = yard.start()
    new = yard.deploy(caller(user("after")))
    yard.move(case, old, new)
    yard.complete("check")
    assert yard.open(case) == ["after"]
    yard.sound(case)


def test_work_that_is_handed_out_comes_back_to_the_new_version(yard):
    old = yard.deploy(line(job("pay"), user("after")))
    case = yard.start()
    new = yard.deploy(line(job("refund"), script("note", "=true", "noted"), user("after")))
    other = yard.deploy(line(job("refund", type_="other"), user("after")))
    assert yard.reasons(old, other, {"pay": "refund"}) == [("other_service", "pay")]
    yard.move(case, old, new, {"pay": "refund"})
    yard.work()
    with yard.app.database.begin() as session:
        assert session.get_one(ProcessInstance, case).variables == {"worked": True, "noted": True}
    yard.sound(case)


def test_what_is_stuck_is_moved_to_the_version_that_mends_it(yard):
    old = yard.deploy(line(user("check", each("=things")), user("after")))
    case = yard.start()
    with yard.app.database.begin() as session:
        stuck = session.scalars(select(Incident)).one()
    new = yard.deploy(line(user("check", each("=[1]")), user("after")))
    yard.move(case, old, new)
    yard.do(incidents.retry, stuck.id)
    assert yard.open(case) == ["check"]
    yard.sound(case)


def test_what_compensation_would_undo_has_to_be_there(yard):
    def version(undo: str) -> bytes:
        return diagram(
            start(), user("book"), boundary("undo", "book", "<bpmn:compensateEventDefinition/>"),
            user(undo, isForCompensation="true"), user("check"),
            end("end", "<bpmn:compensateEventDefinition/>"),
            f'<bpmn:association id="as" sourceRef="undo" targetRef="{undo}"/>',
            flow("start", "book"), flow("book", "check"), flow("check", "end"),
        )  # fmt: skip

    old = yard.deploy(version("unbook"))
    case = yard.start()
    new = yard.deploy(version("cancel"))
    yard.complete("book")
    assert yard.reasons(old, new) == [("remembered", "unbook")]
    yard.move(case, old, new, {"unbook": "cancel"})
    yard.complete("check")
    assert yard.open(case) == ["cancel"]
    yard.complete("cancel")
    assert yard.state(case) == "completed"
    yard.sound(case)


def test_a_draft_is_never_lost_to_a_form_without_its_field(yard):
    field = {"id": "f", "type": "textfield", "key": "remark", "label": "Remark"}
    other = {"id": "g", "type": "number", "key": "amount", "label": "Amount"}
    steps = line(user("check"))
    old = yard.deploy(steps, form={"components": [field]})
    case = yard.start()
    shorter = yard.deploy(steps, form={"components": [other]})
    longer = yard.deploy(steps, form={"components": [field, other]})
    assert yard.reasons(old, shorter) == []
    yard.do(user_tasks.save_draft, yard.task("check").id, [["remark", "half a senten"]])
    assert yard.reasons(old, shorter) == [("draft", "check")]
    yard.move(case, old, longer)
    assert yard.task("check").draft == [["remark", "half a senten"]]


def test_four_eyes_do_not_forget_who_did_a_step_that_is_gone(yard):
    eyes = zeebe("properties", zeebe("property", name="fourEyes", value="ask"))
    old = yard.deploy(line(user("ask"), user("check"), user("approve", extensions=eyes)))
    yard.start()
    seen = zeebe("properties", zeebe("property", name="fourEyes", value="request"))
    new = yard.deploy(line(user("request"), user("check"), user("approve", extensions=seen)))
    yard.complete("ask")
    assert yard.reasons(old, new) == [("four_eyes", "ask")]
