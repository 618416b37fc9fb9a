"""Moved back, a case stands as it stood before; once somebody has touched it, it is not moved back any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.runtime import user_tasks
from engine.runtime.refusals import CannotBeMoved
from engine.store.tables import MovedInstance
from tests.bpmn.drawing import boundary, diagram, each, end, flow, job, node, start, user
from tests.moving.drawn import DAY, line


def test_moved_back_it_stands_as_it_stood_to_the_byte(yard, clock):
    def version(a: str, late: str = "late") -> bytes:
        return diagram(
            start(), node("parallelGateway", "fork"), user(a), user("b", each("=[1, 2]")),
            boundary(late, a, DAY), job("work"), node("parallelGateway", "join"), end(), end("x"),
            flow("start", "fork", id_="1"), flow("fork", a, id_="2"), flow("fork", "b", id_="3"),
            flow("fork", "work", id_="4"), flow(a, "join", id_="5"), flow("b", "join", id_="6"),
            flow("work", "join", id_="7"), flow("join", "end", id_="8"), flow(late, "x", id_="9"),
        )  # fmt: skip

    old = yard.deploy(version("a"))
    case = yard.start(amount=500)
    yard.do(user_tasks.save_draft, yard.task("a").id, [["remark", "half"]])
    before = yard.seen(case)
    new = yard.deploy(version("aa", "later"))
    yard.move(case, old, new, {"a": "aa", "late": "later"})
    assert yard.seen(case) != before
    clock.advance(timedelta(hours=1))
    yard.back(case)
    assert yard.seen(case) == before
    yard.sound(case)
    yard.move(case, old, new, {"a": "aa", "late": "later"})
    yard.work()
    yard.sound(case)
    with pytest.raises(CannotBeMoved, match="went on"):
        yard.back(case)


def test_claiming_or_typing_is_going_on(yard, clock):
    old = yard.deploy(line(user("check")))
    claimed, typed, never = (yard.start() for _ in range(3))
    new = yard.deploy(line(user("check"), user("after")))
    with pytest.raises(CannotBeMoved, match="no longer kept"):
        yard.back(never)
    for case in (claimed, typed):
        yard.move(case, old, new)
    clock.advance(timedelta(minutes=1))
    yard.do(user_tasks.claim, yard.task("check", claimed).id)
    yard.do(user_tasks.save_draft, yard.task("check", typed).id, [["remark", "x"]])
    for case in (claimed, typed):
        with pytest.raises(CannotBeMoved, match="went on"):
            yard.back(case)


def test_what_moves_a_case_back_goes_when_it_went_on(yard):
    old = yard.deploy(line(user("check"), user("after")))
    cases = [yard.start() for _ in range(3)]
    new = yard.deploy(line(user("check"), user("sign"), user("after")))
    yard.run(old, new)
    yard.complete("check", cases[0])
    third = yard.deploy(line(user("check"), user("sign"), user("after"), user("last")))
    yard.run(new, third, number="CASE-3")
    with yard.app.database.begin() as session:
        assert set(session.scalars(select(MovedInstance.instance_id))) == set(cases[1:])
