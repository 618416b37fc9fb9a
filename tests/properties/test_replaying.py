"""Properties of cases on the real database: any case can be replayed from its history, and its history verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import given

from engine.bootstrap import application
from engine.runtime import history, replay
from engine.runtime.clock import HandClock
from engine.runtime.queue import HandQueue
from engine.scenarios.world import World
from tests.conftest import MONDAY
from tests.properties.case import Case
from tests.properties.shapes import Block, blocks, draw
from tests.properties.values import PATHS, SEEDS

Opened = Callable[[], AbstractContextManager[Case]]


@pytest.fixture
def opened(database, settings) -> Opened:
    """Opens a case in a transaction of its own, which is rolled back."""
    clock, queue, worlds = HandClock(MONDAY), HandQueue(), []
    app = application(
        settings, database=database, queue=queue, clock=clock, transaction=lambda: worlds[-1].session()
    )

    @contextmanager
    def opening() -> Iterator[Case]:
        clock.set(MONDAY)
        queue.work.clear()
        with database.engine.connect() as connection, connection.begin() as outermost:
            worlds.append(World(application=app, clock=clock, queue=queue, connection=connection))
            yield Case(worlds[-1])
            outermost.rollback()

    return opening


def play(case: Case, block: Block, called: Block, seed: int, path: int) -> None:
    case.begin({"p": draw(block, called="q"), "q": draw(called, process="q")}, seed)
    case.walk(path)


@given(block=blocks(), called=blocks(3), seed=SEEDS, path=PATHS)
def test_the_recorded_inputs_are_enough_to_rebuild_every_state_a_case_was_in(
    opened, block, called, seed, path
):
    with opened() as case:
        play(case, block, called, seed, path)
        engine = case.world.application.engine
        with case.world.session() as session:
            for instance_id in {noted.instance_id for noted in case.seen}:
                replay.check(session, engine, instance_id)
                noted = [each for each in case.seen if each.instance_id == instance_id]
                for each in noted:
                    execution = replay.before(session, engine, instance_id, each.seq + 1)
                    assert execution is not None
                    assert execution.variables() == each.variables
                    assert each.blob is None or execution.dump() == each.blob
            assert list(history.verify(session)) == []
