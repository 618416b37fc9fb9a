"""What somebody with all rights on the database can do to the stored history: SQL with the triggers asleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.runtime import receipts, seals
from engine.runtime.history import GENESIS, link
from engine.runtime.receipts import Document, Kind

Edit = Callable[["Tamperer"], None]


@dataclass
class Tamperer:
    """Somebody who knows the tables and how the chain is made. `a` and `b` are two sealed cases' instances."""

    session: Session
    a: int
    b: int
    c: int = 0

    def sql(self, statement: str, **values: object) -> None:
        """Change what is stored; nothing that did not change anything counts as an edit."""
        self.session.execute(text("SET LOCAL session_replication_role = replica"))
        result = self.session.execute(text(statement), {"a": self.a, "b": self.b, **values})
        assert result.rowcount, statement

    def event(self, change: str, seq: int = 3, **values: object) -> None:
        """Change one event of case a."""
        self.sql(f"UPDATE history_event SET {change} WHERE stream = :a AND seq = :seq", seq=seq, **values)

    def last(self, stream: int) -> int:
        """Number of a stream's last event."""
        return self.session.execute(
            text("SELECT max(seq) FROM history_event WHERE stream = :s"), {"s": stream}
        ).scalar_one()

    def renumber(self, stream: int, by: int, after: int) -> None:
        """Shift the numbers of the events after one, so that there is no gap, or room."""
        for step in (1000, by - 1000):
            self.sql(
                "UPDATE history_event SET seq = seq + :step WHERE stream = :s AND seq > :after",
                s=stream,
                step=step,
                after=after,
            )

    def chain(self, stream: int, *, head: bool) -> None:
        """Make every hash of a stream fit again; with `head`, what the case keeps of it too."""
        previous, seq = GENESIS, 0
        rows = self.session.execute(
            text("SELECT * FROM history_event WHERE stream = :s ORDER BY seq"), {"s": stream}
        ).all()
        for row in rows:
            seq = row.seq
            previous = link(
                previous,
                stream=row.stream,
                seq=row.seq,
                at=row.at,
                type=row.type,
                actor=row.actor,
                element_id=row.element_id,
                activity_id=row.activity_id,
                business_key=row.business_key,
                payload=row.payload,
            )
            self.sql("UPDATE history_event SET hash = :h WHERE id = :id", h=previous, id=row.id)
        if head and stream:
            self.sql(
                "UPDATE process_instance SET history_seq = :n, history_hash = :h WHERE id = :s",
                n=seq,
                h=previous,
                s=stream,
            )
        elif head:
            self.sql("UPDATE organisation_stream SET seq = :n, hash = :h", n=seq, h=previous)

    def swap(self, column: str, one: int, other: int) -> None:
        """Exchange a column of two events of case a."""
        values = {
            seq: self.session.execute(
                text(f"SELECT {column} FROM history_event WHERE stream = :a AND seq = :seq"),
                {"a": self.a, "seq": seq},
            ).scalar_one()
            for seq in (one, other)
        }
        ids = [
            self.session.execute(
                text("SELECT id FROM history_event WHERE stream = :a AND seq = :seq"),
                {"a": self.a, "seq": seq},
            ).scalar_one()
            for seq in (one, other)
        ]
        if column == "id":
            for before, after in ((ids[0], -1), (ids[1], ids[0]), (-1, ids[1])):
                self.sql(
                    "UPDATE history_event SET id = :after WHERE id = :before", before=before, after=after
                )
            return
        if column == "seq":
            self.sql("UPDATE history_event SET seq = 9999 WHERE id = :id", id=ids[0])
        self.sql(f"UPDATE history_event SET {column} = :v WHERE id = :id", v=values[one], id=ids[1])
        self.sql(f"UPDATE history_event SET {column} = :v WHERE id = :id", v=values[other], id=ids[0])

    def streams_swapped(self) -> None:
        """Give each of the two cases the other's events."""
        for before, after in ((self.a, -7), (self.b, self.a), (-7, self.b)):
            self.sql(
                "UPDATE history_event SET stream = :after WHERE stream = :before", before=before, after=after
            )

    def insert(self, after: int) -> None:
        """An event that never was, after another one of case a."""
        self.sql(
            "INSERT INTO history_event (stream, seq, at, type, actor, business_key, payload, hash)"
            " SELECT stream, :seq, at, 'VariablesCorrected', 'xu.dan', business_key, '{}', hash FROM history_event"
            " WHERE stream = :a AND seq = :after",
            seq=after + 1,
            after=after,
        )

    def forged_seal(self, number: int) -> None:
        """Let a seal say something else, with a hash that fits it."""
        document = self.session.execute(
            text("SELECT document FROM seal WHERE number = :n"), {"n": number}
        ).scalar_one()
        forged = document.replace('"streams": ', '"streams": 1')
        self.sql(
            "UPDATE seal SET document = :d, hash = :h WHERE number = :n",
            d=forged,
            h=seals.digest(forged),
            n=number,
        )

    def forged_receipt(self, number: int, kind: Kind, *, seq: int = 0) -> None:
        """A receipt as the product would write one, in the database alone: case a removed, or an event of it erased."""
        head = self.session.execute(
            text("SELECT history_seq, history_hash FROM process_instance WHERE id = :a"), {"a": self.a}
        ).one()
        events = [[self.a, seq, *self._hashes(seq)]] if kind == "erasure" else []
        document = receipts.written(
            Document(
                format=receipts.FORMAT,
                number=number,
                kind=kind,
                at="2026-11-04T02:00:00Z",
                by="admin",
                reason="test",
                seal=3,
                histories=[[self.a, "CASE-A", head.history_seq, bytes(head.history_hash).hex()]]
                if kind == "removal"
                else [],
                events=events,
                told={},
            )
        )
        self.sql(
            "INSERT INTO receipt (number, kind, at, by, streams, cases, document, hash) VALUES"
            " (:n, :k, now(), 'admin', ARRAY[CAST(:a AS bigint)], ARRAY['CASE-A'], :d, :h)",
            n=number,
            k=kind,
            d=document.decode(),
            h=receipts.digest(document),
        )

    def _hashes(self, seq: int) -> tuple[str, str]:
        """The hash an event was recorded with, and that of the event as it is now."""
        before, row = (
            self.session.execute(
                text("SELECT * FROM history_event WHERE stream = :a AND seq = :n"), {"a": self.a, "n": n}
            ).one()
            for n in (seq - 1, seq)
        )
        fields = (
            "stream",
            "seq",
            "at",
            "type",
            "actor",
            "element_id",
            "activity_id",
            "business_key",
            "payload",
        )
        left = link(bytes(before.hash), **{name: getattr(row, name) for name in fields})
        return bytes(row.hash).hex(), left.hex()

    def tell_of_receipt(self, number: int) -> None:
        """Let the organisation's history tell of a receipt, and make its chain fit."""
        self.sql(
            "INSERT INTO history_event (stream, seq, at, type, actor, payload, hash) SELECT 0, :seq, now(),"
            " 'ReceiptWritten', 'admin', jsonb_build_object('receipt', number, 'hash', encode(hash, 'hex'))::text, hash"
            " FROM receipt WHERE number = :n",
            seq=self.last(0) + 1,
            n=number,
        )
        self.chain(0, head=True)
