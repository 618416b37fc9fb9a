"""Whoever changes the stored history by SQL is found out, and what they changed is named, given the last daily seal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from engine.aftersales.retention import removing
from engine.runtime import history, issuing, receipts, seal_checks, seals, user_tasks
from engine.runtime import verifying as v
from engine.runtime.verification import Walk, narrowed
from engine.store.tables import HistoryEvent
from tests.runtime.edits import (
    EDITS,
    EDITS_WITH_RECEIPTS,
    A,
    B,
    C,
    removed_in_all,
    rewritten_in_all,
    rewritten_lately,
)
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
    unfounded = list(receipts.check(session, kept))
    named |= {(f"receipt {each.number}", 0, each.sentence) for each in unfounded}
    return named, [each.reason for each in (*breaks, *wrong, *unfounded)]


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


@pytest.fixture
def receipted(app, sealed):
    """The same; then the remark of B was erased with receipt 1, all was sealed, and C was removed with receipt 2."""
    with app.commands.begin() as ctx:
        row = ctx.session.scalars(
            select(HistoryEvent).where(
                HistoryEvent.stream == sealed[B], HistoryEvent.payload.contains("fine")
            )
        ).first()
        before = ctx.session.scalars(
            select(HistoryEvent.hash).where(HistoryEvent.stream == sealed[B], HistoryEvent.seq == row.seq - 1)
        ).one()
        fields = ("stream", "seq", "at", "type", "actor", "element_id", "activity_id", "business_key")
        payload = row.payload.replace("fine", "[erased 1]")
        left = history.link(before, **{name: getattr(row, name) for name in fields}, payload=payload)
        number = issuing.reserve(ctx)
        events = [(row.stream, row.seq, row.hash.hex(), left.hex())]
        issuing.write(ctx, number, "erasure", reason="test", cases=[B], events=events, told={})
        row.payload = payload
    with app.commands.begin() as ctx:
        seals.make(ctx)
    with app.commands.begin() as ctx:
        instance = ctx.session.execute(
            text("SELECT history_seq, history_hash FROM process_instance WHERE id = :c"), {"c": sealed[C]}
        ).one()
        number = issuing.reserve(ctx)
        head = (sealed[C], C, instance.history_seq, bytes(instance.history_hash).hex())
        issuing.write(ctx, number, "removal", reason="test", cases=[C], histories=[head], told={})
        case_id = ctx.session.execute(
            text("SELECT id FROM aftersales_case WHERE number = :c"), {"c": C}
        ).scalar_one()
        removing.remove(ctx, number, cases=[case_id], numbers=[C], instances=[sealed[C]])
    return sealed


def test_what_a_receipt_accounts_for_is_no_finding(app, receipted):
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])


@pytest.mark.parametrize("edit", EDITS_WITH_RECEIPTS)
def test_an_edit_that_abuses_a_receipt_is_found_and_named(app, receipted, edit):
    change, expected = EDITS_WITH_RECEIPTS[edit]
    session = app.database.sessions()
    try:
        change(Tamperer(session, receipted[A], receipted[B], receipted[C]))
        named, words = found(app, session)
    finally:
        session.rollback()
        session.close()
    assert {(who, sentence) for who, _, sentence in named} >= expected, words
    # Nobody else is suspected; where the organisation's history was cut, it is.
    touched = {who for who, _ in expected} | ({None} if "forgotten" in edit else set())
    assert {who for who, *_ in named} <= touched, words
    assert all("{" not in each for each in words)


def test_no_later_seal_covers_a_forged_receipt_up(app, receipted, clock):
    change, _ = EDITS_WITH_RECEIPTS[
        "a case gone with a forged receipt that the organisation's history tells of"
    ]
    with app.database.begin() as session:
        change(Tamperer(session, receipted[A], receipted[B], receipted[C]))
    with app.commands.begin() as ctx:
        assert [case for _, case, _ in seals.make(ctx).changed] == [A]


@pytest.mark.parametrize("change", ["remove", "edit"])
def test_a_changed_file_of_a_receipt_is_named(app, receipted, change):
    path = next((seals.folder(app.engine).path / "receipts").glob("000002.json"))
    if change == "remove":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"test", b"best"))
    with app.database.begin() as session:
        named = {(who, sentence) for who, _, sentence in found(app, session)[0]}
    # What the receipt accounted for is a finding again.
    assert (C, v.REMOVED) in named
    assert ("receipt 2", receipts.FILE_MISSING if change == "remove" else receipts.FILE_OTHER) in named


def test_a_receipt_that_was_not_committed_leaves_nothing_behind(app, receipted):
    with pytest.raises(RuntimeError), app.commands.begin() as ctx:
        issuing.write(ctx, issuing.reserve(ctx), "removal", reason="test", cases=[], told={})
        raise RuntimeError
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])
    with app.commands.begin() as ctx:
        issuing.write(ctx, issuing.reserve(ctx), "removal", reason="another", cases=[], told={})
        ctx.after_commit.clear()  # a process killed just after its commit; the next seal publishes it
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])
    with app.commands.begin() as ctx:
        seals.make(ctx)
    with app.database.begin() as session:
        assert found(app, session) == (set(), [])


def test_nothing_is_removed_while_a_seal_is_made(app, receipted):
    """It would name for ever what went between its reading the receipts and the heads."""
    with app.commands.begin() as sealing:
        seals.make(sealing)
        with pytest.raises(OperationalError, match="lock timeout"), app.commands.begin() as ctx:
            ctx.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            issuing.reserve(ctx)


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
