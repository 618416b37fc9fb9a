"""Timers, messages and called processes."""

from datetime import timedelta

from engine.runtime import deployments, messages, user_tasks
from engine.runtime.bundles import Bundle
from tests.bpmn.drawing import diagram, end, event, flows, job, node, start, user


def test_a_timer_fires_when_its_time_has_come(office, clock):
    office.deploy("reminder")
    instance = office.start("reminder", order="SO-1")
    clock.advance(timedelta(days=6, hours=23))
    assert office.fire_due() == 0
    clock.advance(timedelta(hours=1))
    assert office.fire_due() == 1
    assert office.instance(instance).state == "completed"


def test_a_message_beats_the_timer(office, clock):
    office.deploy("reminder")
    instance = office.start("reminder", order="SO-1")
    office.do("li.na", messages.publish, "goods_arrived", "SO-1", {"parcels": 2})
    office.work()

    assert office.instance(instance).state == "completed"
    assert office.instance(instance).variables["parcels"] == 2
    clock.advance(timedelta(days=30))
    assert office.fire_due() == 0


def test_an_early_message_waits_for_its_case(office):
    office.deploy("reminder")
    office.do("li.na", messages.publish, "goods_arrived", "SO-1", {"parcels": 1})
    office.work()
    instance = office.start("reminder", order="SO-1")
    assert office.instance(instance).state == "completed"


def test_an_expired_message_is_not_delivered(office, clock):
    office.deploy("reminder")
    office.do("li.na", messages.publish, "goods_arrived", "SO-1", {}, time_to_live=timedelta(minutes=5))
    clock.advance(timedelta(minutes=6))
    instance = office.start("reminder", order="SO-1")
    office.work()
    assert office.instance(instance).state == "active"


def test_the_same_message_twice_is_one_message(office):
    office.deploy("reminder")
    first, second = (
        office.start("reminder", case="A", order="SO-1"),
        office.start("reminder", case="B", order="SO-1"),
    )
    assert office.do("li.na", messages.publish, "goods_arrived", "SO-1", {}, message_id="x-1") is not None
    assert office.do("li.na", messages.publish, "goods_arrived", "SO-1", {}, message_id="x-1") is None
    office.work()
    assert [office.instance(first).state, office.instance(second).state] == ["completed", "active"]


def test_a_called_process_is_an_instance_of_its_own_and_its_caller_goes_on_with_its_answer(office):
    office.deploy("approval")
    office.deploy("caller")
    instance = office.start("caller", amount=3)
    task = office.task("review")
    assert task.instance_id != instance and task.root_id == instance

    office.do("wang.fang", user_tasks.complete, task.id, {})
    office.do("zhao.lin", user_tasks.complete, office.task("approve").id, {"decision": "refuse"})

    assert office.instance(instance).state == "completed"
    assert office.instance(instance).variables["answer"] == "refuse"
    assert office.instance(task.instance_id).state == "completed"


def test_what_comes_and_goes_within_one_command_is_never_offered(office):
    """Both branches begin at once and the second ends everything: nobody finds the first one's task in their inbox."""
    body = (
        start(),
        node("parallelGateway", "g"),
        user("a"),
        job("j"),
        end("stop", event("terminate")),
        flows("start g a", "g j", "g stop"),
    )
    form = b'{"id": "form", "type": "default", "schemaVersion": 18, "components": []}'
    files = {
        ("bpmn", "p.bpmn"): diagram(*body).replace(b'"work"', b'"tests.echo"'),
        ("form", "form.form"): form,
    }
    with office.app.commands.begin() as ctx:
        deployments.deploy(ctx, Bundle(process_key="p", files=files))
    instance = office.start("p")
    assert (office.instance(instance).state, office.open_tasks(), office.work()) == ("completed", [], 0)
