"""What a case is about: its customer, order, order lines and goods, as they become known on the way."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from engine.aftersales.tables import AftersalesCase, CaseLine, CustomerOrder, SerialNumber
from engine.runtime.context import Context

_UNSYNCED = {"synchronize_session": False}


def about_order(ctx: Context, case_number: str, order: CustomerOrder) -> None:
    """The case is about this order, and so about its customer and shop."""
    _tie(
        ctx,
        case_number,
        order_id=order.id,
        customer_id=order.customer_id,
        shop_id=order.shop_id,
        ordered_at=order.placed_at,
    )


def about_customer(ctx: Context, case_number: str, customer_id: int) -> None:
    """The case is about this customer, unless it already has one."""
    _fill(ctx, case_number, customer_id=customer_id)


def about_piece(ctx: Context, case_number: str, piece: SerialNumber) -> None:
    """The case is about this very piece, unless it already has one."""
    _fill(ctx, case_number, serial_number_id=piece.id, product_id=piece.product_id)


def about_lines(ctx: Context, case_number: str, lines: Iterable[tuple[int, int, Decimal | None]]) -> None:
    """The case asks for these order lines: (line id, pieces, amount).

    Asked again, the later answer counts.
    """
    case_id = ctx.session.scalar(select(AftersalesCase.id).where(AftersalesCase.number == case_number))
    rows = [
        {"case_id": case_id, "order_line_id": line_id, "quantity": pieces, "amount_asked": amount}
        for line_id, pieces, amount in lines
        if pieces > 0
    ]
    if case_id is None or not rows:
        return
    statement = insert(CaseLine)
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=[CaseLine.case_id, CaseLine.order_line_id],
            set_={
                "quantity": statement.excluded.quantity,
                "amount_asked": func.coalesce(statement.excluded.amount_asked, CaseLine.amount_asked),
            },
        ),
        rows,
    )


def _tie(ctx: Context, case_number: str, **columns: Any) -> None:
    ctx.session.execute(
        update(AftersalesCase).where(AftersalesCase.number == case_number).values(columns),
        execution_options=_UNSYNCED,
    )


def _fill(ctx: Context, case_number: str, **columns: Any) -> None:
    """Only what the case does not have yet."""
    _tie(
        ctx,
        case_number,
        **{name: func.coalesce(getattr(AftersalesCase, name), value) for name, value in columns.items()},
    )
