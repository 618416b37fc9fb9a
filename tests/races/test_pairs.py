"""Every two things that two people can do to one step, done at once, end as if one had come after the other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.runtime import deployments, instances, messages, signals, timers, user_tasks
from engine.runtime.moving import apply, mapping
from engine.store.tables import PendingSignal, SignalSubscription, Timer
from tests.races.conftest import ROUNDS, WON


def complete(desk, instance, who):
    desk.do(who, user_tasks.complete, desk.hall.task(instance, "decide").id, {"by": who})


def claim(desk, instance, who):
    desk.do(who, user_tasks.claim, desk.hall.task(instance, "decide").id)


def release(desk, instance, who):
    desk.do(who, user_tasks.release, desk.hall.task(instance, "decide").id)


def assign(desk, instance, who):
    desk.do(who, user_tasks.assign, desk.hall.task(instance, "decide").id, who)


def draft(desk, instance, who):
    desk.do(who, user_tasks.save_draft, desk.hall.task(instance, "decide").id, [["remark", who]])


def follow_up(desk, instance, who):
    desk.do(who, user_tasks.set_follow_up, desk.hall.task(instance, "decide").id, None)


def timer(desk, instance, _who):
    for id_ in desk.ids(Timer.id, instance, Timer.element_id == "late"):
        desk.do("system", timers.fire, id_)


def reminder(desk, instance, _who):
    for id_ in desk.ids(Timer.id, instance, Timer.element_id == "reminder"):
        desk.do("system", timers.fire, id_)


def message(desk, instance, who):
    id_ = desk.do(who, messages.publish, "changed_mind", desk.hall.numbers[instance], {"by": who})
    desk.do("system", messages.correlate, id_)


def signal(desk, instance, _who):
    for name in set(desk.ids(SignalSubscription.name, instance)):
        desk.do("system", signals.broadcast, name, {})
    listening = select(SignalSubscription.id).where(SignalSubscription.instance_id == instance)
    with desk.app.database.begin() as session:
        ids = session.scalars(select(PendingSignal.id).where(PendingSignal.subscription.in_(listening))).all()
    for id_ in ids:
        desk.do("system", signals.deliver, id_)


def cancel(desk, instance, who):
    desk.do(who, instances.cancel, instance, reason="registered twice")


def correct(desk, instance, who):
    desk.do(who, instances.set_variables, instance, {"amount": len(who)}, reason="was wrong")


def move(desk, instance, who):
    def moving(ctx):
        new, old = (version.id for version in deployments.versions(ctx, "step"))
        apply.move(ctx, instance, mapping.compare(ctx, old, new, {}), reason="a new version")

    desk.do(who, moving)


ACTIONS = (
    complete,
    claim,
    release,
    assign,
    draft,
    follow_up,
    timer,
    reminder,
    message,
    signal,
    cancel,
    correct,
    move,
)
#: How an action may end: done, or told that another was first.
TYPED = {
    WON,
    "user_task_already_completed",
    "user_task_cancelled",
    "claimed_by_somebody_else",
    "instance_not_active",
    "cannot_be_moved",
}


def _case(hall, pair):
    """A case at its first step; claimed by the first of the two where somebody may give it back."""
    instance = hall.start("step")
    if release in pair:
        hall.in_turn(instance, (claim,), (0,))
    return instance


@pytest.mark.parametrize("first", ACTIONS, ids=lambda action: action.__name__)
def test_two_at_once_end_as_if_one_had_come_after_the_other(hall, first):
    for second in ACTIONS[ACTIONS.index(first) :]:
        pair, name = (first, second), f"{first.__name__} / {second.__name__}"
        in_turn = []
        for order in ((0, 1), (1, 0)):
            instance = _case(hall, pair)
            in_turn.append((hall.in_turn(instance, pair, order), hall.tell(instance)))
        for _ in range(ROUNDS):
            instance = _case(hall, pair)
            ended = hall.together(instance, pair)
            hall.note(name, ended)
            assert set(ended) <= TYPED, name
            assert (ended, hall.tell(instance)) in in_turn, name
            hall.sound(instance)
