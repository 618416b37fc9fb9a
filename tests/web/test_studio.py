"""The studio and the administrator's deployments: who may do what, and what a save or a deployment refuses."""

import re

import orjson
import pytest

STUDIO = "/studio/request"
DIAGRAM = f"{STUDIO}/files/bpmn/request.bpmn"


def seen(browser, path=f"{STUDIO}/edit/bpmn/request.bpmn"):
    return re.search(r'(?:data-seen|name="seen" value)="([^"]+)"', browser.get(path).text)[1]


def drawn(browser, old="", new=""):
    text = browser.get(DIAGRAM).text
    assert old in text
    return text.replace(old, new)


def save(browser, content, at=None):
    return browser.post(DIAGRAM, {"content": content, "seen": at or seen(browser)})


def submit(owner, note="clearer"):
    return owner.post(f"{STUDIO}/submit", {"seen": seen(owner, STUDIO), "note": note})


def deploy(owner, admin, note="clearer", **sent):
    """The owner submits, the administrator approves."""
    submit(owner, note)
    return approve(admin, **sent)


def approve(admin, **sent):
    return admin.post(f"{waits(admin)}/approve", {"despite": "1", **sent})


def waits(admin):
    return re.search(
        r'href="(/operate/deployments/submissions/\d+)"', admin.get("/operate/deployments").text
    )[1]


@pytest.mark.parametrize("path", ["/studio", STUDIO, f"{STUDIO}/edit/bpmn/request.bpmn"])
def test_the_studio_is_for_process_owners_and_administrators(browser, path):
    assert browser("qian.yu").get(path).status_code == 200
    assert browser("admin").get(path).status_code == 200
    assert browser("zhou.min").get(path).status_code == 403


def test_a_process_owner_may_draft_and_not_deploy(browser):
    owner = browser("qian.yu")
    assert save(owner, drawn(owner, "Review the request", "Look at the request")).status_code == 200
    assert owner.get("/operate/deployments").status_code == 403
    submit(owner)
    path = waits(browser("admin"))
    assert owner.post(f"{path}/approve", {"despite": "1"}).status_code == 403


@pytest.mark.parametrize("tab", ["", "/rules", "/forms", "/words", "/versions"])
def test_every_tab_reads_with_and_without_a_draft(browser, tab):
    owner = browser("qian.yu")
    assert "Version 1 is live" in owner.get(STUDIO + tab).text
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    page = owner.get(STUDIO + tab)
    assert page.status_code == 200
    assert "1 file differs from version 1" in page.text


def test_the_first_save_begins_the_draft_and_the_card_says_whose_it_is(browser):
    owner = browser("qian.yu")
    assert "Draft by" not in owner.get("/studio").text
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    assert "Draft by Qian Yu" in owner.get("/studio").text


def test_two_owners_cannot_overwrite_each_other_unknowingly(browser):
    owner, admin = browser("qian.yu"), browser("admin")
    both_saw = seen(owner)
    assert save(admin, drawn(admin, "Review the request", "Theirs"), both_saw).status_code == 200
    refused = save(owner, drawn(owner, "Theirs", "Mine"), both_saw)
    assert refused.status_code == 409
    assert "Admin saved this draft at" in refused.text
    assert "Theirs" in owner.get(DIAGRAM).text


def test_a_save_made_from_an_older_version_is_refused(browser):
    owner, admin = browser("qian.yu"), browser("admin")
    before = seen(owner)
    save(owner, drawn(owner, "Review the request", "Theirs"))
    deploy(owner, admin)
    assert save(owner, drawn(owner, "Theirs", "Mine"), before).status_code == 409
    assert "Draft by" not in owner.get("/studio").text


def test_what_is_no_diagram_at_all_is_not_saved(browser):
    answer = save(browser("qian.yu"), "<bpmn:definitions")
    assert answer.status_code == 422
    assert "request.bpmn cannot be read" in answer.text


def test_problems_name_element_and_remedy_while_one_draws(browser):
    owner = browser("qian.yu")
    broken = drawn(owner, 'formId="request_review"', 'formId="nowhere"')
    problems = owner.post(f"{STUDIO}/check/bpmn/request.bpmn", {"content": broken}).text
    assert "“nowhere”" in problems
    assert "Draw the form, or pick one that exists." in problems
    assert 'data-element="review"' in problems
    mended = owner.post(f"{STUDIO}/check/bpmn/request.bpmn", {"content": drawn(owner)}).text
    assert 'data-errors="0"' in mended


def test_a_draft_with_errors_is_not_submitted_and_says_why(browser):
    owner = browser("qian.yu")
    save(owner, drawn(owner, 'formId="request_review"', 'formId="nowhere"'))
    refused = submit(owner)
    assert refused.status_code == 422
    assert "“nowhere”" in refused.text


def test_a_process_whose_id_was_changed_is_refused_in_words(browser):
    owner = browser("qian.yu")
    save(owner, drawn(owner, 'process id="request"', 'process id="wish"'))
    assert "no longer holds the process “request”" in submit(owner).text


def test_a_draft_is_submitted_only_as_it_was_seen(browser):
    owner = browser("qian.yu")
    save(owner, drawn(owner, "Review the request", "One"))
    old = seen(owner, STUDIO)
    save(owner, drawn(owner, "One", "Two"))
    assert owner.post(f"{STUDIO}/submit", {"seen": old, "note": "two"}).status_code == 409


def test_running_cases_stay_and_one_can_go_back(browser, office):
    admin = browser("admin")
    running = office.case()
    owner = browser("qian.yu")
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    assert "version 2 is live" in deploy(owner, admin, note="clearer words").text
    assert office.task("review", running).name == "Review the request"
    assert office.task("review", office.case()).name == "Look at the request"

    page = admin.get("/operate/deployments").text
    first = re.search(r"/operate/deployments/versions/(\d+)/current", page)[1]
    assert "start on version 1 now" in admin.post(f"/operate/deployments/versions/{first}/current").text
    assert office.task("review", office.case()).name == "Review the request"


def test_translations_are_edited_in_place(browser, office):
    owner = browser("qian.yu")
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    page = owner.get(f"{STUDIO}/words?show=missing").text
    assert "Look at the request" in page
    fields = {
        "seen": seen(owner, f"{STUDIO}/words"),
        "text": "Look at the request",
        "translation": "查看申请",
    }
    assert "The words are saved." in owner.post(f"{STUDIO}/words", fields).text
    assert "Look at the request" not in owner.get(f"{STUDIO}/words?show=missing").text
    deploy(owner, browser("admin"))
    office.case()
    assert "查看申请" in browser("wang.fang").get("/inbox?tab=groups").text


def test_a_new_form_begins_empty_and_an_odd_name_is_refused(browser):
    owner = browser("qian.yu")
    page = owner.post(f"{STUDIO}/new/form", {"id": "second_look"})
    assert page.status_code == 200
    assert orjson.loads(owner.get(f"{STUDIO}/files/form/second_look.form").content)["id"] == "second_look"
    assert "small letters" in owner.post(f"{STUDIO}/new/form", {"id": "../x"}).text


def test_a_form_is_previewed_as_staff_see_it(browser):
    owner = browser("qian.yu")
    form = owner.get(f"{STUDIO}/files/form/request_review.form").text
    preview = f"{STUDIO}/preview/request_review.form"
    english = owner.post(preview, {"content": form, "language": "en", "data": '{"wish": "a chair"}'}).text
    chinese = owner.post(preview, {"content": form, "language": "zh"}).text
    assert english != chinese
    assert '<div class="form"' in english
    assert "not a JSON object" in owner.post(preview, {"content": form, "data": "[1"}).text


def test_only_editors_may_set_style_attributes(browser):
    owner = browser("qian.yu")
    policy = owner.get(f"{STUDIO}/edit/bpmn/request.bpmn").headers["content-security-policy"]
    assert "style-src-attr 'unsafe-inline'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy
    assert "unsafe-inline" not in owner.get("/studio").headers["content-security-policy"]


def test_a_file_that_does_not_exist_is_not_found(browser):
    assert browser("qian.yu").get(f"{STUDIO}/edit/form/nothing.form").status_code == 404
    assert browser("qian.yu").get("/studio/nothing").status_code == 404


def begin(browser, **fields):
    page = {"begin": "empty", "name": "Loan", "registered_by": "customer_service", **fields}
    return browser.post("/studio/new", page)


def test_a_new_procedure_is_a_draft_without_a_live_version(browser):
    owner, admin = browser("qian.yu"), browser("admin")
    assert "/studio/loan/edit/bpmn/loan.bpmn" in begin(owner, name_zh="借用", roles=["warehouse"]).url.path
    for path in (
        "",
        "/rules",
        "/forms",
        "/words",
        "/versions",
        "/differences",
        "/effect",
        "/edit/bpmn/loan.bpmn",
    ):
        assert owner.get(f"/studio/loan{path}").status_code == 200
    assert "never live yet" in owner.get("/studio").text
    assert "Loan" not in admin.get("/operate/deployments").text
    diagram = owner.get("/studio/loan/files/bpmn/loan.bpmn").text
    assert diagram.index('name="Customer service"') < diagram.index('name="Warehouse"')


def test_a_new_procedure_needs_a_name_of_its_own(browser):
    owner = browser("qian.yu")
    assert "There is a procedure “request” already" in begin(owner, key="request").text
    assert "small letters, digits and underscores" in begin(owner, name="借用").text
    assert "Give the procedure a name." in begin(owner, name="").text
    assert "Choose who registers it" in begin(owner, registered_by="nobody").text


def test_a_copy_has_the_files_of_the_other_under_its_own_name(browser):
    owner = browser("qian.yu")
    begin(owner, begin="copy", source="request", name="Second request", key="second")
    diagram = owner.get("/studio/second/files/bpmn/second.bpmn").text
    assert 'process id="second"' in diagram and "Second request" in diagram
    assert "request_review" in owner.get("/studio/second/forms").text


def test_a_file_of_a_desktop_modeller_begins_a_procedure_of_its_process(browser):
    owner = browser("qian.yu")
    theirs = drawn(owner, 'process id="request"', 'process id="theirs"').replace(
        'processRef="request"', 'processRef="theirs"'
    )
    sent = {"file": ("theirs.bpmn", theirs.encode(), "application/xml")}
    answer = owner.post("/studio/new", {"begin": "file"}, files=sent)
    assert answer.url.path == "/studio/theirs/edit/bpmn/theirs.bpmn"
    assert "does not exist" in owner.get("/studio/theirs").text


def test_a_new_procedure_is_approved_by_somebody_who_did_not_begin_it(browser):
    owner, admin = browser("qian.yu"), browser("admin")
    begin(owner, begin="copy", source="request", name="Loan of a machine", key="loan")
    owner.post("/studio/loan/submit", {"seen": seen(owner, "/studio/loan"), "note": "for fairs"})
    assert "Loan of a machine" in admin.get("/operate/deployments").text
    page = admin.get(waits(admin)).text
    assert "A new procedure" in page and "Worked on by" in page and "Qian Yu" in page
    assert "Loan of a machine version 1 is live" in approve(admin).text
    assert "Version 1 is live" in owner.get("/studio/loan").text

    begin(admin, begin="copy", source="request", name="Loan of a table", key="table")
    admin.post("/studio/table/submit", {"seen": seen(admin, "/studio/table"), "note": "for fairs"})
    assert "another administrator has to approve it" in admin.get(waits(admin)).text
    assert approve(admin).status_code == 409


def test_an_editor_says_that_a_draft_waits_for_approval_and_saves_again_when_it_is_withdrawn(browser):
    owner, admin = browser("qian.yu"), browser("admin")
    save(owner, drawn(owner, "Review the request", "Look at the request"))
    at = seen(admin)
    submit(owner)
    refused = save(admin, drawn(admin, "Look at the request", "Mine"), at)
    assert refused.status_code == 409
    here = f"{STUDIO}/here/bpmn/request.bpmn"
    assert admin.post(here, {"seen": at}).json()["submitted"].startswith("Qian Yu submitted this draft")
    assert "Qian Yu submitted this draft" in admin.get(f"{STUDIO}/edit/bpmn/request.bpmn").text
    owner.post(f"{STUDIO}/withdraw", {})
    assert admin.post(here, {"seen": at}).json()["submitted"] == ""
    assert save(admin, drawn(admin, "Look at the request", "Mine"), at).status_code == 200


def test_discarding_a_new_procedure_takes_all_of_it(browser):
    owner = browser("qian.yu")
    begin(owner)
    assert "The draft is discarded." in owner.post("/studio/loan/discard", {}).text
    assert owner.get("/studio/loan").status_code == 404


def test_the_landscape_says_who_uses_whom(browser):
    assert 'href="/studio/request"' in browser("qian.yu").get("/studio/landscape").text
