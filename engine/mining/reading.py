"""Reading the history case by case, as it stood at one moment, a thousand rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, Text, and_, case, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from engine.aftersales.tables import (
    AftersalesCase,
    CaseLine,
    CaseLink,
    Customer,
    CustomerOrder,
    OrderLine,
    Product,
    RepairVisit,
    Shop,
    StockMovement,
)
from engine.mining.events import Case, Event, lifecycle
from engine.mining.selection import Selection
from engine.runtime.context import Context
from engine.store.tables import HistoryEvent, Job, Person, ProcessDefinition, ProcessInstance, UserTask

_AT_ONCE = 1000
#: Columns of a case that its trace carries where they are filled, by the name they carry there.
_ATTRIBUTES = {
    "state": AftersalesCase.state,
    "outcome": AftersalesCase.outcome,
    "reason": AftersalesCase.reason,
    "channel": AftersalesCase.channel,
    "urgency": AftersalesCase.urgency,
    "category": AftersalesCase.category,
    "cause": AftersalesCase.cause,
    "department": AftersalesCase.department,
    "refunded": AftersalesCase.refunded,
    "compensated": AftersalesCase.compensated,
    "closed": AftersalesCase.closed_at,
    "tier": Customer.tier,
    "customer": Customer.number,
    "order": CustomerOrder.number,
    "shop": Shop.key,
}


class Reading:
    """One reading of the history: everything read through it stood at the same moment."""

    def __init__(self, ctx: Context, selection: Selection, *, with_parts: bool = False) -> None:
        """Begins it; nothing may have been read in this command before. `with_parts`: events know the goods they moved."""
        self._session, self._definitions = ctx.session, ctx.engine.definitions
        self._selection, self._with_parts = selection, with_parts
        # Several questions follow each other, and work goes on meanwhile.
        self._session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    def traces(self) -> Iterator[tuple[Case, Iterable[Event]]]:
        """Every chosen case with its events, oldest first. The events are to be read before the next case is asked for."""
        told = groupby(self._rows(self._events()), key=lambda row: row.business_key)
        following = next(told, None)
        # Both are in the database's order of the number.
        for each in self.cases():
            if following is not None and following[0] == each.number:
                yield each, map(self._event, following[1])
                following = next(told, None)
            else:
                yield each, ()

    def cases(self) -> Iterator[Case]:
        """Every chosen case, by number."""
        for row in self._rows(self._cases()):
            values = {name: getattr(row, name) for name in _ATTRIBUTES}
            yield Case(
                number=row.business_key,
                process=row.process_key,
                version=row.version,
                started_at=row.started_at,
                attributes={name: value for name, value in values.items() if value not in (None, "")},
            )

    def orders(self) -> Iterator[Row[Any]]:
        """Orders that chosen cases are about: number, placed_at, state, paid_total, shop, customer."""
        chosen = self._selection.cases()
        about = (
            select(AftersalesCase.order_id)
            .join(chosen, chosen.c.business_key == AftersalesCase.number)
            .where(AftersalesCase.order_id.is_not(None))
        )
        return self._rows(
            select(
                CustomerOrder.number,
                CustomerOrder.placed_at,
                CustomerOrder.state,
                CustomerOrder.paid_total,
                Shop.key.label("shop"),
                Customer.number.label("customer"),
            )
            .join(Shop, Shop.id == CustomerOrder.shop_id)
            .join(Customer, Customer.id == CustomerOrder.customer_id)
            .where(CustomerOrder.id.in_(about))
            .order_by(CustomerOrder.id)
        )

    def goods(self) -> Iterator[tuple[str, str]]:
        """(case number, SKU) of what chosen cases are about, by case."""
        chosen = self._selection.cases()
        lines = (
            select(chosen.c.business_key, Product.sku)
            .join(AftersalesCase, AftersalesCase.number == chosen.c.business_key)
            .join(CaseLine, CaseLine.case_id == AftersalesCase.id)
            .join(OrderLine, OrderLine.id == CaseLine.order_line_id)
            .join(Product, Product.id == OrderLine.product_id)
        )
        own = (
            select(chosen.c.business_key, Product.sku)
            .join(AftersalesCase, AftersalesCase.number == chosen.c.business_key)
            .join(Product, Product.id == AftersalesCase.product_id)
        )
        both = lines.union(own).subquery()
        return self._rows(select(both).order_by(*both.c))

    def links(self) -> Iterator[tuple[str, str, str]]:
        """(case number, other case's number, kind) of links between chosen cases, by case."""
        chosen, other = self._selection.cases(), self._selection.cases().alias("other")
        one, two = AftersalesCase.__table__.alias("one"), AftersalesCase.__table__.alias("two")
        found = (
            select(chosen.c.business_key, other.c.business_key, CaseLink.kind)
            .select_from(CaseLink)
            .join(one, one.c.id == CaseLink.from_case_id)
            .join(two, two.c.id == CaseLink.to_case_id)
            .join(chosen, chosen.c.business_key == one.c.number)
            .join(other, other.c.business_key == two.c.number)
            .order_by(chosen.c.business_key, CaseLink.id)
        )
        return self._rows(found)

    def people(self) -> Iterator[Row[Any]]:
        """Everybody, those who left too: key, team, roles."""
        return self._rows(select(Person.key, Person.team, Person.roles).order_by(Person.key))

    def products(self, skus: set[str]) -> Iterator[Row[Any]]:
        """Products by their SKU: sku, name, kind, model."""
        return self._rows(
            select(Product.sku, Product.name, Product.kind, Product.model)
            .where(Product.sku == func.any(literal(sorted(skus), ARRAY(Text))))
            .order_by(Product.sku)
        )

    def _rows(self, query: Select[Any]) -> Iterator[Any]:
        yield from self._session.execute(query.execution_options(yield_per=_AT_ONCE))

    def _cases(self) -> Select[Any]:
        chosen = self._selection.cases()
        return (
            select(
                chosen.c.business_key,
                chosen.c.process_key,
                chosen.c.started_at,
                ProcessDefinition.version,
                *(column.label(name) for name, column in _ATTRIBUTES.items()),
            )
            .join(ProcessDefinition, ProcessDefinition.id == chosen.c.definition_id)
            .outerjoin(AftersalesCase, AftersalesCase.number == chosen.c.business_key)
            .outerjoin(Customer, Customer.id == AftersalesCase.customer_id)
            .outerjoin(CustomerOrder, CustomerOrder.id == AftersalesCase.order_id)
            .outerjoin(Shop, Shop.id == AftersalesCase.shop_id)
            .order_by(chosen.c.business_key)
        )

    def _events(self) -> Select[Any]:
        chosen, told = self._selection.cases(), HistoryEvent
        return (
            select(
                told.id,
                told.stream,
                told.seq,
                told.at,
                told.type,
                told.actor,
                told.element_id,
                told.activity_id,
                told.business_key,
                # Only here is something else said that is needed: whether it was but the frame around an activity.
                case((told.type == "ElementCompleted", told.payload)).label("payload"),
                ProcessInstance.definition_id,
                UserTask.lane,
                UserTask.outcome,
                Job.type.label("service"),
                (_moved() if self._with_parts else null()).label("parts"),
            )
            .join(chosen, chosen.c.business_key == told.business_key)
            .join(ProcessInstance, ProcessInstance.id == told.stream)
            .outerjoin(
                UserTask, and_(UserTask.instance_id == told.stream, UserTask.activity_id == told.activity_id)
            )
            .outerjoin(Job, and_(Job.instance_id == told.stream, Job.activity_id == told.activity_id))
            .order_by(told.business_key, told.id)
        )

    def _event(self, row: Any) -> Event:
        definition = self._definitions.get(self._session, row.definition_id)
        element = definition.process.elements.get(row.element_id) if row.element_id else None
        return Event(
            id=row.id,
            at=row.at,
            type=row.type,
            activity=(element.name if element else "") or row.element_id or row.type,
            lifecycle=lifecycle(row.type, frame='"frame"' in (row.payload or "")),
            resource=row.actor,
            role=row.lane or "",
            element=row.element_id or "",
            activity_id=row.activity_id,
            outcome=(row.outcome or "") if row.type == "UserTaskCompleted" else "",
            service=row.service or "",
            stream=row.stream,
            seq=row.seq,
            process=definition.key,
            version=definition.version,
            parts=row.parts or (),
        )


def _moved() -> Any:
    """SKUs of the goods a service moved: those it stocked in or out, and those a technician used on a visit."""
    used = func.jsonb_array_elements(RepairVisit.parts["parts"]).table_valued("value", name="used")
    skus = union_all(
        select(Product.sku)
        .join(StockMovement, StockMovement.product_id == Product.id)
        .where(StockMovement.idempotency_key == Job.idempotency_key)
        .correlate(Job),
        select(used.c.value.op("->>")("sku"))
        .select_from(RepairVisit)
        .join(used, literal(True))
        .where(RepairVisit.idempotency_key == Job.idempotency_key)
        .correlate(Job),
    ).subquery("skus")
    gathered = select(func.array_agg(skus.c.sku.distinct())).correlate(Job).scalar_subquery()
    return case((HistoryEvent.type == "ServiceTaskCompleted", gathered))
