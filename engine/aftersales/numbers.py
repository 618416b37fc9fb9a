"""The numbers people read out on the phone: one series a noun."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.aftersales.tables import SEQUENCES
from engine.runtime.context import Context

#: Letters in front of everything but cases, whose form the organisation chooses.
_PREFIXES = {
    "refund": "RF",
    "charge": "CH",
    "compensation": "CP",
    "parcel": "PC",
    "pickup": "PU",
    "purchase": "PO",
    "reservation": "RS",
    "movement": "SM",
    "message": "MS",
    "receipt": "GR",
    "write_off": "WO",
}


def case(ctx: Context) -> str:
    """The next case number, in the organisation's own form."""
    return ctx.organisation.case_number.format(year=_year(ctx), seq=_next(ctx, "case"))


def following(ctx: Context, kind: str) -> str:
    """The next number of a noun, such as `RF-2026-000017`."""
    return f"{_PREFIXES[kind]}-{_year(ctx)}-{_next(ctx, kind):06d}"


def block(ctx: Context, kind: str, count: int) -> list[str]:
    """The next `count` numbers of a noun, in one statement."""
    drawn = select(SEQUENCES[kind].next_value()).select_from(func.generate_series(1, count))
    prefix = f"{_PREFIXES[kind]}-{_year(ctx)}"
    return [f"{prefix}-{seq:06d}" for seq in ctx.session.execute(drawn).scalars()]


def restart(session: Session) -> None:
    """Begin every series anew at 1: scenarios do, so that whatever depends on a number comes out the same each time."""
    session.execute(select(*(func.setval(sequence.name, 1, False) for sequence in SEQUENCES.values())))


def _next(ctx: Context, kind: str) -> int:
    return ctx.session.execute(SEQUENCES[kind].next_value().select()).scalar_one()


def _year(ctx: Context) -> int:
    return ctx.now.astimezone(ctx.organisation.tzinfo).year
