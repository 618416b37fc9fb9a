"""Who may be who."""

from datetime import timedelta

import pytest

from engine.runtime import identity, sign_ins


def test_a_complaint_officer_is_independent_of_after_sales(office):
    with pytest.raises(identity.RolesClash):
        office.do(
            "admin",
            identity.create_person,
            "both",
            "Both",
            roles=["complaint_officer", "technician"],
            password=None,
        )


def test_five_wrong_passwords_make_the_next_attempt_wait_and_the_right_one_works_afterwards(office, clock):
    office.do("admin", identity.create_person, "new", "New", roles=["finance"], password="right")
    for _ in range(sign_ins.PATIENCE):
        assert isinstance(office.do("admin", sign_ins.authenticate, "new", "wrong"), sign_ins.SignInRefused)
    assert isinstance(office.do("admin", sign_ins.authenticate, "new", "right"), sign_ins.SignInWait)
    clock.advance(timedelta(minutes=1))
    assert office.do("admin", sign_ins.authenticate, "new", "right").key == "new"


def test_a_new_password_ends_open_sessions(office):
    office.do("admin", identity.create_person, "new", "New", roles=["finance"], password="right")
    person = office.do("admin", sign_ins.authenticate, "new", "right")
    token = office.do("admin", identity.open_session, person, hours=1, address=None, user_agent=None)
    assert office.do("admin", identity.find_session, token).key == "new"
    office.do("admin", identity.set_password, "new", "other")
    assert office.do("admin", identity.find_session, token) is None


def test_a_session_ends_with_its_time(office, clock):
    office.do("admin", identity.create_person, "new", "New", roles=["finance"], password="right")
    person = office.do("admin", sign_ins.authenticate, "new", "right")
    token = office.do("admin", identity.open_session, person, hours=1, address=None, user_agent=None)
    clock.advance(timedelta(hours=1, seconds=1))
    assert office.do("admin", identity.find_session, token) is None
