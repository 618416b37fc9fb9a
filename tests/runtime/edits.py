"""Edits of the stored history by SQL, and what a verification has to name of each."""

from __future__ import annotations

from sqlalchemy import text

from engine.runtime import receipts, seal_checks
from engine.runtime import verifying as v
from tests.runtime.tampering import Edit, Tamperer

A, B, C, ORGANISATION = "CASE-A", "CASE-B", "CASE-C", None


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


def rewritten_in_all(t: Tamperer) -> None:
    t.event("payload = replace(payload, 'fine', 'poor')", seq=_remark(t, t.a))
    t.chain(t.a, head=True)


def rewritten_lately(t: Tamperer) -> None:
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


def removed_in_all(t: Tamperer) -> None:
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
    rewritten_in_all(t)
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
    "the chain redone from the middle, the head too": (rewritten_in_all, {(A, v.REWRITTEN)}),
    "the chain redone where only the last seal covers it": (rewritten_lately, {(B, v.REWRITTEN)}),
    "a history gone": (_removed, {(A, v.LOST), (A, v.SEALED_MORE)}),
    "a history gone and its head reset": (_emptied, {(A, v.SEALED_MORE)}),
    "a case gone with everything": (removed_in_all, {(A, v.REMOVED)}),
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


def _gone_with_a_receipt_of_its_own(t: Tamperer) -> None:
    """The case goes, and a receipt that says so is put beside it."""
    t.forged_receipt(3, "removal")
    removed_in_all(t)


def _gone_with_a_receipt_that_is_told_of(t: Tamperer) -> None:
    _gone_with_a_receipt_of_its_own(t)
    t.tell_of_receipt(3)


def _changed_with_a_receipt_that_is_told_of(t: Tamperer) -> None:
    t.event("payload = replace(payload, 'fine', 'poor')", seq=_remark(t, t.a))
    t.forged_receipt(3, "erasure", seq=_remark_poor(t))
    t.tell_of_receipt(3)


def _remark_poor(t: Tamperer) -> int:
    return t.session.execute(
        text("SELECT min(seq) FROM history_event WHERE stream = :s AND payload LIKE '%poor%'"), {"s": t.a}
    ).scalar_one()


def _gone_on_the_receipt_of_another(t: Tamperer) -> None:
    """The receipt with which C was removed is made to name A."""
    t.sql(
        "UPDATE receipt SET document = replace(replace(document, 'CASE-C', 'CASE-A'), ' ' || :c || ',', ' ' || :a || ','),"
        " streams = ARRAY[CAST(:a AS bigint)] WHERE number = 2",
        c=t.c,
    )
    t.sql("UPDATE receipt SET hash = sha256(convert_to(document, 'UTF8')) WHERE number = 2")
    removed_in_all(t)


def _gone_on_an_erasure(t: Tamperer) -> None:
    """B is removed; a receipt says that something of it was erased."""
    t.sql("DELETE FROM history_event WHERE stream = :b")
    t.sql("DELETE FROM process_instance WHERE id = :b")


def _receipt_withdrawn(t: Tamperer) -> None:
    """The receipt of C is gone from its table and from the organisation's history, which is made to fit."""
    t.sql("DELETE FROM receipt WHERE number = 2")
    t.sql("DELETE FROM history_event WHERE stream = 0 AND seq = :n", n=t.last(0))
    t.chain(0, head=True)


#: The same after an event of B was erased with receipt 1, all was sealed, and C was removed with receipt 2.
EDITS_WITH_RECEIPTS: dict[str, tuple[Edit, set[tuple[str | None, str]]]] = {
    "a case gone": (removed_in_all, {(A, v.REMOVED)}),
    "a case gone with a forged receipt": (
        _gone_with_a_receipt_of_its_own,
        {(A, v.REMOVED), ("receipt 3", receipts.FILE_MISSING), ("receipt 3", receipts.UNTOLD)},
    ),
    "a case gone with a forged receipt that the organisation's history tells of": (
        _gone_with_a_receipt_that_is_told_of,
        {(A, v.REMOVED), ("receipt 3", receipts.FILE_MISSING)},
    ),
    "a case gone on the receipt of another": (
        _gone_on_the_receipt_of_another,
        {(A, v.REMOVED), ("receipt 2", receipts.FILE_OTHER)},
    ),
    "a case gone on a receipt of erasure": (_gone_on_an_erasure, {(B, v.REMOVED)}),
    "a value changed with a forged receipt of erasure": (
        _changed_with_a_receipt_that_is_told_of,
        {(A, v.CHANGED), ("receipt 3", receipts.FILE_MISSING)},
    ),
    "a value changed where something was erased": (
        lambda t: t.sql(
            "UPDATE history_event SET payload = replace(payload, 'erased', 'poor') WHERE stream = :b"
            " AND payload LIKE '%[erased 1]%'"
        ),
        {(B, v.ERASED_OTHERWISE)},
    ),
    "the actor of an erased event": (
        lambda t: t.sql(
            "UPDATE history_event SET actor = 'xu.dan' WHERE stream = :b AND payload LIKE '%[erased 1]%'"
        ),
        {(B, v.ERASED_OTHERWISE)},
    ),
    "the hash of an erased event": (
        lambda t: t.sql(
            "UPDATE history_event SET hash = sha256('x') WHERE stream = :b AND payload LIKE '%[erased 1]%'"
        ),
        {(B, v.ERASED_OTHERWISE), (B, v.CHANGED)},
    ),
    "what was erased put back": (
        lambda t: t.sql(
            "UPDATE history_event SET payload = replace(payload, '[erased 1]', 'fine') WHERE stream = :b"
            " AND payload LIKE '%[erased 1]%'"
        ),
        {(B, v.NOT_ERASED)},
    ),
    "a value made to look erased": (
        lambda t: t.event("payload = replace(payload, 'fine', '[erased 1]')", seq=_remark(t, t.a)),
        {(A, v.CHANGED)},
    ),
    "a receipt's words": (
        lambda t: t.sql("UPDATE receipt SET document = replace(document, 'test', 'best') WHERE number = 1"),
        {("receipt 1", receipts.ROW_CHANGED), ("receipt 1", receipts.FILE_OTHER)},
    ),
    "a receipt gone": (
        lambda t: t.sql("DELETE FROM receipt WHERE number = 1"),
        {("receipt 1", receipts.ROW_MISSING)},
    ),
    "a receipt gone and forgotten": (
        _receipt_withdrawn,
        {(C, v.REMOVED), ("receipt 2", receipts.ROW_MISSING), ("receipt 2", receipts.UNTOLD)},
    ),
}
