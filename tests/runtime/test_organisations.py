"""The organisation is changed while it works: in force at once, kept whole, gone back to; substitutes do the work."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from config import organisation as documents
from config.organisation import Role
from engine.bootstrap import application
from engine.runtime import (
    history,
    identity,
    organisations,
    people,
    role_use,
    roles,
    user_tasks,
)
from engine.runtime.people import Profile
from engine.runtime.refusals import FourEyesViolation, NotACandidate, Stale
from engine.store.tables import OrganisationVersion, Person
from tests.wire import count_statements

DAY = timedelta(days=1)


def role(office, key, **changed):
    present = office.app.engine.organisation().roles[key]
    return Role.model_validate({**present.model_dump(mode="json"), **changed})


def profile(name="Somebody", **fields):
    return Profile(
        **{"name": name, "email": None, "roles": (), "team": None, "skills": (), "areas": (), **fields}
    )


def limit(app):
    """What an after-sales manager may promise, as the next command of a process of its own sees it."""
    with app.commands.begin() as ctx:
        app.engine.organisation.seen(ctx.session, organisations.seen(ctx))
        return ctx.organisation.compensation_limit(frozenset({"after_sales_manager"}))


def signed_in(office, key):
    """Somebody as their next click finds them."""
    with office.app.commands.begin() as ctx:
        person = ctx.session.execute(select(Person).where(Person.key == key)).scalar_one()
        token = identity.open_session(ctx, person, hours=1, address=None, user_agent=None)
    with office.app.commands.begin() as ctx:
        found = identity.find_session(ctx, token)
        return identity.actor(found, found)


def test_a_raised_limit_is_in_force_in_every_process_with_the_next_command(office, settings):
    other = application(settings, database=office.app.database, clock=office.app.engine.clock)
    assert (limit(office.app), limit(other)) == (500, 500)
    raised = role(office, "after_sales_manager", compensation_limit="800")
    office.do("admin", roles.put, "after_sales_manager", raised, note="Busy season")
    assert (limit(office.app), limit(other)) == (800, 800)
    with office.app.database.begin() as session:
        notes = session.execute(select(OrganisationVersion.note, OrganisationVersion.created_by)).all()
        assert not list(history.verify(session, history.ORGANISATION))
    assert notes == [("", "system"), ("Busy season", "admin")]


def test_what_did_not_commit_is_never_in_force(office):
    raised = role(office, "after_sales_manager", compensation_limit="800")
    with pytest.raises(RuntimeError), office.app.commands.begin(office.actor("admin")) as ctx:
        roles.put(ctx, "after_sales_manager", raised)
        ctx.engine.organisation.seen(ctx.session, organisations.seen(ctx))
        raise RuntimeError
    assert limit(office.app) == 500


def test_looking_who_is_signed_in_tells_of_a_new_version_without_a_further_statement(office):
    signed_in(office, "admin")
    office.do(
        "admin", roles.put, "after_sales_manager", role(office, "after_sales_manager", compensation_limit="1")
    )
    counted = []
    for _ in range(2):
        with office.app.commands.begin() as ctx:
            person = ctx.session.execute(select(Person).where(Person.key == "admin")).scalar_one()
            token = identity.open_session(ctx, person, hours=1, address=None, user_agent=None)
        with office.app.commands.begin() as ctx:
            statements = count_statements()
            identity.find_session(ctx, token)
            counted.append(len(statements))
    assert counted == [2, 1]  # the new content is read once
    assert office.app.engine.organisation().compensation_limit(frozenset({"after_sales_manager"})) == Decimal(
        1
    )


def test_a_role_that_a_step_of_a_live_version_needs_neither_goes_nor_changes_its_name(office):
    office.deploy("approval")
    with pytest.raises(role_use.RoleInUse) as refused:
        office.do("admin", roles.remove, "finance")
    assert refused.value.params["step"] == "Approve"
    assert refused.value.params["role"] == "Finance"
    with pytest.raises(role_use.RoleInUse):
        office.do("admin", roles.put, "operations", role(office, "operations", name="Desk"))
    office.do("admin", roles.put, "operations", role(office, "operations", name_zh="运营部"))


def test_a_role_that_somebody_holds_or_another_role_names_stays(office):
    with pytest.raises(role_use.RoleHeld, match=r"xu\.dan"):
        office.do("admin", roles.remove, "finance")
    with pytest.raises(roles.RoleNamed):
        office.do("admin", roles.remove, "technician")
    office.do("admin", roles.remove, "store_manager")
    with pytest.raises(roles.RoleNameTaken):
        office.do("admin", roles.put, "treasury", Role(name="finance", name_zh="司库"))


def test_somebody_always_remains_to_administer(office):
    with pytest.raises(organisations.NobodyLeft):
        office.do("admin", people.change, "admin", profile("Admin", roles=["finance"]))
    with pytest.raises(organisations.NobodyLeft):
        office.do("admin", people.set_active, "admin", active=False)
    with pytest.raises(organisations.NobodyLeft):
        office.do("admin", roles.put, "administrator", role(office, "administrator", places=[]))


def test_two_administrators_cannot_overwrite_each_other_unknowingly(office):
    both_saw = office.do("admin", organisations.seen)
    office.do("admin", people.change, "li.na", profile("Li Na", roles=["finance"]), seen_id=both_saw)
    with pytest.raises(Stale):
        office.do("admin", people.change, "li.na", profile("Li Na", roles=[]), seen_id=both_saw)


def test_going_back_brings_back_roles_people_and_calendar(office):
    office.do("admin", people.change, "li.na", profile("Li Na", roles=["finance"], team="Shop"))
    office.do(
        "admin", roles.put, "after_sales_manager", role(office, "after_sales_manager", compensation_limit="9")
    )
    calendar = office.app.engine.calendar.model_copy(update={"closing_days": frozenset({date(2026, 12, 24)})})
    office.do("admin", organisations.change, calendar=calendar)
    office.do("admin", people.add, "new", profile("New", roles=["finance"]), password="long enough")
    office.do("admin", organisations.go_back, 1, note="as it was")
    assert limit(office.app) == 500
    assert office.app.engine.calendar.closing_days == frozenset()
    with office.app.database.begin() as session:
        li_na, new = (
            session.execute(select(Person).where(Person.key == key)).scalar_one() for key in ("li.na", "new")
        )
    assert (li_na.roles, li_na.team, new.active) == (["customer_service"], None, True)


def test_a_stored_version_reads_as_it_was_written_roles_in_their_order(office):
    before = documents.document(office.app.engine.organisation())
    office.do("admin", roles.put, "after_sales", role(office, "after_sales", name_zh="售后"))
    limit(office.app)
    after = documents.document(office.app.engine.organisation())
    assert list(after["roles"]) == list(before["roles"])
    after["roles"]["after_sales"] = before["roles"]["after_sales"]
    assert after == before


def today(clock):
    return clock.now().date()


def test_a_substitute_does_the_work_of_whoever_is_away_and_no_longer(office, clock):
    office.deploy("approval")
    office.start("approval")
    task = office.task("review")
    with pytest.raises(NotACandidate):
        office.do("zhao.lin", user_tasks.claim, task.id)
    office.do("wang.fang", user_tasks.claim, task.id)
    office.do(
        "admin",
        people.set_away,
        "wang.fang",
        substitute="zhao.lin",
        begins=today(clock),
        ends=today(clock) + 2 * DAY,
    )
    substitute = signed_in(office, "zhao.lin")
    assert substitute.stands_in_for == {"wang.fang"}
    assert substitute.roles == {"finance", "operations"}
    with office.app.commands.begin(substitute) as ctx:
        user_tasks.claim(ctx, task.id)
        user_tasks.complete(ctx, task.id, {"decision": "approve"})
    # What they did for another counts as theirs: four eyes stay four.
    office.work()
    with pytest.raises(FourEyesViolation), office.app.commands.begin(substitute) as ctx:
        user_tasks.complete(ctx, office.task("approve").id, {})
    clock.advance(3 * DAY)
    assert signed_in(office, "zhao.lin").roles == {"finance"}


def test_whoever_is_called_back_does_their_own_work_again(office, clock):
    office.deploy("approval")
    office.start("approval")
    absence = office.do(
        "admin", people.set_away, "wang.fang", substitute="li.na", begins=today(clock), ends=today(clock)
    )
    assert "operations" in signed_in(office, "li.na").roles
    office.do("admin", people.call_back, absence.id)
    assert signed_in(office, "li.na").roles == {"customer_service"}
    office.do("wang.fang", user_tasks.claim, office.task("review").id)
    with (
        pytest.raises(NotACandidate),
        office.app.commands.begin(signed_in(office, "li.na")) as ctx,
    ):
        user_tasks.complete(ctx, office.task("review").id, {})


def test_absences_that_help_nobody_are_refused(office, clock):
    day = today(clock)

    def away(person, substitute, begins=day, ends=day):
        return office.do("admin", people.set_away, person, substitute=substitute, begins=begins, ends=ends)

    with pytest.raises(people.OneselfAsSubstitute):
        away("li.na", "li.na")
    with pytest.raises(people.AbsenceBackwards):
        away("li.na", "xu.dan", begins=day, ends=day - DAY)
    away("xu.dan", "zhao.lin", begins=day, ends=day + 5 * DAY)
    with pytest.raises(people.SubstituteAway):
        away("li.na", "xu.dan", begins=day + 5 * DAY, ends=day + 9 * DAY)
    office.do("admin", people.add, "officer", profile(roles=["complaint_officer"]), password="long enough")
    office.do("admin", people.add, "coordinator", profile(roles=["after_sales"]), password="long enough")
    with pytest.raises(people.SubstituteClash):
        away("officer", "coordinator")
