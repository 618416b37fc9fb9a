"""Races with rules of their own: one message for two, an incident retried twice, eight branches at once."""

from __future__ import annotations

import time
from statistics import median

import pytest
from sqlalchemy import func, select, text

from engine.aftersales import cases, notes
from engine.aftersales.tables import AftersalesCase, Note
from engine.runtime import history, incidents, instances, jobs, messages, user_tasks
from engine.store.tables import HistoryEvent, Incident, Job, Message, ProcessInstance
from tests.races.conftest import ROUNDS, WON

EIGHT = tuple(f"check_{n}" for n in range(1, 9))


def _types(hall, instance):
    with hall.app.database.begin() as session:
        return [event.type for event in history.events(session, stream=instance, limit=1000)]


def _retry(desk, instance, who):
    for id_ in desk.ids(Incident.id, instance):
        desk.do(who, incidents.retry, id_, reason="again")


def _cancel(desk, instance, who):
    desk.do(who, instances.cancel, instance, reason="registered twice")


def _work(desk, instance, _who):
    for id_ in desk.ids(Job.id, instance):
        jobs.run(desk.app.commands, id_)


def _result(desk, instance, who):
    """A remote worker's result; a second one is told that nobody waits for it."""
    (id_,) = desk.ids(Job.id, instance)
    return WON if desk.do("system", jobs.complete, id_, {"paid_by": who}) else "not_waiting"


def _failure(desk, instance, _who):
    (id_,) = desk.ids(Job.id, instance)
    desk.do("system", jobs.fail, id_, "the bank does not answer", attempt=1)


def _stuck(hall):
    """A case whose payment failed for the last time."""
    instance = hall.start("service")
    hall.in_turn(instance, (_work,), (0,))
    return instance


PAIRS = (
    (_retry, _retry),
    (_retry, _cancel),
    (_work, _work),
    (_work, _cancel),
    (_work, _retry),
    (_result, _result),
    (_result, _failure),
    (_result, _cancel),
    (_failure, _failure),
    (_failure, _cancel),
)


@pytest.mark.parametrize("begin", ["stuck", "paying"])
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda action: action.__name__.strip("_"))
def test_a_service_task_is_retried_done_or_cancelled_as_if_in_turn(hall, begin, first, second):
    make = {"stuck": lambda: _stuck(hall), "paying": lambda: hall.start("service")}[begin]
    pair, name = (first, second), f"{first.__name__[1:]} / {second.__name__[1:]} ({begin})"
    in_turn = []
    for order in ((0, 1), (1, 0)):
        instance = make()
        in_turn.append((hall.in_turn(instance, pair, order), hall.tell(instance)))
    for _ in range(ROUNDS):
        instance = make()
        ended = hall.together(instance, pair)
        hall.note(name, ended)
        assert set(ended) <= {WON, "stale", "instance_not_active", "not_waiting"}, name
        assert (ended, hall.tell(instance)) in in_turn, name
        hall.sound(instance)


def test_a_message_sent_twice_under_one_id_counts_once(hall):
    def send(desk, instance, who):
        number = desk.hall.numbers[instance]
        sent = desk.do(who, messages.publish, "changed_mind", number, {"by": who}, message_id=f"m-{instance}")
        if sent is None:
            return "known"
        desk.do("system", messages.correlate, sent)

    for _ in range(ROUNDS * 3):
        instance = hall.start("step")
        ended = hall.together(instance, (send, send))
        hall.note("same message / same message", ended)
        assert sorted(ended) == ["known", WON]
        assert _types(hall, instance).count("MessageCorrelated") == 1
        hall.sound(instance)


def test_of_two_messages_for_one_wait_one_is_taken_and_the_other_kept(hall):
    def send(desk, instance, who):
        sent = desk.do(who, messages.publish, "changed_mind", desk.hall.numbers[instance], {"by": who})
        desk.do("system", messages.correlate, sent)

    for _ in range(ROUNDS * 3):
        instance = hall.start("step")
        ended = hall.together(instance, (send, send))
        hall.note("message / other message", ended)
        assert ended == [WON, WON]
        with hall.app.database.begin() as session:
            taken = session.scalars(
                select(Message.correlated_at.is_not(None)).where(
                    Message.correlation_key == hall.numbers[instance]
                )
            ).all()
        assert sorted(taken) == [False, True]
        hall.sound(instance)


def test_one_message_correlated_by_two_workers_is_delivered_once(hall):
    for _ in range(ROUNDS * 3):
        instance = hall.start("step")
        with hall.app.commands.begin() as ctx:
            sent = messages.publish(ctx, "changed_mind", hall.numbers[instance], {})

        def take(desk, _instance, _who, sent=sent):
            desk.do("system", messages.correlate, sent)

        ended = hall.together(instance, (take, take))
        hall.note("correlate / correlate", ended)
        assert ended == [WON, WON]
        assert _types(hall, instance).count("MessageCorrelated") == 1
        hall.sound(instance)


def test_a_message_and_the_wait_for_it_never_miss_each_other(hall):
    def send(desk, instance, who):
        sent = desk.do(who, messages.publish, "goods_back", desk.hall.numbers[instance], {})
        desk.do("system", messages.correlate, sent)

    def begin_to_wait(desk, instance, who):
        desk.do(who, user_tasks.complete, desk.hall.task(instance, "ask").id, {})

    for _ in range(ROUNDS * 3):
        instance = hall.start("await_goods")
        ended = hall.together(instance, (send, begin_to_wait))
        # What a worker does later with a message it could not place at once.
        with hall.app.database.begin() as session:
            state = session.get_one(ProcessInstance, instance).state
        hall.note("publish / subscribe", ended)
        assert ended == [WON, WON]
        assert state == "completed"
        hall.sound(instance)


def test_eight_branches_completed_at_once_all_succeed_within_half_a_second(hall):
    def check(element):
        return lambda desk, instance, who: desk.do(
            who, user_tasks.complete, desk.hall.task(instance, element).id, {"found": element}
        )

    def floor(desk, instance, _who):
        """As many waits for the same row and as many durable commits, without an engine."""
        with desk.app.database.begin() as session:
            session.execute(
                select(ProcessInstance.id).where(ProcessInstance.id == instance).with_for_update()
            )
            session.execute(
                text("UPDATE process_instance SET revision = revision WHERE id = :id"), {"id": instance}
            )

    took, floors = [], []
    for _ in range(max(5, ROUNDS)):
        instance = hall.start("eight")
        began = time.perf_counter()
        assert hall.together(instance, (floor,) * 8) == [WON] * 8
        floors.append(time.perf_counter() - began)
        began = time.perf_counter()
        ended = hall.together(instance, tuple(check(element) for element in EIGHT))
        took.append(time.perf_counter() - began)
        hall.note("eight branches", ended)
        assert ended == [WON] * 8
        with hall.app.database.begin() as session:
            ended_case = session.get_one(ProcessInstance, instance)
            assert ended_case.state == "completed"
            assert {name: ended_case.variables[name] for name in EIGHT} == {name: name for name in EIGHT}
        hall.sound(instance)
    typical, floor_ = median(took), median(floors)
    hall.log["eight branches"] |= {
        "median_ms": round(typical * 1000),
        "floor_median_ms": round(floor_ * 1000),
    }
    assert typical < 0.5


def test_whoever_opens_a_form_that_another_just_sent_is_told_so(hall):
    def look(desk, instance, who):
        with desk.app.commands.begin(desk.hall.actor(who)) as ctx:
            task = user_tasks.get(ctx, desk.hall.task(instance, "decide").id)
            time.sleep(0.01)  # between looking the step up and reading its variables
            user_tasks.variables(ctx, task)

    def complete(desk, instance, who):
        desk.do(who, user_tasks.complete, desk.hall.task(instance, "decide").id, {})

    for _ in range(ROUNDS * 5):
        instance = hall.start("step")
        ended = hall.together(instance, (look, complete))
        hall.note("look / complete", ended)
        assert ended[0] in (WON, "user_task_already_completed") and ended[1] == WON
        hall.sound(instance)


def test_a_registration_sent_twice_at_once_opens_one_case(hall):
    def register(desk, instance, who):
        desk.do(who, cases.open_case, "eight", {}, idempotency_key=f"start:{instance}")

    for _ in range(ROUNDS * 3):
        instance = hall.start("eight")
        ended = hall.together(instance, (register, register))
        hall.note("register / register", ended)
        assert ended == [WON, WON]
        with hall.app.database.begin() as session:
            same = AftersalesCase.idempotency_key == f"start:{instance}"
            assert session.scalar(select(func.count()).select_from(AftersalesCase).where(same)) == 1


def test_a_note_and_the_last_step_do_not_hinder_each_other(hall):
    def note(desk, instance, who):
        desk.do(who, notes.add, desk.hall.numbers[instance], "the customer called")

    def complete(desk, instance, who):
        desk.do(who, user_tasks.complete, desk.hall.task(instance, "decide").id, {})

    for at in range(ROUNDS):
        with hall.app.commands.begin(hall.actor("wang.fang")) as ctx:
            number = cases.open_case(ctx, "step", {}, idempotency_key=f"note:{at}").number
        with hall.app.database.begin() as session:
            instance = session.scalar(
                select(ProcessInstance.id).where(ProcessInstance.business_key == number)
            )
        hall.numbers[instance] = number
        ended = hall.together(instance, (note, complete))
        hall.note("note / complete", ended)
        assert ended == [WON, WON]
        with hall.app.database.begin() as session:
            assert session.scalar(select(func.count()).select_from(Note)) == at + 1
            done = HistoryEvent.type == "UserTaskCompleted"
            assert session.scalar(
                select(func.count()).select_from(HistoryEvent).where(HistoryEvent.stream == instance, done)
            )
        hall.sound(instance)
