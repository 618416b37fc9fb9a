"""The service-task types of the after-sales business: what `engine.bootstrap` registers."""

from __future__ import annotations

from config.settings import BadSetting, Settings
from engine.aftersales import (
    calls,
    case_events,
    cases,
    charges,
    compensations,
    customers,
    hindsight,
    http_call,
    messages,
    orders,
    parcels,
    procedures,
    purchases,
    quotes,
    ratings,
    refund_ledger,
    refunds,
    release_notices,
    repairs,
    revisits,
    samples,
    sending,
    serials,
    staff_notices,
    stock,
    technicians,
    write_offs,
)
from engine.runtime.registry import Registry, ServiceTaskType

_LOCAL = {
    "call.plan": calls.plan,
    "call.record": calls.record,
    "case.record": cases.record,
    "case.state": cases.set_state,
    "charge.create": charges.create,
    "charge.settle": charges.settle,
    "compensation.pay": compensations.pay,
    "customer.lookup": customers.lookup,
    "customer.notify": messages.notify,
    "order.lookup": orders.lookup,
    "parcel.intercept": parcels.intercept,
    "parcel.register": parcels.register,
    "parcel.ship": parcels.ship,
    "pickup.book": parcels.book_pickup,
    "procedure.start": procedures.start,
    "purchase.arrive": purchases.arrive,
    "purchase.order": purchases.order,
    "quote.compute": quotes.compute,
    "rating.record": ratings.record,
    "receipt.issue": repairs.issue_receipt,
    "receipt.return": repairs.return_receipt,
    "refund.compute": refunds.compute,
    refund_ledger.PAY: refund_ledger.pay,
    "revisit.done": revisits.done,
    "revisit.plan": revisits.plan,
    "sample.draw": samples.draw,
    "serial.trace": serials.trace,
    "staff.notify": staff_notices.notify,
    "stock.check": stock.check,
    "stock.issue": stock.issue,
    "stock.receive": stock.receive,
    "stock.release": stock.release,
    "stock.reserve": stock.reserve,
    "technician.suggest": technicians.suggest,
    "visit.record": repairs.record_visit,
    "writeoff.file": write_offs.file,
}

SERVICE_TASKS: tuple[ServiceTaskType, ...] = (
    *(
        ServiceTaskType(type=type_, handler=handler, hindsight=hindsight.of(type_))
        for type_, handler in sorted(_LOCAL.items())
    ),
    ServiceTaskType(type="http.call", handler=http_call.call, remote=True),
)
#: These live inside the engine and cannot be another system's work.
_NOT_REDIRECTED = frozenset({"case.record", "case.state", "http.call", "procedure.start", "staff.notify"})


def register(registry: Registry, settings: Settings) -> None:
    """Register all handlers, listeners and guards; what the settings redirect goes to the company's system.

    Raises `BadSetting` for an integration of a type that does not exist or cannot be redirected.
    """
    release_notices.register(registry)
    by_type = {service_task.type: service_task for service_task in SERVICE_TASKS}
    for service_task in SERVICE_TASKS:
        registry.add(service_task)
    registry.give(*cases.GIVEN)
    for type_, integration in settings.integrations.items():
        if type_.startswith(sending.INTEGRATIONS):
            continue
        if type_ not in by_type:
            raise BadSetting(f"Setting integrations.{type_}: there is no service-task type of this name.")
        if type_ in _NOT_REDIRECTED:
            raise BadSetting(f"Setting integrations.{type_}: this service-task type cannot be redirected.")
        registry.add(http_call.redirected(by_type[type_], integration))
    for event_type, listener in case_events.LISTENERS.items():
        registry.listen(event_type, listener)
    registry.listen("ServiceTaskCompleted", refund_ledger.paid_elsewhere)
    for prop, guard in calls.GUARDS.items():
        registry.guard(prop, guard)
