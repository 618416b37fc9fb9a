"""The organisation in the browser: what it says is in force at once, what is refused says why, versions lead back."""

import re

import pytest

HOME = "/operate/organisation"
TABS = ("", "/absences", "/roles", "/rules", "/calendar", "/versions")


def form(page, action):
    """The fields of a form as the browser would send them."""
    body = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.S)[0]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", body):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', body):
        fields[name] = [text]
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', body, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = [chosen[1] if chosen else ""]
    return fields


def save(browser, path, action=None, **changed):
    fields = form(browser.get(path).text, action or path)
    return browser.post(action or path, {**fields, **changed})


@pytest.mark.parametrize("tab", TABS)
def test_the_organisation_is_for_administrators(browser, tab):
    assert browser("admin").get(HOME + tab).status_code == 200
    assert browser("qian.yu").get(HOME + tab).status_code == 403


def test_a_raised_limit_is_in_force_and_told_in_words(browser, office):
    admin = browser("admin")
    path = f"{HOME}/roles/after_sales_manager"
    assert "is saved and in force" in save(admin, path, compensation_limit="800", note="Busy season").text
    assert office.app.engine.organisation().compensation_limit(frozenset({"after_sales_manager"})) == 800
    page = admin.get(f"{HOME}/versions").text
    for text in ("Busy season", "May promise alone: 500 → 800", "What config/ said"):
        assert text in page, text


def test_a_role_that_a_step_needs_stays_and_the_step_is_named(browser):
    admin = browser("admin")
    refused = admin.post(f"{HOME}/roles/operations/remove")
    assert refused.status_code == 409
    assert "is named by the role “Complaint officer”" in refused.text
    refused = save(admin, f"{HOME}/roles/operations", name="Desk")
    assert refused.status_code == 409
    assert "Change the procedure first" in refused.text
    assert 'value="Desk"' in refused.text


def test_wrong_fields_are_named_and_what_was_typed_stays(browser):
    admin = browser("admin")
    answer = save(admin, f"{HOME}/roles/finance", compensation_limit="much", name_zh="")
    assert answer.status_code == 422
    for text in ("Write an amount such as 500", "lanes and pages show this name", 'value="much"'):
        assert text in answer.text
    answer = save(admin, f"{HOME}/rules", max_per_day="0", until="09:00")
    assert answer.status_code == 422
    assert "at least 1" in answer.text
    assert "the later one last" in answer.text
    answer = save(admin, f"{HOME}/calendar", monday="nine to five", country="XX", closing_days="christmas")
    for text in ("09:00-12:00, 13:00-18:00, or nothing", "No public holidays", "such as 2026-12-31"):
        assert text in answer.text
    assert "without overlap" in save(admin, f"{HOME}/calendar", monday="09:00-12:00, 11:00-18:00").text


def test_rules_and_calendar_are_saved_and_gone_back_from(browser, office):
    admin, house = browser("admin"), office.app.engine.organisation
    assert "saved and in force" in save(admin, f"{HOME}/rules", max_per_day="5").text
    assert "The calendar is saved" in save(admin, f"{HOME}/calendar", closing_days="2026-12-31").text
    admin.get(HOME)
    assert house().calling.max_per_day == 5
    assert [f"{day}" for day in house.calendar.closing_days] == ["2026-12-31"]
    assert "Closed days of our own: nothing → 31 Dec 2026" in admin.get(f"{HOME}/versions").text
    assert "again as version 1 had it" in admin.post(f"{HOME}/versions/1/go-back", {"note": "oops"}).text
    assert house().calling.max_per_day == 3
    assert not house.calendar.closing_days


def test_somebody_new_signs_in_with_the_password_shown_once(browser, stranger):
    admin = browser("admin")
    page = save(
        admin, f"{HOME}/people/new", f"{HOME}/people", key="ding.yi", name="Ding Yi", roles=["finance"]
    ).text
    password = re.search(r"data-password>([^<]+)<", page)[1]
    answer = stranger.post(
        "/sign-in", data={"key": "ding.yi", "password": password}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 200
    assert "Ding Yi" in answer.text
    assert "is new" in admin.get(f"{HOME}/versions").text
    again = save(admin, f"{HOME}/people/new", f"{HOME}/people", key="ding.yi", name="Another", roles=[])
    assert "There is somebody with the sign-in ding.yi already" in again.text


def test_roles_of_a_person_change_with_their_next_click(browser):
    admin, minister = browser("admin"), browser("zhou.min")
    assert minister.get("/finance").status_code == 403
    save(admin, f"{HOME}/people/zhou.min", roles=["finance"])
    assert minister.get("/finance").status_code == 200
    assert minister.get("/customers").status_code == 403


def test_the_last_administrator_stays_and_nothing_of_a_refused_change_remains(browser):
    admin = browser("admin")
    refused = save(admin, f"{HOME}/people/admin", roles=["finance"])
    assert refused.status_code == 409
    assert "nobody could administer" in refused.text
    assert admin.get(HOME).status_code == 200


def test_who_is_kept_out_is_signed_out(browser):
    admin, tech = browser("admin"), browser("tech")
    admin.post(f"{HOME}/people/tech/active", {"active": "0"})
    assert "sign-in" in str(tech.get("/inbox").url)
    assert "may sign in again" in admin.post(f"{HOME}/people/tech/active", {"active": "1"}).text


def test_a_substitute_sees_and_does_the_work_of_whoever_is_away(browser, office):
    admin, substitute = browser("admin"), browser("xu.dan")
    case = office.case()
    assert case not in substitute.get("/inbox?tab=groups").text
    for person in ("gao.yuan", "wang.fang"):
        fields = {"person": person, "substitute": "xu.dan", "begins": "2026-11-02", "ends": "2026-11-03"}
        assert "the substitute sees" in admin.post(f"{HOME}/absences", fields).text.lower()
    assert "away until 3 Nov 2026" in admin.get(HOME).text
    assert case in substitute.get("/inbox?tab=groups").text
    task = office.task("review", case)
    assert substitute.post(f"/user-tasks/{task.id}/claim").status_code == 200
    number = re.search(r"/absences/(\d+)/call-off", admin.get(f"{HOME}/absences").text)[1]
    assert "The absence is off" in admin.post(f"{HOME}/absences/{number}/call-off").text


def test_an_absence_that_says_too_little_or_helps_nobody_is_refused_in_words(browser):
    admin = browser("admin")
    fields = {"person": "gao.yuan", "substitute": "gao.yuan", "begins": "2026-11-02", "ends": "2026-11-03"}
    assert "cannot stand in for themselves" in admin.post(f"{HOME}/absences", fields).text
    assert "Say who is away" in admin.post(f"{HOME}/absences", {**fields, "begins": ""}).text


def test_two_administrators_do_not_overwrite_each_other(browser):
    admin = browser("admin")
    fields = form(admin.get(f"{HOME}/rules").text, f"{HOME}/rules")
    save(admin, f"{HOME}/roles/finance", compensation_limit="10")
    assert admin.post(f"{HOME}/rules", {**fields, "max_per_day": "9"}).status_code == 409


def test_a_skill_that_somebody_has_stays_on_the_list(browser):
    admin = browser("admin")
    save(admin, f"{HOME}/people/tech", skills=["furniture"], team="Repair team Jiangsu")
    refused = save(admin, f"{HOME}/rules", skills="appliance", teams="Repair team Zhejiang")
    assert refused.status_code == 409
    assert "is still said of Tech" in refused.text
