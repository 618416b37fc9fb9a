"""Service tasks, their failures, and how they go on."""

from sqlalchemy import select

from engine.runtime import history, incidents, instances, jobs, user_tasks
from engine.runtime.jobs import BpmnError
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import Incident


def _approved(office, amount=10):
    office.deploy("approval")
    instance = office.start("approval", amount=amount)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    office.do("zhao.lin", user_tasks.complete, office.task("approve").id, {"decision": "approve"})
    return instance


def _types(app, instance):
    with app.database.begin() as session:
        return [event.type for event in history.events(session, stream=instance)]


def test_a_handlers_result_moves_the_case_on(office, app):
    instance = _approved(office)
    office.work()

    ended = office.instance(instance)
    assert ended.state == "completed"
    assert ended.variables["echo"] == {"amount": 10}
    assert _types(app, instance)[-1] == "ProcessInstanceCompleted"


def test_a_failing_service_is_retried_then_becomes_an_incident_and_can_be_retried(office, app):
    instance = _approved(office)
    calls = []

    def broken(ctx, job):
        calls.append(job.idempotency_key)
        raise ConnectionError("the bank does not answer")

    good = app.engine.registry.service_task("tests.echo")
    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=broken))
    office.work()

    assert len(calls) == 2 and len(set(calls)) == 1, "two attempts, one idempotency key"
    assert office.instance(instance).state == "active"
    with app.database.begin() as session:
        incident = session.execute(select(Incident)).scalar_one()
    assert (incident.element_id, incident.message) == ("pay", "the bank does not answer")

    app.engine.registry.add(good)
    office.do("admin", incidents.retry, incident.id, reason="bank is back")
    office.work()
    assert office.instance(instance).state == "completed"
    assert "IncidentRetried" in _types(app, instance)


def test_a_worker_hears_what_became_of_an_attempt(office, app):
    """So that it can count what it did (aftercare_work_total)."""
    _approved(office)

    def broken(ctx, job):
        raise ConnectionError("the bank does not answer")

    good = app.engine.registry.service_task("tests.echo")
    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=broken))
    job = office.job("pay").id
    assert [jobs.run(app.commands, job) for _ in range(2)] == ["retried", "failed"]
    app.engine.registry.add(good)
    with app.database.begin() as session:
        incident = session.execute(select(Incident)).scalar_one().id
    office.do("admin", incidents.retry, incident, reason="bank is back")
    assert jobs.run(app.commands, job) == "done"


def test_a_job_done_twice_counts_once(office, app):
    instance = _approved(office)
    work = list(office.queue.work)
    office.work()
    office.queue.work = work
    office.work()

    assert _types(app, instance).count("ServiceTaskCompleted") == 1


def test_what_a_failing_handler_wrote_is_undone(office, app):
    instance = _approved(office)

    def writes_and_fails(ctx, job):
        instances.start(ctx, "approval", {}, business_key="CASE-2")
        raise RuntimeError("no")

    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=writes_and_fails))
    office.work()
    with app.database.begin() as session:
        assert not history.events(session, business_key="CASE-2")
    assert office.instance(instance).state == "active"


def test_a_bpmn_error_nobody_catches_is_an_incident(office, app):
    _approved(office)

    def throws(ctx, job):
        raise BpmnError("REFUND_REFUSED", "the ledger said no")

    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=throws))
    office.work()
    with app.database.begin() as session:
        incident = session.execute(select(Incident)).scalar_one()
    assert incident.element_id == "pay"
    assert "REFUND_REFUSED" in incident.message + str(incident.params)


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_that_a_corrected_variable_resolves(
    office, app
):
    office.deploy("broken_condition")
    instance = office.start("broken_condition", amount="much")
    with app.database.begin() as session:
        incident = session.execute(select(Incident)).scalar_one()
    assert incident.element_id == "which"

    office.do("admin", instances.set_variables, instance, {"amount": 500}, reason="it was text")
    office.do("admin", incidents.retry, incident.id)
    assert office.instance(instance).state == "completed"


def test_a_cancelled_case_leaves_nothing_waiting(office, app):
    instance = _approved(office)
    office.do("admin", instances.cancel, instance, reason="registered twice")
    office.work()

    assert office.instance(instance).state == "cancelled"
    assert office.job("pay").state == "cancelled"
    assert office.open_tasks() == []
