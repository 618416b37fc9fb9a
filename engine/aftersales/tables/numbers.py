"""Sequences behind the numbers people read out on the phone. A gap is harmless, a duplicate is not."""

from __future__ import annotations

from sqlalchemy import Sequence

from engine.store.base import Base

#: What is numbered -> its sequence.
SEQUENCES = {
    kind: Sequence(f"{kind}_number_seq", metadata=Base.metadata)
    for kind in (
        "case",
        "refund",
        "charge",
        "compensation",
        "parcel",
        "pickup",
        "purchase",
        "reservation",
        "movement",
        "message",
        "receipt",
        "write_off",
    )
}
