"""Signals: every instance that listens hears them, each once."""

from __future__ import annotations

from engine.runtime import deployments, signals
from engine.runtime.bundles import Bundle
from engine.worker import perform
from tests.bpmn.drawing import diagram, end, event, flows, node, start


def test_a_signal_that_the_queue_delivers_twice_is_heard_once(office):
    """A worker dies after its commit and before it said so: another does the same piece of work again."""
    ringing = start("rings", event("signal", signalRef="alarm"), isInterrupting="false")
    beside = node(
        "subProcess",
        "beside",
        ringing + node("userTask", "look") + end("seen") + flows("rings look seen"),
        triggeredByEvent="true",
    )
    body = start() + node("userTask", "wait") + end() + flows("start wait end") + beside
    xml = diagram(body, top=node("signal", "alarm", name="alarm"))
    office.do("admin", deployments.deploy, Bundle(process_key="p", files={("bpmn", "p.bpmn"): xml}))
    office.start("p")
    assert office.do("li.na", signals.broadcast, "alarm", {"floor": 3}) == 1
    (delivery,) = office.queue.work
    for _ in range(2):
        perform(office.app.commands, delivery.kind, delivery.id)
    assert office.open_tasks() == ["look", "wait"]
    office.queue.work.clear()

    assert office.do("li.na", signals.broadcast, "alarm", {"floor": 4}) == 1
    office.work()
    assert office.open_tasks() == ["look", "look", "wait"]
