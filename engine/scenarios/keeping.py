"""Keeping a play as a scenario: the story as it was played, and the end it came to as what must hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select

from engine.aftersales.tables import (
    AftersalesCase,
    Charge,
    CustomerMessage,
    CustomerOrder,
    OrderLine,
    Product,
    Refund,
    RefundLine,
    StockMovement,
)
from engine.runtime.context import Context
from engine.scenarios import files
from engine.scenarios.files import Story
from engine.scenarios.playing import Played
from engine.store.tables import HistoryEvent, Incident, ProcessInstance

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def text(ctx: Context, played: Played, name: str) -> str:
    """The scenario as a file has it."""
    story = played.stage.scenario
    document = story.model_dump(mode="json", by_alias=True, exclude_unset=True, serialize_as_any=True)
    return files.write({**document, "name": name, "expect": outcome(ctx, played)})


def file_name(process_key: str, name: str, taken: Collection[str]) -> str:
    """A name for the file that no other has, after the scenario's where that has letters a file name can bear."""
    stem = "_".join(filter(None, (process_key, _NOT_A_NAME.sub("_", name.lower()).strip("_")[:40])))
    number = 1
    while (file := f"{stem}{'' if number == 1 else f'_{number}'}.yaml") in taken:
        number += 1
    return file


def outcome(ctx: Context, played: Played) -> dict[str, Any]:
    """How it stands now, in the words of a scenario's `expect`."""
    stage = played.stage
    case = ctx.session.execute(
        select(AftersalesCase).where(AftersalesCase.number == stage.case_number)
    ).scalar_one()
    ended = case.closed_at is not None
    found: dict[str, Any] = {"ended": ended, "state": case.state}
    if ended:
        found["ended_at"] = _end(ctx, case)
    else:
        found["tasks"] = stage.open_tasks()
    if linked := stage.open_tasks(linked=True):
        found["linked"] = linked
    if incident := _incident(ctx, case.number):
        found["incident"] = incident
    found |= _money(ctx, stage.scenario, case)
    if movements := _movements(ctx, case):
        found["movements"] = movements
    told = select(func.count()).select_from(CustomerMessage).where(CustomerMessage.case_id == case.id)
    found["messages"] = ctx.session.execute(told).scalar_one()
    return {key: value for key, value in found.items() if value is not None}


def _end(ctx: Context, case: AftersalesCase) -> str | None:
    """The end event the procedure came to last."""
    definition_id = ctx.session.execute(
        select(ProcessInstance.definition_id).where(ProcessInstance.id == case.process_instance_id)
    ).scalar_one()
    elements = ctx.engine.definitions.get(ctx.session, definition_id).process.elements
    ends = [id_ for id_, element in elements.items() if element.type == "endEvent"]
    query = select(HistoryEvent.element_id).where(
        HistoryEvent.stream == case.process_instance_id,
        HistoryEvent.type == "ElementCompleted",
        HistoryEvent.element_id.in_(ends),
    )
    return ctx.session.execute(query.order_by(HistoryEvent.id.desc()).limit(1)).scalar()


def _incident(ctx: Context, number: str) -> str | None:
    query = select(Incident.element_id).where(Incident.business_key == number, Incident.resolved_at.is_(None))
    return ctx.session.execute(query.order_by(Incident.id).limit(1)).scalar()


def _money(ctx: Context, story: Story, case: AftersalesCase) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    if story.order_number:
        lines = (
            select(OrderLine.line, RefundLine.quantity, RefundLine.amount)
            .join(RefundLine, RefundLine.order_line_id == OrderLine.id)
            .join(Refund, Refund.id == RefundLine.refund_id)
            .where(Refund.case_id == case.id)
            .order_by(OrderLine.line, Refund.id)
        )
        found["ledger"] = [dict(row) for row in ctx.session.execute(lines).mappings()]
        query = select(CustomerOrder.shipping_refunded).where(CustomerOrder.id == case.order_id)
        found["shipping_refunded"] = ctx.session.execute(query).scalar()
    charges = select(Charge.amount).where(Charge.case_id == case.id).order_by(Charge.id)
    found["charges"] = list(ctx.session.scalars(charges)) or None
    found["compensation"] = case.compensated or None
    return found


def _movements(ctx: Context, case: AftersalesCase) -> list[dict[str, Any]]:
    query = (
        select(StockMovement.type, Product.sku, StockMovement.quantity, StockMovement.direction)
        .join(Product, Product.id == StockMovement.product_id)
        .where(StockMovement.case_id == case.id)
        .order_by(StockMovement.id)
    )
    return [dict(row) for row in ctx.session.execute(query).mappings()]
