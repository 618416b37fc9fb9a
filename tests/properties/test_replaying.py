"""Properties of cases on the real database: any case can be replayed from its history, and its history verifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from engine.runtime import replay, verifying
from tests.conftest import MONDAY
from tests.properties.case import Case
from tests.properties.shapes import Block, blocks, draw
from tests.properties.values import PATHS, SEEDS
from tests.properties.worlds import Worlds

Opened = Callable[[], AbstractContextManager[Case]]


@pytest.fixture
def opened(database, settings) -> Opened:
    """Opens a case in a transaction of its own, which is rolled back."""
    worlds = Worlds(settings, database)

    @contextmanager
    def opening() -> Iterator[Case]:
        with worlds.opened(MONDAY) as world:
            yield Case(world)

    return opening


def play(case: Case, block: Block, called: Block, seed: int, path: int) -> None:
    case.begin({"p": draw(block, called="q"), "q": draw(called, process="q")}, seed)
    for _ in case.walk(path):
        pass


@given(block=blocks(), called=blocks(3), seed=SEEDS, path=PATHS)
def test_the_recorded_inputs_are_enough_to_rebuild_every_state_a_case_was_in(
    opened, block, called, seed, path
):
    with opened() as case:
        play(case, block, called, seed, path)
        engine = case.world.application.engine
        with case.world.session() as session:
            for instance_id in {seen.instance_id for seen in case.seen}:
                replay.check(session, engine, instance_id)
                rebuilt = [
                    (moment.event.seq, moment.execution.dump(), moment.execution.variables())
                    for moment in replay.states(session, engine, instance_id)
                ]
                for seen in case.seen:
                    if seen.instance_id == instance_id:
                        blob, variables = next(
                            (blob, values) for seq, blob, values in reversed(rebuilt) if seq <= seen.seq
                        )
                        assert seen.variables == variables
                        assert seen.blob in (None, blob)
            assert list(verifying.verify(session)) == []


#: What an event consists of, each changed in the database by one byte or so.
CHANGES = {
    "type": "overlay(type placing 'x' from 1)",
    "actor": "actor || ' '",
    "at": "at + interval '1 microsecond'",
    "element_id": "coalesce(element_id, '') || 'x'",
    "activity_id": "coalesce(activity_id, 0) + 1",
    "business_key": "coalesce(business_key, '') || '1'",
    "hash": "set_byte(hash, :byte % 32, 255 - get_byte(hash, :byte % 32))",
    "payload": "overlay(payload placing chr(CASE ascii(substr(payload, :byte % length(payload) + 1, 1))"
    " WHEN 88 THEN 89 ELSE 88 END) from :byte % length(payload) + 1)",
}


@example(block=("user", []), path=0, where=0, column="payload", byte=0)
@given(
    block=blocks(3),
    path=PATHS,
    where=st.integers(min_value=0),
    column=st.sampled_from(sorted(CHANGES)),
    byte=st.integers(min_value=0, max_value=10_000),
)
def test_a_changed_byte_anywhere_in_a_history_is_found_and_named(opened, block, path, where, column, byte):
    with opened() as case:
        play(case, block, ("user", []), 1, path)
        with case.world.session() as session:
            streams = session.execute(
                text("SELECT stream, seq FROM history_event WHERE stream > 0 ORDER BY id")
            ).all()
            stream, seq = streams[where % len(streams)]
            session.execute(text("SET LOCAL session_replication_role = replica"))
            # The database itself refuses bytes its index cannot read as JSON; who owns it drops the index first.
            session.execute(text("DROP INDEX ix_history_event_values"))
            changed = text(
                f"UPDATE history_event SET {column} = {CHANGES[column]} WHERE stream = :stream AND seq = :seq"
            )
            session.execute(
                changed, {"stream": stream, "seq": seq} | ({"byte": byte} if ":byte" in changed.text else {})
            )
            found = list(verifying.verify(session))
            assert (found[0].stream, found[0].seq) == (stream, seq)
