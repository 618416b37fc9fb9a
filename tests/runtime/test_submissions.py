"""A draft goes live only by somebody who did not write it; what is live, when, and until when."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.organisation import Organisation
from engine.runtime import deployments, drafts, history, releases, submissions, user_tasks, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.house import Version
from engine.runtime.queue import HandQueue
from engine.runtime.refusals import (
    DraftSubmitted,
    InvalidDeployment,
    ProcedureRetired,
    Stale,
)
from engine.store.tables import HistoryEvent, PlannedStart, ProcessDefinition, ScenarioRun, Submission
from engine.worker import perform

DIAGRAM = (Path(__file__).parent / "diagrams" / "approval.bpmn").read_bytes()


def changed(name: str, *, old: str = "Review") -> bytes:
    return DIAGRAM.replace(f'name="{old}"'.encode(), f'name="{name}"'.encode())


@pytest.fixture
def owner_and_others(office):
    """The approval procedure live; li.na owns it, admin and zhao.lin approve."""
    office.app.engine.registry.do("scenarios", lambda commands, run_id: None)
    office.deploy("approval")
    return office


def draft(office, name="Look closely", by="li.na"):
    begun = office.do(by, drafts.open_, "approval")
    return office.do(
        by, drafts.save, begun.id, {("bpmn", "approval.bpmn"): changed(name)}, revision=begun.revision
    )


def submit(office, name="Look closely", by="li.na"):
    made = draft(office, name, by)
    return office.do(by, submissions.submit, made.id, note="clearer words", revision=made.revision)


def approve(office, submission, by="admin", **kwargs):
    return office.do(by, submissions.approve, submission.id, **{"despite_scenarios": True, **kwargs})


def current(office):
    with office.app.database.begin() as session:
        return session.execute(
            select(ProcessDefinition.version).where(ProcessDefinition.is_current)
        ).scalar_one_or_none()


def recorded(office, *types):
    with office.app.database.begin() as session:
        assert not list(verifying.verify(session, history.ORGANISATION))
        return list(
            map(
                tuple,
                session.execute(
                    select(HistoryEvent.type, HistoryEvent.actor)
                    .where(HistoryEvent.stream == 0, HistoryEvent.type.in_(types))
                    .order_by(HistoryEvent.seq)
                ),
            )
        )


def test_nobody_who_saved_into_a_draft_or_submitted_it_approves_it(owner_and_others):
    office = owner_and_others
    made = draft(office, "One", by="admin")
    made = office.do(
        "li.na", drafts.save, made.id, {("bpmn", "approval.bpmn"): changed("Two")}, revision=made.revision
    )
    submission = office.do("xu.dan", submissions.submit, made.id, note="both", revision=made.revision)
    for author in ("admin", "li.na", "xu.dan"):
        with pytest.raises(submissions.SelfApproval):
            approve(office, submission, by=author)
    assert approve(office, submission, by="zhao.lin").version == 2
    assert recorded(office, "DraftSubmitted", "DraftApproved") == [
        ("DraftSubmitted", "xu.dan"),
        ("DraftApproved", "zhao.lin"),
    ]


def test_an_organisation_may_allow_self_approval_in_its_file(owner_and_others, monkeypatch):
    office = owner_and_others
    house = office.app.engine.organisation
    allowed: Organisation = house().model_copy(update={"self_approval": True})
    monkeypatch.setattr(house, "_version", Version(id=0, organisation=allowed, calendar=house.calendar))
    assert approve(office, submit(office, by="admin")).version == 2


def test_while_a_draft_waits_nobody_changes_it_until_it_is_withdrawn(owner_and_others):
    office = owner_and_others
    submission = submit(office)
    save = {("bpmn", "approval.bpmn"): changed("Three")}
    for change in (
        lambda: office.do("xu.dan", drafts.save, submission.draft_id, save, revision=2),
        lambda: office.do("xu.dan", drafts.discard, submission.draft_id),
        lambda: submit(office, by="xu.dan"),
    ):
        with pytest.raises(DraftSubmitted):
            change()
    office.do("li.na", submissions.withdraw, submission.id)
    office.do("xu.dan", drafts.save, submission.draft_id, save, revision=2)
    with pytest.raises(Stale):
        approve(office, submission)


def test_a_returned_draft_is_corrected_and_submitted_again(owner_and_others):
    office = owner_and_others
    submission = submit(office)
    with pytest.raises(submissions.RemarkNeeded):
        office.do("admin", submissions.send_back, submission.id, remark=" ")
    office.do("admin", submissions.send_back, submission.id, remark="Name the step as staff do")
    office.do(
        "li.na",
        drafts.save,
        submission.draft_id,
        {("bpmn", "approval.bpmn"): changed("Check")},
        revision=submission.revision,
    )
    again = office.do("li.na", submissions.submit, submission.draft_id, note="as staff say", revision=3)
    assert approve(office, again).version == 2
    with office.app.database.begin() as session:
        states = session.execute(select(Submission.state).order_by(Submission.id)).scalars().all()
    assert states == ["returned", "approved"]


def test_what_cannot_be_deployed_or_changes_nothing_is_not_submitted(owner_and_others):
    office = owner_and_others
    begun = office.do("li.na", drafts.open_, "approval")
    with pytest.raises(submissions.NothingToSubmit):
        office.do("li.na", submissions.submit, begun.id, note="nothing", revision=1)
    broken = DIAGRAM.replace(b"tests.echo", b"tests.unknown")
    made = office.do("li.na", drafts.save, begun.id, {("bpmn", "approval.bpmn"): broken}, revision=1)
    with pytest.raises(InvalidDeployment):
        office.do("li.na", submissions.submit, made.id, note="broken", revision=2)
    with pytest.raises(Stale):
        office.do("li.na", submissions.submit, made.id, note="an older one", revision=1)


def test_failing_scenarios_keep_a_draft_back_unless_the_administrator_says_otherwise(owner_and_others):
    office = owner_and_others
    submission = submit(office)
    with pytest.raises(submissions.ScenariosNotPassed):
        approve(office, submission, despite_scenarios=False)
    with office.app.database.begin() as session:
        run = session.execute(select(ScenarioRun)).scalar_one()
        run.state, run.total, run.done = "done", 1, 1
        run.results = [{"process": "approval", "name": "approved", "failure": "step 1: not so"}]
    with pytest.raises(submissions.ScenariosNotPassed, match="1 of 1"):
        approve(office, submission, despite_scenarios=False)
    assert approve(office, submission, despite_scenarios=True).version == 2


def plan_of(office):
    with office.app.database.begin() as session:
        return session.execute(select(PlannedStart)).scalar_one_or_none()


def test_a_version_approved_for_monday_begins_on_monday(owner_and_others, clock):
    office = owner_and_others
    monday = clock.now() + timedelta(days=7)
    approve(office, submit(office), at=monday)
    plan = plan_of(office)
    office.start("approval", case="BEFORE")
    perform(office.app.commands, "planned_start", plan.id)  # too early: it waits on
    assert current(office) == 1
    clock.advance(timedelta(days=7))
    perform(office.app.commands, "planned_start", plan.id)
    perform(office.app.commands, "planned_start", plan.id)
    office.start("approval", case="AFTER")
    assert (office.task("review", "BEFORE").name, office.task("review", "AFTER").name) == (
        "Review",
        "Look closely",
    )
    assert recorded(office, "ProcessStartPlanned", "ProcessStartReached") == [
        ("ProcessStartPlanned", "admin"),
        ("ProcessStartReached", "system"),
    ]


def test_a_planned_start_is_called_off_by_hand_or_by_a_later_version(owner_and_others, clock):
    office = owner_and_others
    monday = clock.now() + timedelta(days=7)
    approve(office, submit(office, "Second"), at=monday)
    plan = plan_of(office)
    office.do("admin", releases.call_off, plan.id)
    with pytest.raises(Stale):
        office.do("admin", releases.call_off, plan.id)
    approve(office, submit(office, "Third"), at=monday)
    approve(office, submit(office, "Fourth"))
    assert plan_of(office) is None
    clock.advance(timedelta(days=8))
    perform(office.app.commands, "planned_start", plan.id)
    assert current(office) == 4


def test_a_start_lies_ahead_and_the_same_content_again_only_moves_it(owner_and_others, clock):
    office = owner_and_others
    submission = submit(office)
    with pytest.raises(releases.StartInThePast):
        approve(office, submission, at=clock.now())
    monday = clock.now() + timedelta(days=7)
    first = approve(office, submission, at=monday)
    bundle = Bundle(process_key="approval", files={("bpmn", "approval.bpmn"): changed("Look closely")})
    again, new = office.do("admin", deployments.deploy, bundle, at=monday + timedelta(days=1))
    assert (again.id, new) == (first.id, False)
    assert plan_of(office).at == monday + timedelta(days=1)
    again, new = office.do("admin", deployments.deploy, bundle)
    assert (again.id, new, current(office), plan_of(office)) == (first.id, False, 2, None)


def test_a_retired_procedure_starts_no_case_and_running_ones_finish(owner_and_others):
    office = owner_and_others
    office.start("approval", case="RUNNING")
    with pytest.raises(releases.ReasonNeeded):
        office.do("admin", releases.retire, "approval", reason="")
    office.do("admin", releases.retire, "approval", reason="Use the new procedure.")
    with pytest.raises(ProcedureRetired, match=r"Use the new procedure\."):
        office.start("approval", case="LATE")
    office.do("wang.fang", user_tasks.complete, office.task("review", "RUNNING").id, {})
    assert office.open_tasks() == ["approve"]
    office.do("admin", releases.bring_back, "approval")
    office.start("approval", case="AGAIN")
    assert recorded(office, "ProcedureRetired", "ProcedureBroughtBack") == [
        ("ProcedureRetired", "admin"),
        ("ProcedureBroughtBack", "admin"),
    ]


def test_what_others_call_is_not_retired_before_they_are_changed(office):
    office.deploy("approval")
    office.deploy("caller")
    with pytest.raises(releases.StillCalled):
        office.do("admin", releases.retire, "approval", reason="gone")


def test_planned_starts_are_worked_by_the_clock_not_at_once(owner_and_others, clock):
    queue: HandQueue = owner_and_others.queue
    approve(owner_and_others, submit(owner_and_others), at=clock.now() + timedelta(hours=1))
    assert [work.kind for work in queue.work] == ["scenarios"]
