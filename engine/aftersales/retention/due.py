"""What is due: finished cases whose time here is over and that nothing keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from config import retention
from config.retention import Retention
from engine.aftersales.tables import (
    AftersalesCase,
    CaseLink,
    Charge,
    LegalHold,
    StockReservation,
)
from engine.runtime.context import Context
from engine.store.tables import ProcessInstance


@dataclass(frozen=True, kw_only=True)
class Share:
    """How one procedure's finished cases stand."""

    process_key: str
    #: Days its records are kept.
    days: int
    #: Finished cases whose records are here; those due now; those whose time is over but that are held, and that
    #: something else keeps: money or goods still open, a case about them that goes on.
    kept: int
    due: int
    held: int
    bound: int
    #: When the next case that is not yet over becomes so.
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A case that is due."""

    case_id: int
    number: str
    process_key: str
    closed_at: datetime


def rules(ctx: Context) -> Retention:
    """How long records are kept."""
    return retention.read(ctx.engine.settings.retention_file)


def cases(
    ctx: Context, *, limit: int, but: Sequence[str] = (), only: Sequence[str] | None = None
) -> list[Due]:
    """Due cases, the longest finished first; without those numbers, or of those numbers only."""
    found = ctx.session.execute(
        select(
            AftersalesCase.id,
            AftersalesCase.number,
            AftersalesCase.process_key,
            AftersalesCase.closed_at,
        )
        .where(_over(ctx), not_(_held()), not_(_bound()), AftersalesCase.number.not_in(but))
        .where(AftersalesCase.number.in_(only) if only is not None else and_(True))
        .order_by(AftersalesCase.closed_at, AftersalesCase.id)
        .limit(limit)
    )
    return [
        Due(case_id=row.id, number=row.number, process_key=row.process_key, closed_at=row.closed_at)
        for row in found
    ]


def count(ctx: Context) -> int:
    """How many cases are due."""
    wanted = select(func.count()).select_from(AftersalesCase)
    return ctx.session.scalar(wanted.where(_over(ctx), not_(_held()), not_(_bound()))) or 0


def shares(ctx: Context) -> list[Share]:
    """How each procedure's finished cases stand, those with most of them first."""
    kept, over = rules(ctx), _over(ctx)
    finished = (
        select(
            AftersalesCase.process_key,
            AftersalesCase.closed_at,
            over.label("over"),
            and_(over, _held()).label("held"),
            and_(over, not_(_held()), _bound()).label("bound"),
        )
        .where(AftersalesCase.closed_at.is_not(None), AftersalesCase.receipt.is_(None))
        .subquery()
    )
    total = func.count()
    rows = ctx.session.execute(
        select(
            finished.c.process_key,
            total.label("kept"),
            total.filter(finished.c.over).label("over"),
            total.filter(finished.c.held).label("held"),
            total.filter(finished.c.bound).label("bound"),
            func.min(finished.c.closed_at).filter(not_(finished.c.over)).label("next"),
        )
        .group_by(finished.c.process_key)
        .order_by(total.desc(), finished.c.process_key)
    )
    return [
        Share(
            process_key=row.process_key,
            days=kept.of(row.process_key),
            kept=row.kept,
            due=row.over - row.held - row.bound,
            held=row.held,
            bound=row.bound,
            next_at=row.next and row.next + timedelta(days=kept.of(row.process_key)),
        )
        for row in rows
    ]


def _over(ctx: Context) -> ColumnElement[bool]:
    """That the case's time is over."""
    kept = rules(ctx)

    def before(days: int) -> datetime:
        return ctx.now - timedelta(days=days)

    own = [(AftersalesCase.process_key == key, before(days)) for key, days in kept.procedures.items()]
    end: Any = case(*own, else_=before(kept.days)) if own else before(kept.days)
    latest = before(min((kept.days, *kept.procedures.values())))
    return and_(
        AftersalesCase.receipt.is_(None), AftersalesCase.closed_at < latest, AftersalesCase.closed_at < end
    )


def _held() -> ColumnElement[bool]:
    return exists().where(LegalHold.case_id == AftersalesCase.id)


def _bound() -> ColumnElement[bool]:
    """That something else still needs the case."""
    other, link = aliased(AftersalesCase), aliased(CaseLink)
    goes_on = other.closed_at.is_(None)
    return or_(
        exists().where(
            ProcessInstance.business_key == AftersalesCase.number, ProcessInstance.ended_at.is_(None)
        ),
        exists().where(other.about_case_id == AftersalesCase.id, goes_on),
        exists().where(link.from_case_id == AftersalesCase.id, other.id == link.to_case_id, goes_on),
        exists().where(link.to_case_id == AftersalesCase.id, other.id == link.from_case_id, goes_on),
        exists().where(Charge.case_id == AftersalesCase.id, Charge.state == "open"),
        exists().where(StockReservation.case_id == AftersalesCase.id, StockReservation.state == "held"),
    )
