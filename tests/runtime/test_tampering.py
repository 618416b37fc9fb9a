"""Whoever changes the stored history by SQL is found out, and what they changed is named, given the last daily seal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.runtime import seal_checks, seals, user_tasks
from engine.runtime import verifying as v
from engine.runtime.verification import Walk, narrowed
from tests.runtime.tampering import Edit, Tamperer

A, B, C, ORGANISATION = "CASE-A", "CASE-B", "CASE-C", None


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


def _shorter(t: Tamperer) -> None:
    t.sql("DELETE FROM history_event WHERE stream = :a AND seq = :n", n=t.last(t.a))


def _shorter_in_all(t: Tamperer) -> None:
    _shorter(t)
    t.chain(t.a, head=True)


def _closed_gap(t: Tamperer) -> None:
    t.sql("DELETE FROM history_event WHERE stream = :a AND seq = 4")
    t.renumber(t.a, -1, 4)


def _closed_gap_in_all(t: Tamperer) -> None:
    _closed_gap(t)
    t.chain(t.a, head=True)


def _inserted(t: Tamperer) -> None:
    t.renumber(t.a, 1, 3)
    t.insert(3)
    t.chain(t.a, head=True)


def _appended(t: Tamperer) -> None:
    t.insert(t.last(t.a))
    t.chain(t.a, head=False)


def _rewritten(t: Tamperer) -> None:
    t.event("payload = replace(payload, 'fine', 'poor')", seq=_remark(t, t.a))
    t.chain(t.a, head=False)


def _rewritten_in_all(t: Tamperer) -> None:
    t.event("payload = replace(payload, 'fine', 'poor')", seq=_remark(t, t.a))
    t.chain(t.a, head=True)


def _rewritten_lately(t: Tamperer) -> None:
    """The end of B, which only the second seal covers."""
    t.sql("UPDATE history_event SET actor = 'xu.dan' WHERE stream = :b AND seq = :n", n=t.last(t.b))
    t.chain(t.b, head=True)


def _remark(t: Tamperer, stream: int) -> int:
    return t.session.execute(
        text("SELECT min(seq) FROM history_event WHERE stream = :s AND payload LIKE '%fine%'"), {"s": stream}
    ).scalar_one()


def _histories_swapped(t: Tamperer) -> None:
    t.streams_swapped()
    for stream in (t.a, t.b):
        t.sql(
            "UPDATE history_event SET business_key ="
            " (SELECT business_key FROM process_instance WHERE id = :s) WHERE stream = :s",
            s=stream,
        )
        t.chain(stream, head=True)


def _events_swapped_between_cases(t: Tamperer) -> None:
    for before, after, seq in ((t.a, -7, 3), (t.b, t.a, 3), (-7, t.b, 3)):
        t.sql(
            "UPDATE history_event SET stream = :after WHERE stream = :before AND seq = :seq",
            before=before,
            after=after,
            seq=seq,
        )


def _numbers_swapped(t: Tamperer) -> None:
    t.sql(
        "UPDATE process_instance SET business_key ="
        " CASE id WHEN :a THEN 'CASE-B' ELSE 'CASE-A' END WHERE id IN (:a, :b)"
    )


def _renamed_in_all(t: Tamperer) -> None:
    t.sql("UPDATE process_instance SET business_key = 'CASE-Z' WHERE id = :a")
    t.sql("UPDATE history_event SET business_key = 'CASE-Z' WHERE stream = :a")
    t.chain(t.a, head=True)


def _removed(t: Tamperer) -> None:
    t.sql("DELETE FROM history_event WHERE stream = :a")


def _emptied(t: Tamperer) -> None:
    _removed(t)
    t.sql("UPDATE process_instance SET history_seq = 0, history_hash = :h WHERE id = :a", h=bytes(32))


def _removed_in_all(t: Tamperer) -> None:
    _removed(t)
    t.sql("DELETE FROM process_instance WHERE id = :a")


def _organisation_rewritten(t: Tamperer) -> None:
    t.sql("UPDATE history_event SET actor = 'xu.dan' WHERE stream = 0 AND seq = 1")
    t.chain(0, head=True)


def _seals_forgotten(t: Tamperer) -> None:
    """The last seal gone from its table and from the organisation's history."""
    t.sql("DELETE FROM seal WHERE number = 2")
    t.sql("DELETE FROM history_event WHERE stream = 0 AND seq = :n", n=t.last(0))
    t.chain(0, head=True)


def _everything_forged(t: Tamperer) -> None:
    """History, head, seal and the organisation's word of it, all made to fit each other."""
    _rewritten_in_all(t)
    t.forged_seal(2)
    t.sql(
        "UPDATE history_event SET payload = (SELECT jsonb_set(payload::jsonb, '{hash}',"
        " to_jsonb(encode(seal.hash, 'hex')))::text FROM seal WHERE number = 2) WHERE stream = 0 AND seq = :n",
        n=t.last(0),
    )
    t.chain(0, head=True)


#: What is done -> what a verification has to name. An event's number is 0 where it is the last one, whichever that is.
EDITS: dict[str, tuple[Edit, set[tuple[str | None, str]]]] = {
    "a value": (
        lambda t: t.event("payload = replace(payload, 'fine', 'poor')", seq=_remark(t, t.a)),
        {(A, v.CHANGED)},
    ),
    "a space in a payload": (lambda t: t.event("payload = payload || ' '"), {(A, v.CHANGED)}),
    "a payload as PostgreSQL would write it": (
        lambda t: t.event("payload = payload::jsonb::text", seq=1),
        {(A, v.CHANGED)},
    ),
    "the actor": (lambda t: t.event("actor = 'xu.dan'"), {(A, v.CHANGED)}),
    "the time by a microsecond": (
        lambda t: t.event("at = at + interval '1 microsecond'"),
        {(A, v.CHANGED)},
    ),
    "the type": (lambda t: t.event("type = 'TimerFired'"), {(A, v.CHANGED)}),
    "the element": (lambda t: t.event("element_id = 'elsewhere'"), {(A, v.CHANGED)}),
    "the element taken away": (lambda t: t.event("element_id = NULL", seq=2), {(A, v.CHANGED)}),
    "the activity": (lambda t: t.event("activity_id = 4711"), {(A, v.CHANGED)}),
    "the case number of an event": (lambda t: t.event("business_key = 'CASE-B'"), {(A, v.CHANGED)}),
    "a hash": (lambda t: t.event("hash = sha256('x')"), {(A, v.CHANGED)}),
    "an event gone": (
        lambda t: t.sql("DELETE FROM history_event WHERE stream = :a AND seq = 4"),
        {(A, v.MISSING), (A, v.CHANGED)},
    ),
    "an event gone and the gap closed": (_closed_gap, {(A, v.CHANGED), (A, v.ENDS), (A, v.SEALED_MORE)}),
    "an event gone, the gap closed, chain and head redone": (_closed_gap_in_all, {(A, v.SEALED_MORE)}),
    "the last event gone": (_shorter, {(A, v.ENDS), (A, v.SEALED_MORE)}),
    "the last event gone and the head redone": (_shorter_in_all, {(A, v.SEALED_MORE)}),
    "an event added in the middle, chain and head redone": (_inserted, {(A, v.REWRITTEN), (A, v.ORDER)}),
    "an event added at the end": (_appended, {(A, v.ENDS)}),
    "two events in another order": (lambda t: t.swap("seq", 3, 4), {(A, v.CHANGED), (A, v.ORDER)}),
    "two events shown in another order": (lambda t: t.swap("id", 3, 4), {(A, v.ORDER)}),
    "the contents of two events exchanged": (lambda t: t.swap("type", 3, 4), {(A, v.CHANGED)}),
    "the chain redone from the middle": (_rewritten, {(A, v.OTHER_HEAD), (A, v.REWRITTEN)}),
    "the chain redone from the middle, the head too": (_rewritten_in_all, {(A, v.REWRITTEN)}),
    "the chain redone where only the last seal covers it": (_rewritten_lately, {(B, v.REWRITTEN)}),
    "a history gone": (_removed, {(A, v.LOST), (A, v.SEALED_MORE)}),
    "a history gone and its head reset": (_emptied, {(A, v.SEALED_MORE)}),
    "a case gone with everything": (_removed_in_all, {(A, v.REMOVED)}),
    "an instance gone": (
        lambda t: t.sql("DELETE FROM process_instance WHERE id = :a"),
        {(A, v.ORPHAN)},
    ),
    "events exchanged between cases": (_events_swapped_between_cases, {(A, v.CHANGED), (B, v.CHANGED)}),
    "histories exchanged between cases, all redone": (
        _histories_swapped,
        {(A, v.REWRITTEN), (B, v.REWRITTEN)},
    ),
    "the numbers of two cases exchanged": (_numbers_swapped, {(A, v.OTHER_CASE), (B, v.OTHER_CASE)}),
    "a case renamed everywhere": (_renamed_in_all, {(A, v.REWRITTEN)}),
    "the head's hash": (
        lambda t: t.sql("UPDATE process_instance SET history_hash = sha256('x') WHERE id = :a"),
        {(A, v.OTHER_HEAD)},
    ),
    "the head's number": (
        lambda t: t.sql("UPDATE process_instance SET history_seq = history_seq - 1 WHERE id = :a"),
        {(A, v.ENDS)},
    ),
    "the organisation's history": (
        lambda t: t.sql("UPDATE history_event SET actor = 'xu.dan' WHERE stream = 0 AND seq = 1"),
        {(ORGANISATION, v.CHANGED)},
    ),
    "the organisation's history redone": (_organisation_rewritten, {(ORGANISATION, v.REWRITTEN)}),
    "the organisation's head gone": (
        lambda t: t.sql("DELETE FROM organisation_stream"),
        {(ORGANISATION, v.ORPHAN)},
    ),
    "a seal's row": (
        lambda t: t.sql("UPDATE seal SET document = replace(document, '1', '2') WHERE number = 1"),
        {("seal 1", seal_checks.ROW_CHANGED), ("seal 1", seal_checks.FILE_OTHER)},
    ),
    "a seal's time": (
        lambda t: t.sql("UPDATE seal SET at = at - interval '1 day' WHERE number = 2"),
        {("seal 2", seal_checks.ROW_CHANGED)},
    ),
    "a seal forged": (lambda t: t.forged_seal(2), {("seal 2", seal_checks.FILE_OTHER)}),
    "a seal gone": (
        lambda t: t.sql("DELETE FROM seal WHERE number = 1"),
        {("seal 1", seal_checks.ROW_MISSING)},
    ),
    "all seals gone": (
        lambda t: t.sql("DELETE FROM seal"),
        {("seal 1", seal_checks.ROW_MISSING), ("seal 2", seal_checks.ROW_MISSING)},
    ),
    "the last seal gone and forgotten": (
        _seals_forgotten,
        {("seal 2", seal_checks.ROW_MISSING), ("seal 2", seal_checks.UNTOLD)},
    ),
    "history, head and seal forged together": (
        _everything_forged,
        {(A, v.REWRITTEN), ("seal 2", seal_checks.FILE_OTHER), ("seal 2", seal_checks.UNTOLD)},
    ),
}


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
    _rewritten_lately(tamperer)
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
        _rewritten_in_all(Tamperer(session, sealed[A], sealed[B]))
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
        _removed_in_all(Tamperer(session, sealed[A], sealed[B]))
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
