"""Many cases at once: a dry run first, then a run on the queue that says what became of each."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.runtime.moving import runs
from engine.runtime.moving.reasons import read
from engine.runtime.refusals import NothingToMove
from engine.store.tables import MoveItem
from engine.worker import perform
from tests.bpmn.drawing import user
from tests.moving.drawn import line


def states(yard, run: int) -> dict[str, tuple[str, list[str]]]:
    """Case number -> how it went, and the codes of the reasons."""
    with yard.app.database.begin() as session:
        items = session.scalars(select(MoveItem).where(MoveItem.move_id == run)).all()
    return {each.business_key: (each.state, [read(why).code for why in each.reasons]) for each in items}


@pytest.fixture
def three(yard):
    """Three cases, the second a step further, and a version without that step."""
    old = yard.deploy(line(user("check"), user("sign"), user("after")))
    cases = [yard.start() for _ in range(3)]
    yard.complete("check", cases[1])
    return old, yard.deploy(line(user("check"), user("after"))), cases


def test_those_who_can_are_moved_and_the_others_are_listed_with_their_reasons(yard, three):
    old, new, cases = three
    run = yard.run(old, new)
    assert states(yard, run) == {
        "CASE-1": ("moved", []),
        "CASE-2": ("refused", ["gone"]),
        "CASE-3": ("moved", []),
    }
    with yard.app.database.begin() as session:
        far = runs.progress(session, run)
        first = runs.items(session, run)[0]
    assert (far.total, far.moved, far.refused, far.waiting) == (3, 2, 1, 0)
    assert read(first.reasons[0]).sentence.startswith("“sign” is gone")
    for case in cases:
        yard.sound(case)


def test_a_step_and_a_part_of_the_number_choose_cases(yard, three):
    old, new, _ = three
    assert states(yard, yard.run(old, new, step="check", number="-3")) == {"CASE-3": ("moved", [])}
    with pytest.raises(NothingToMove):
        yard.run(old, new, step="sign")


def test_a_case_that_goes_on_before_its_turn_is_refused_alone(yard, three):
    old, new, cases = three
    run = yard.queued(old, new)
    yard.complete("check", cases[0])
    yard.work()
    assert states(yard, run)["CASE-1"] == ("refused", ["went_on"])
    assert states(yard, run)["CASE-3"] == ("moved", [])


def test_a_run_is_moved_back_where_nobody_went_on(yard, three):
    old, new, cases = three
    before = [yard.seen(case) for case in cases]
    run = yard.run(old, new)
    yard.complete("check", cases[0])
    back = yard.do(runs.begin_back, run, reason="a mistake").id
    yard.work()
    assert states(yard, back) == {"CASE-1": ("refused", ["nothing_kept"]), "CASE-3": ("moved", [])}
    assert [yard.seen(case) for case in cases[1:]] == before[1:]
    with pytest.raises(NothingToMove):
        yard.do(runs.begin_back, run, reason="once more")


def test_what_fails_for_one_case_is_told_and_keeps_no_other(yard, three, monkeypatch):
    old, new, cases = three
    real = runs.apply.move

    def move(ctx, instance_id, *args, **kwargs):
        if instance_id == cases[0]:
            raise RuntimeError("out of order")
        real(ctx, instance_id, *args, **kwargs)

    monkeypatch.setattr(runs.apply, "move", move)
    run = yard.run(old, new)
    assert states(yard, run)["CASE-1"] == ("refused", ["failed"])
    assert states(yard, run)["CASE-3"] == ("moved", [])


def test_a_run_delivered_twice_moves_nobody_twice(yard, three):
    old, new, cases = three
    run = yard.run(old, new)
    before = yard.seen(cases[0])
    perform(yard.app.commands, "move", run)
    assert yard.seen(cases[0]) == before
