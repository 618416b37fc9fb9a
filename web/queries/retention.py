"""What the retention page lists: runs, receipts, held cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from engine.aftersales.tables import AftersalesCase, LegalHold, RetentionRun
from engine.runtime.context import Context
from engine.store.tables import Person, Receipt

#: Runs and receipts listed.
_RUNS, _RECEIPTS, _HELD = 10, 30, 200


def runs(ctx: Context) -> Sequence[RetentionRun]:
    """The last runs, newest first."""
    return list(ctx.session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(_RUNS)))


def receipts(ctx: Context) -> Sequence[Row[Any]]:
    """The last receipts, newest first: number, kind, at, by, name, cases."""
    return ctx.session.execute(
        select(
            Receipt.number,
            Receipt.kind,
            Receipt.at,
            func.coalesce(Person.name, Receipt.by).label("name"),
            Receipt.by,
            func.cardinality(Receipt.cases).label("cases"),
        )
        .outerjoin(Person, Person.key == Receipt.by)
        .order_by(Receipt.number.desc())
        .limit(_RECEIPTS)
    ).all()


def held(ctx: Context) -> Sequence[Row[Any]]:
    """Held cases, the last first: number, process_key, reason, at, name."""
    return ctx.session.execute(
        select(
            AftersalesCase.number,
            AftersalesCase.process_key,
            LegalHold.reason,
            LegalHold.at,
            func.coalesce(Person.name, LegalHold.by).label("name"),
        )
        .join(AftersalesCase, AftersalesCase.id == LegalHold.case_id)
        .outerjoin(Person, Person.key == LegalHold.by)
        .order_by(LegalHold.at.desc())
        .limit(_HELD)
    ).all()
