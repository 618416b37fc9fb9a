"""What administrators do to running work: pausing, suspending, skipping, moving, mending; replay gives it all again."""

import pytest
from sqlalchemy import select

from engine.runtime import instances, replay, services, user_tasks
from engine.runtime.operating import bulk, handover, mending, rerouting, suspensions
from engine.runtime.operating.actions import Wanted, targets
from engine.runtime.refusals import CannotBeRerouted, CaseSuspended, NotACandidate, VersionSuspended
from engine.runtime.registry import ServiceTaskType
from engine.store.tables import HistoryEvent, Incident, UserTask

WHY = "The bank is down"


def approved(office, case="CASE-1"):
    """A case that is about to pay."""
    instance = office.start("approval", case=case, amount=10)
    office.do("wang.fang", user_tasks.complete, office.task("review", case).id, {})
    office.do("zhao.lin", user_tasks.complete, office.task("approve", case).id, {"decision": "approve"})
    return instance


def replays(app, instance):
    with app.database.begin() as session:
        replay.check(session, app.engine, instance)


def stuck(app):
    with app.database.begin() as session:
        query = select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.id)
        return list(session.scalars(query))


@pytest.fixture
def bank(app):
    """Does tests.echo unless it is down; counts how often it was asked."""

    class Bank:
        down, asked = False, 0

    def pay(ctx, job):
        Bank.asked += 1
        if Bank.down:
            raise ConnectionError("the bank does not answer")
        return {"echo": dict(job.inputs)}

    app.engine.registry.add(ServiceTaskType(type="tests.echo", handler=pay))
    return Bank


def test_a_paused_service_burns_no_try_and_catches_up(office, app, bank):
    office.deploy("approval")
    office.do("admin", services.pause, "tests.echo", reason=WHY)
    instance = approved(office)
    office.work()
    assert (office.job("pay").state, office.job("pay").attempts, bank.asked) == ("held", 0, 0)

    assert office.do("admin", services.resume, "tests.echo", reason="It answers") == 1
    office.work()
    assert office.instance(instance).state == "completed"
    assert bank.asked == 1
    replays(app, instance)
    with app.database.begin() as session:
        told = session.scalars(select(HistoryEvent.type).where(HistoryEvent.type.like("Service%ed")))
        assert {"ServicePaused", "ServiceResumed"} <= set(told)


def test_many_incidents_are_previewed_and_retried(office, app, bank):
    office.deploy("approval")
    bank.down = True
    cases = [approved(office, f"CASE-{n}") for n in range(3)]
    office.work()
    assert len(stuck(app)) == 3
    bank.down = False
    office.do("admin", suspensions.suspend, cases[0], reason="looked into")

    wanted = Wanted(process="approval", element="pay", cause="the bank does not answer")
    seen = office.do("admin", targets, "retry", wanted, limit=10)
    assert [type(each.refusal) for each in seen] == [CaseSuspended, type(None), type(None)]
    assert len(stuck(app)) == 3, "a preview changes nothing"

    run = office.do("admin", bulk.begin, "retry", seen, params={}, reason="It answers again")
    office.work()
    with app.database.begin() as session:
        assert bulk.progress(session, run.id) == bulk.Progress(total=3, done=2, refused=1)
        kept = bulk.Kept(bulk.items(session, run.id, limit=1)[0].why)
    assert str(kept) == CaseSuspended.sentence
    assert [office.instance(case).state for case in cases] == ["suspended", "completed", "completed"]
    for case in cases:
        replays(app, case)


def test_a_suspended_case_refuses_people_holds_its_jobs_and_goes_on_afterwards(office, app, bank):
    office.deploy("approval")
    instance = approved(office)
    office.do("admin", suspensions.suspend, instance, reason=WHY)
    office.work()
    assert (office.job("pay").state, bank.asked) == ("held", 0)
    waiting = office.start("approval", case="CASE-2", amount=1)
    office.do("admin", suspensions.suspend, waiting, reason=WHY)
    with pytest.raises(CaseSuspended):
        office.do("wang.fang", user_tasks.claim, office.task("review", "CASE-2").id)
    with pytest.raises(CaseSuspended):
        office.do("wang.fang", user_tasks.complete, office.task("review", "CASE-2").id, {})

    office.do("admin", suspensions.resume, instance, reason="done")
    office.do("admin", suspensions.resume, waiting, reason="done")
    office.work()
    assert office.instance(instance).state == "completed"
    office.do("wang.fang", user_tasks.complete, office.task("review", "CASE-2").id, {})
    replays(app, instance)
    replays(app, waiting)


def test_a_suspended_case_can_be_cancelled(office, app):
    office.deploy("approval")
    instance = office.start("approval", amount=1)
    office.do("admin", suspensions.suspend, instance, reason=WHY)
    office.do("admin", instances.cancel, instance, reason="registered twice")
    assert office.instance(instance).state == "cancelled"
    assert office.open_tasks() == []
    replays(app, instance)


def test_no_case_starts_on_a_suspended_version(office):
    version = office.deploy("approval")
    instance = office.start("approval", amount=1)
    assert office.do("admin", suspensions.suspend_version, version, reason=WHY) == [instance]
    with pytest.raises(VersionSuspended, match=WHY):
        office.start("approval", case="CASE-2", amount=1)
    office.do("admin", suspensions.resume_version, version, reason="mended")
    office.start("approval", case="CASE-2", amount=1)


def activity(office, element, case="CASE-1"):
    return office.task(element, case).activity_id


def test_a_step_is_skipped_with_what_it_would_have_given(office, app, bank):
    office.deploy("approval")
    instance = office.start("approval", amount=10)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    approving = activity(office, "approve")
    office.do("admin", rerouting.skip, instance, approving, {"decision": "approve"}, reason="By telephone")
    assert office.task("approve").state == "cancelled"
    office.work()
    assert office.instance(instance).state == "completed"
    replays(app, instance)


def test_a_step_is_repeated(office, app):
    office.deploy("approval")
    instance = office.start("approval", amount=10)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    approving = activity(office, "approve")
    office.do("admin", rerouting.move, instance, approving, "review", {"amount": 20}, reason="Wrong amount")
    assert office.open_tasks() == ["review"]
    assert office.instance(instance).variables["amount"] == 20
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {})
    assert office.open_tasks() == ["approve"]
    replays(app, instance)


def test_what_is_no_step_of_this_scope_is_refused(office):
    office.deploy("approval")
    instance = office.start("approval", amount=10)
    with pytest.raises(CannotBeRerouted, match="another part"):
        office.do("admin", rerouting.move, instance, activity(office, "review"), "nowhere", {}, reason="Try")


def test_a_wrong_value_is_mended_and_tried_again_in_one_command(office, app):
    office.deploy("broken_condition")
    instance = office.start("broken_condition", amount="much")
    (incident,) = stuck(app)
    office.do("admin", mending.correct_and_retry, incident.id, {"amount": 500}, reason="It was text")
    assert office.instance(instance).state == "completed"
    replays(app, instance)
    with app.database.begin() as session:
        query = select(HistoryEvent.payload).where(HistoryEvent.type == "VariablesCorrected")
        assert '"before":{"amount":"much"}' in session.scalars(query).one()


def test_a_leavers_steps_go_only_to_whom_they_may(office, app):
    office.deploy("approval")
    for number in (1, 2):
        office.start("approval", case=f"CASE-{number}", amount=10)
        office.do("wang.fang", user_tasks.claim, office.task("review", f"CASE-{number}").id)
    theirs = Wanted(person="wang.fang", to="zhao.lin")
    refused = office.do("admin", targets, "reassign", theirs, limit=10)
    assert {type(each.refusal) for each in refused} == {NotACandidate}

    back = Wanted(person="wang.fang", to="")
    seen = office.do("admin", targets, "reassign", back, limit=10)
    office.do("admin", bulk.begin, "reassign", seen, params=back.params, reason="Left the company")
    office.work()
    with app.database.begin() as session:
        assert not session.scalars(select(UserTask).where(handover.held_by("wang.fang"))).all()
        event = session.scalars(select(HistoryEvent.payload).where(HistoryEvent.type == "UserTaskReleased"))
        assert "Left the company" in event.first()
