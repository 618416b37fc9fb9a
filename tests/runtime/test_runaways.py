"""What would run for ever, or fill the machine, is stopped and named; meanwhile other cases go on."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import select

from config.settings import Limits
from engine.runtime import deployments, incidents, instances, messages, user_tasks
from engine.runtime.bundles import Bundle
from engine.runtime.refusals import ValueNotKept
from engine.store.tables import Incident, Message

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://aftercare/tests">'
)
SCRIPT = (
    '<bpmn:scriptTask id="reckon"><bpmn:extensionElements><zeebe:script expression="{}" resultVariable="result" />'
    "</bpmn:extensionElements></bpmn:scriptTask>"
)
ITEMS = (
    '<bpmn:userTask id="look"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements>'
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" /></bpmn:extensionElements>'
    "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
)
LOOP = (
    '<bpmn:scriptTask id="again"><bpmn:extensionElements><zeebe:script expression="=1" resultVariable="n" />'
    "</bpmn:extensionElements></bpmn:scriptTask>"
    '<bpmn:exclusiveGateway id="enough" default="back" /><bpmn:endEvent id="end" />'
    '<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="again" />'
    '<bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="enough" />'
    '<bpmn:sequenceFlow id="back" sourceRef="enough" targetRef="again" />'
    '<bpmn:sequenceFlow id="out" sourceRef="enough" targetRef="end">'
    "<bpmn:conditionExpression>=n = 2</bpmn:conditionExpression></bpmn:sequenceFlow>"
)
#: FEEL that would take hours, and FEEL that would take all memory.
LONG = "=count(for a in 1..100000, b in 1..100000 return a * b)"
LARGE = "=for n in 1..10000000 return &quot;a rather long text that is kept for each&quot;"


def _single(body: str, id_: str) -> str:
    """Start, one element, end."""
    return (
        f'{body}<bpmn:endEvent id="end" /><bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="{id_}" />'
        f'<bpmn:sequenceFlow id="f2" sourceRef="{id_}" targetRef="end" />'
    )


@pytest.fixture
def runaway(office, app):
    """Deploys a diagram and starts it; its incidents."""

    def run(body: str, key: str = "runaway", **variables):
        xml = f'{HEAD}<bpmn:process id="{key}" isExecutable="true"><bpmn:startEvent id="start" />{body}</bpmn:process>'
        files = {("bpmn", f"{key}.bpmn"): f"{xml}</bpmn:definitions>".encode()}
        with app.commands.begin() as ctx:
            deployments.deploy(ctx, Bundle(process_key=key, files=files))
        instance = office.start(key, case="RUNAWAY", **variables)
        with app.database.begin() as session:
            found = session.scalars(select(Incident).where(Incident.instance_id == instance)).all()
        return instance, [(each.element_id, each.kind, each.message) for each in found]

    return run


@pytest.mark.parametrize("expression", [LONG, LARGE], ids=["long", "large"])
def test_an_expression_that_takes_all_is_stopped_and_others_go_on(office, app, runaway, expression):
    with _others_go_on(office, app):
        _, found = runaway(_single(SCRIPT.format(expression), "reckon"))
    ((element, kind, message),) = found
    assert (element, kind) == ("reckon", "expression")
    assert "too" in message or "memory" in message or "time" in message, message


def test_a_loop_without_a_rest_is_stopped_with_its_remedy_and_others_go_on(office, app, runaway):
    with _others_go_on(office, app):
        instance, found = runaway(LOOP)
    ((element, kind, message),) = found
    assert element in ("again", "enough") and kind == "limit"
    assert "give the loop a way out" in message
    assert office.instance(instance).state == "active"


def test_a_loop_is_also_bounded_by_time(office, app, runaway):
    object.__setattr__(app.settings, "limits", Limits(seconds=0.2, steps=10**9))
    began = time.monotonic()
    _, found = runaway(LOOP)
    assert time.monotonic() - began < 30
    assert "0.2 seconds" in found[0][2]


def test_a_mended_loop_goes_on_from_where_it_was_stopped(office, app, runaway):
    instance, _ = runaway(LOOP.replace("=n = 2", "=stop = true"))
    office.do("admin", instances.set_variables, instance, {"stop": True}, reason="enough")
    with app.database.begin() as session:
        incident = session.scalar(select(Incident.id).where(Incident.instance_id == instance))
    office.do("admin", incidents.retry, incident)
    assert office.instance(instance).state == "completed"


def test_ten_thousand_items_at_once_are_an_incident_and_others_go_on(office, app, runaway):
    with _others_go_on(office, app):
        _, found = runaway(_single(ITEMS, "look"), items=list(range(10_000)))
    assert found == [
        ("look", "limit", "10000 repetitions are more than the 5000 allowed: split the collection")
    ]
    assert "look" not in office.open_tasks()


def test_ten_megabytes_are_refused_wherever_they_come_from(office, app):
    office.deploy("approval")
    large = {"text": "x" * 10_000_000}
    with pytest.raises(ValueNotKept):
        office.start("approval", **large)
    instance = office.start("approval", amount=1)
    for by, command, *arguments in (
        ("wang.fang", user_tasks.complete, office.task("review").id, large),
        ("admin", instances.set_variables, instance, large),
        ("admin", messages.publish, "paid", "CASE-1", large),
    ):
        with pytest.raises(ValueNotKept):
            office.do(
                by, command, *arguments, **({"reason": "?"} if command is instances.set_variables else {})
            )
    with app.database.begin() as session:
        assert session.scalar(select(Message.id)) is None
    assert office.task("review").state == "created"


def test_a_service_that_answers_ten_megabytes_is_an_incident(office, app):
    from engine.runtime.registry import ServiceTaskType

    answers = ServiceTaskType(type="tests.echo", handler=lambda ctx, job: {"text": "x" * 10_000_000})
    app.engine.registry.add(answers)
    office.deploy("approval")
    office.start("approval", amount=1)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    office.do("zhao.lin", user_tasks.complete, office.task("approve").id, {"decision": "approve"})
    office.work()
    with app.database.begin() as session:
        incident = session.scalars(select(Incident)).one()
    assert incident.element_id == "pay" and "bytes are more than" in incident.message


class _others_go_on:
    """While the block runs, somebody completes one step after the other; none takes long."""

    def __init__(self, office, app):
        self.office = office
        office.deploy("approval")
        self.tasks = []
        for number in range(60):
            case = f"OTHER-{number}"
            office.start("approval", case=case, amount=1)
            self.tasks.append(office.task("review", case).id)
        self.took = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self):
        for task in self.tasks:
            if self._over.is_set():
                return
            began = time.perf_counter()
            self.office.do("wang.fang", user_tasks.complete, task, {})
            self.took.append(time.perf_counter() - began)
            time.sleep(0.05)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, kind, *_):
        self._over.set()
        self._thread.join()
        if kind is None:
            assert self.took, "nobody else got on"
            typical = sorted(self.took)[len(self.took) // 2]
            assert typical < 0.5 and max(self.took) < 3, [round(each, 2) for each in self.took]
