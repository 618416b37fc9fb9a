"""Find anything: cases, customers, orders, serial numbers, procedures, by what people type or read out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase, Customer, CustomerOrder, SerialNumber
from engine.runtime.context import Context
from web import masking
from web.queries import procedures

_EACH = 5


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found."""

    #: "case", "customer", "order", "serial" or "procedure".
    kind: str
    text: str
    more: str
    href: str


def anything(ctx: Context, text: str, places: frozenset[str]) -> list[Hit]:
    """What `text` may mean, most particular first; only what the places open to the person can show."""
    wanted = text.strip()
    if not wanted:
        return []
    hits: list[Hit] = []
    if "cases" in places:
        hits += _cases(ctx, wanted) + _serials(ctx, wanted)
    if "customers" in places:
        hits += _orders(ctx, wanted) + _customers(ctx, wanted)
    if "start" in places:
        hits += _procedures(ctx, wanted)
    return hits


def _cases(ctx: Context, wanted: str) -> list[Hit]:
    rows = ctx.session.execute(
        select(AftersalesCase.number, Customer.name)
        .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
        .where(
            visibility.cases(ctx),
            or_(
                AftersalesCase.number.istartswith(wanted, autoescape=True),
                AftersalesCase.number.endswith(wanted, autoescape=True),
            ),
        )
        .order_by(AftersalesCase.id.desc())
        .limit(_EACH)
    )
    hidden = masking.hidden(ctx)
    return [
        Hit(kind="case", text=number, more=masking.shown(name, "name", hidden), href=f"/cases/{number}")
        for number, name in rows
    ]


def _serials(ctx: Context, wanted: str) -> list[Hit]:
    rows = ctx.session.execute(
        select(SerialNumber.number, AftersalesCase.number)
        .join(AftersalesCase, AftersalesCase.serial_number_id == SerialNumber.id)
        .where(visibility.cases(ctx), SerialNumber.number.istartswith(wanted, autoescape=True))
        .order_by(AftersalesCase.id.desc())
        .limit(_EACH)
    )
    return [Hit(kind="serial", text=serial, more=case, href=f"/cases/{case}") for serial, case in rows]


def _orders(ctx: Context, wanted: str) -> list[Hit]:
    rows = ctx.session.execute(
        select(CustomerOrder.number, Customer.name, Customer.number)
        .join(Customer, Customer.id == CustomerOrder.customer_id)
        .where(visibility.customers(ctx), CustomerOrder.number.istartswith(wanted, autoescape=True))
        .order_by(CustomerOrder.id.desc())
        .limit(_EACH)
    )
    hidden = masking.hidden(ctx)
    return [
        Hit(
            kind="order",
            text=number,
            more=masking.shown(name, "name", hidden),
            href=f"/customers/{customer}#order-{number}",
        )
        for number, name, customer in rows
    ]


def _customers(ctx: Context, wanted: str) -> list[Hit]:
    rows = ctx.session.execute(
        select(Customer.number, Customer.name, Customer.phone)
        .where(
            visibility.customers(ctx),
            or_(
                func.lower(Customer.name).startswith(wanted.lower(), autoescape=True),
                Customer.phone.startswith(wanted, autoescape=True),
                Customer.number == wanted,
            ),
        )
        .order_by(Customer.name, Customer.id)
        .limit(_EACH)
    )
    hidden = masking.hidden(ctx)
    return [
        Hit(
            kind="customer",
            text=masking.shown(name, "name", hidden),
            more=masking.shown(phone, "phone", hidden),
            href=f"/customers/{number}",
        )
        for number, name, phone in rows
    ]


def _procedures(ctx: Context, wanted: str) -> list[Hit]:
    matching = [(key, name) for key, name in procedures.options(ctx) if wanted.casefold() in name.casefold()]
    return [Hit(kind="procedure", text=name, more="", href=f"/start/{key}") for key, name in matching[:_EACH]]
