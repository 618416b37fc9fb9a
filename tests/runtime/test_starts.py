"""What begins an instance without anybody starting it: messages, signals, timers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.runtime import deployments, messages, signals
from engine.runtime.bundles import Bundle
from engine.runtime.refusals import StartsByEvent
from engine.store.tables import Incident, PendingStart, ProcessInstance
from engine.worker import perform
from tests.bpmn.drawing import diagram, end, event, flows, message, node, start, timer
from tests.runtime.conftest import Office

TOP = node("signal", "alarm", name="alarm") + message("order_placed")


def begun_by(definition: str, name: str = "begun", process: str = "p") -> Bundle:
    body = start(name, definition) + node("userTask", "wait") + end() + flows(f"{name} wait end")
    xml = diagram(body, top=TOP, process=process)
    return Bundle(process_key=process, files={("bpmn", f"{process}.bpmn"): xml})


def instances_of(office: Office, process: str = "p") -> list[ProcessInstance]:
    with office.app.database.begin() as session:
        query = select(ProcessInstance).where(ProcessInstance.process_key == process)
        return list(session.execute(query.order_by(ProcessInstance.id)).scalars())


def due(office: Office) -> list[int]:
    """Starts whose time has come, made; twice, as a queue may that was interrupted."""
    with office.app.database.begin() as session:
        now = office.app.engine.clock.now()
        ids = list(session.execute(select(PendingStart.id).where(PendingStart.due_at <= now)).scalars())
    for id_ in [*ids, *ids]:
        perform(office.app.commands, "start", id_)
    return ids


def test_a_message_begins_an_instance_with_its_variables_and_key(office):
    office.do("admin", deployments.deploy, begun_by(event("message", messageRef="order_placed")))
    office.do("li.na", messages.publish, "order_placed", "SO-7", {"amount": 20})
    office.work()
    (instance,) = instances_of(office)
    assert (instance.business_key, instance.variables, instance.state) == ("SO-7", {"amount": 20}, "active")


def test_a_message_that_came_before_its_procedure_begins_it_when_it_is_deployed(office):
    office.do("li.na", messages.publish, "order_placed", "SO-7", {})
    office.work()
    office.do("admin", deployments.deploy, begun_by(event("message", messageRef="order_placed")))
    office.work()
    assert len(instances_of(office)) == 1


def test_the_same_message_performed_twice_begins_one_instance(office):
    office.do("admin", deployments.deploy, begun_by(event("message", messageRef="order_placed")))
    id_ = office.do("li.na", messages.publish, "order_placed", "SO-7", {})
    for _ in range(2):
        perform(office.app.commands, "message", id_)
    assert len(instances_of(office)) == 1


def test_a_signal_begins_each_procedure_that_starts_with_it_once(office):
    for process in ("p", "q"):
        office.do("admin", deployments.deploy, begun_by(event("signal", signalRef="alarm"), process=process))
    assert office.do("li.na", signals.broadcast, "alarm", {"floor": 3}) == 2
    items = list(office.queue.work)
    for item in [*items, *items]:
        perform(office.app.commands, item.kind, item.id)
    assert [each.variables for each in (*instances_of(office), *instances_of(office, "q"))] == [
        {"floor": 3}
    ] * 2


@pytest.mark.parametrize(
    ("when", "hours", "begun"),
    [
        (timer("PT2H"), [1, 1, 1], [0, 1, 1]),
        (timer(date="2026-11-02T12:00:00"), [1, 1, 1], [0, 1, 1]),
        (timer(cycle="R2/PT1H"), [1, 1, 1], [1, 2, 2]),
        (timer(cycle="0 11 * * *"), [1, 1, 23], [1, 1, 2]),
    ],
    ids=["duration", "date in the business zone", "cycle", "cron"],
)
def test_a_timer_begins_instances_at_its_times(office, clock, when, hours, begun):
    office.do("admin", deployments.deploy, begun_by(when))
    seen = []
    for each in hours:
        clock.advance(timedelta(hours=each))
        due(office)
        seen.append(len(instances_of(office)))
    assert seen == begun


def test_what_only_an_event_begins_is_neither_started_by_hand_nor_called(office):
    office.do("admin", deployments.deploy, begun_by(event("message", messageRef="order_placed")))
    with pytest.raises(StartsByEvent):
        office.start("p")
    calls = diagram(
        start(), node("callActivity", "call", calledElement="p"), flows("start call"), process="caller"
    )
    bundle = Bundle(process_key="caller", files={("bpmn", "caller.bpmn"): calls})
    office.do("admin", deployments.deploy, bundle)
    office.start("caller")
    with office.app.database.begin() as session:
        (incident,) = session.execute(select(Incident)).scalars()
    assert (incident.element_id, instances_of(office)) == ("call", [])


def test_a_start_that_is_not_due_waits(office):
    office.do("admin", deployments.deploy, begun_by(timer("PT2H")))
    with office.app.database.begin() as session:
        (pending,) = session.execute(select(PendingStart.id)).scalars()
    perform(office.app.commands, "start", pending)
    assert instances_of(office) == []
    assert office.queue.work == []


def test_only_the_current_version_begins(office, clock):
    old, _ = office.do("admin", deployments.deploy, begun_by(timer("PT1H"), "old"))
    office.do("admin", deployments.deploy, begun_by(timer("PT2H"), "new"))
    clock.advance(timedelta(hours=1))
    due(office)
    assert instances_of(office) == []
    office.do("admin", deployments.make_current, old.id)
    clock.advance(timedelta(hours=1))
    due(office)
    assert [each.definition_id for each in instances_of(office)] == [old.id]
