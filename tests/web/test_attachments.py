"""Files are handed out to who may see the case they belong to."""

import io

from engine.aftersales import attachments, cases
from engine.runtime import identity
from tests.web.conftest import PASSWORD, PEOPLE

TEXT = b"what the customer wrote"


def attach(office, by, case=None):
    def put(ctx):
        case_id = cases.by_number(ctx, case).id if case else None
        return attachments.add(ctx, "letter.txt", io.BytesIO(TEXT), case_id=case_id).id

    return office.do(by, put)


def test_who_sees_the_case_sees_its_files(browser, office):
    number = attach(office, "zhou.min", office.case())
    for person in ("gao.yuan", "xu.dan", "shen.ke"):
        answer = browser(person).get(f"/attachments/{number}")
        assert (answer.status_code, answer.content) == (200, TEXT)
        assert "Cookie" in answer.headers["vary"], "a shared browser keeps it for one person only"


def test_who_may_not_open_cases_gets_no_file_of_one(app, browser, office, monkeypatch):
    case = office.case()
    number = attach(office, "zhou.min", case)
    with app.commands.begin() as ctx:
        identity.create_person(ctx, "guest", "Guest", roles=set(), password=PASSWORD)
    monkeypatch.setitem(PEOPLE, "guest", ("Guest", "", "en"))
    guest = browser("guest")
    assert guest.get(f"/cases/{case}").status_code == 403
    answer = guest.get(f"/attachments/{number}")
    assert answer.status_code == 403 and TEXT not in answer.content


def test_a_file_of_a_form_not_sent_yet_is_its_owners(browser, office):
    number = attach(office, "zhou.min")
    assert browser("zhou.min").get(f"/attachments/{number}").content == TEXT
    assert browser("gao.yuan").get(f"/attachments/{number}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(stranger, office):
    number = attach(office, "zhou.min", office.case())
    answer = stranger.get(f"/attachments/{number}", follow_redirects=False)
    assert answer.headers["location"].startswith("/sign-in")
