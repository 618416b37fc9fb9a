"""Whoever changes the stored history by SQL is found out, and what they changed is named, given the last daily seal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.runtime import seal_checks, seals, user_tasks
from engine.runtime import verifying as v
from engine.runtime.verification import Walk, narrowed
from tests.runtime.edits import EDITS, A, B, C, removed_in_all, rewritten_in_all, rewritten_lately
from tests.runtime.tampering import Tamperer


@pytest.fixture
def sealed(office, app, clock):
    """Cases A and B finished on Monday, B's end sealed only on Tuesday; C goes on after the last seal."""
    office.deploy("approval")
    made = {case: office.start("approval", case=case, amount=4) for case in (A, B, C)}
    _finish(office, A)
    office.do("wang.fang", user_tasks.complete, office.task("review", B).id, {"remark": "fine"})
    with app.commands.begin() as ctx:
        seals.make(ctx)
    clock.advance(timedelta(days=1))
    office.do("zhao.lin", user_tasks.complete, office.task("approve", B).id, {"decision": "approve"})
    office.work()
    with app.commands.begin() as ctx:
        seals.make(ctx)
    _finish(office, C)
    return made


def _finish(office, case):
    office.do("wang.fang", user_tasks.complete, office.task("review", case).id, {"remark": "fine"})
    office.do("zhao.lin", user_tasks.complete, office.task("approve", case).id, {"decision": "approve"})
    office.work()


def found(app, session):
    """All that a verification names: (case or seal, event, sentence), and the words."""
    kept = seals.folder(app.engine)
    walk, breaks = Walk(kept), []
    while walk.after is not None:
        breaks += walk.step(session).breaks
    breaks = narrowed(session, kept, walk.seal, breaks)
    wrong = list(seal_checks.check(session, kept))
    named = {(each.case, each.seq, each.sentence) for each in breaks}
    named |= {(f"seal {each.number}", 0, each.sentence) for each in wrong}
    return named, [each.reason for each in (*breaks, *wrong)]


def test_nothing_is_said_of_untouched_cases_whether_they_went_on_after_the_seal_or_not(app, sealed):
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_by_sql_is_found_and_named(app, sealed, edit):
    change, expected = EDITS[edit]
    session = app.database.sessions()
    try:
        change(Tamperer(session, sealed[A], sealed[B]))
        named, words = found(app, session)
    finally:
        session.rollback()
        session.close()
    assert {(who, sentence) for who, _, sentence in named} >= expected, words
    # Nobody else is suspected.
    touched = {who for who, _ in expected}
    assert {who for who, *_ in named} <= touched, words
    assert all("{" not in each for each in words)


def test_there_are_at_least_thirty_edits():
    assert len(EDITS) >= 30


def test_earlier_seals_narrow_down_when_an_event_was_written_anew(app, sealed):
    """B was sealed in the middle on Monday, and that much of it still agrees."""
    session = app.database.sessions()
    tamperer = Tamperer(session, sealed[A], sealed[B])
    rewritten_lately(tamperer)
    _, words = found(app, session)
    monday = next(head for head in seals.folder(app.engine).heads(1) if head.stream == sealed[B])
    last = tamperer.last(sealed[B])
    session.rollback()
    session.close()
    assert len(words) == 1
    assert f"of events {monday.seq + 1} to {last} one was written anew" in words[0]
    assert "seal 2 of 2026-11-03" in words[0]


def test_a_later_seal_covers_no_change_up(app, sealed, clock):
    """Chain and head redone, and the next seal made over it: that seal says for ever that it found something."""
    with app.database.begin() as session:
        rewritten_in_all(Tamperer(session, sealed[A], sealed[B]))
    clock.advance(timedelta(days=1))
    with app.commands.begin() as ctx:
        made = seals.make(ctx)
    assert [(stream, case) for stream, case, _ in made.changed] == [(sealed[A], A)]
    with app.database.begin() as session:
        named, words = found(app, session)
    assert ("seal 3", 0, seal_checks.HAD_CHANGED) in named
    assert any(A in each for each in words)


def test_a_case_removed_before_the_next_seal_is_named_by_it(app, sealed):
    with app.database.begin() as session:
        removed_in_all(Tamperer(session, sealed[A], sealed[B]))
    with app.commands.begin() as ctx:
        assert [case for _, case, _ in seals.make(ctx).changed] == [A]


def test_what_came_after_the_last_seal_is_as_safe_as_its_chain_and_no_safer(app, sealed):
    """The limit that docs/proof.md states: until the next seal somebody may redo the end of a history."""
    session = app.database.sessions()
    tamperer = Tamperer(session, sealed[C], sealed[B])
    tamperer.event("actor = 'xu.dan'", seq=tamperer.last(sealed[C]))
    assert found(app, session)[0] == {(C, tamperer.last(sealed[C]), v.CHANGED)}
    tamperer.chain(sealed[C], head=True)
    assert found(app, session)[0] == set()
    session.rollback()
    session.close()


@pytest.mark.parametrize(
    ("pattern", "change", "sentence"),
    [
        ("000001-*.json", "edit", seal_checks.FILE_OTHER),
        ("000001-*.json", "remove", seal_checks.FILE_MISSING),
        ("000002-*.heads.gz", "edit", seal_checks.LIST_OTHER),
        ("000002-*.heads.gz", "remove", seal_checks.LIST_MISSING),
    ],
)
def test_a_changed_file_of_a_seal_is_named(app, sealed, pattern, change, sentence):
    kept = seals.folder(app.engine)
    path = next(kept.path.glob(pattern))
    if change == "remove":
        path.unlink()
    elif path.suffix == ".gz":
        other = next(kept.path.glob("000001-*.heads.gz"))
        path.write_bytes(other.read_bytes())
    else:
        path.write_bytes(path.read_bytes().replace(b'"events": ', b'"events": 1'))
    with app.database.begin() as session:
        assert sentence in {each for _, _, each in found(app, session)[0]}


def test_the_same_history_makes_the_same_list(app, sealed):
    """Nothing happened between two seals but the seal itself."""
    with app.commands.begin() as ctx:
        third = seals.make(ctx)
    kept = seals.folder(app.engine)
    heads = {number: {h.stream: h for h in kept.heads(number) if h.stream} for number in (2, 3)}
    assert heads[2][sealed[A]] == heads[3][sealed[A]]
    assert third.compared_with == 2 and third.changed == []


def test_a_day_is_sealed_once(app, sealed, clock):
    assert seals.make_due(app.commands) is None
    clock.advance(timedelta(days=1))
    assert seals.make_due(app.commands).number == 3
    assert seals.make_due(app.commands) is None


def test_a_seal_that_was_not_committed_leaves_nothing_behind(app, sealed):
    with pytest.raises(RuntimeError), app.commands.begin() as ctx:
        seals.make(ctx)
        raise RuntimeError
    kept = seals.folder(app.engine)
    assert max(kept.documents()) == 2
    with app.commands.begin() as ctx:
        assert seals.make(ctx).number == 3
    assert not list(kept.path.glob("*.pending"))


def test_a_seal_committed_by_a_process_that_was_killed_then_is_published_by_the_next(app, sealed):
    with app.commands.begin() as ctx:
        seals.make(ctx)
        ctx.after_commit.clear()
    kept = seals.folder(app.engine)
    assert max(kept.documents()) == 2
    with app.commands.begin() as ctx:
        seals.make(ctx)
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])


def test_only_the_last_lists_are_kept_and_every_document(app, sealed):
    app.engine.settings.seal_lists_kept = 2
    for _ in range(3):
        with app.commands.begin() as ctx:
            seals.make(ctx)
    kept = seals.folder(app.engine)
    assert (kept.listed(), len(kept.documents())) == ([5, 4], 5)
