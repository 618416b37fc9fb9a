"""Procedures kept in git: the same rules as in the browser, answered in JSON."""

import io
import zipfile

from tests.web.conftest import DIAGRAMS
from tests.web.test_studio import drawn, save, waits

API = "/api/deployments"


def zipped(old="", new=""):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (DIAGRAMS / "request").iterdir():
            folder = {".bpmn": "bpmn", ".form": "forms", ".json": "translations"}[path.suffix]
            archive.writestr(f"processes/{folder}/{path.name}", path.read_text().replace(old, new))
        archive.writestr("README.md", "left out")
    return {"file": ("processes.zip", packed.getvalue(), "application/zip")}


def test_what_is_unchanged_makes_nothing(browser):
    answer = browser("qian.yu").post(API, {"note": "again"}, files=zipped())
    assert answer.json() == [{"process": "request", "state": "unchanged"}]


def test_a_change_from_git_is_submitted_and_somebody_else_approves_it(browser):
    admin = browser("admin")
    answer = admin.post(API, {"note": "from git"}, files=zipped("Review the request", "Look"))
    assert answer.json()[0]["state"] == "submitted"
    path = waits(admin)
    assert answer.json()[0]["page"] == path
    assert admin.post(f"{path}/approve", {"despite": "1"}).status_code == 409


def test_what_cannot_be_deployed_is_refused_with_its_problems_and_leaves_no_draft(browser):
    owner = browser("qian.yu")
    refused = owner.post(API, {"note": "x"}, files=zipped('formId="request_review"', 'formId="nowhere"'))
    assert refused.status_code == 422
    assert any("nowhere" in each["message"] for each in refused.json()["problems"])
    assert "Draft by" not in owner.get("/studio").text


def test_the_draft_of_somebody_else_is_not_written_over(browser):
    owner = browser("qian.yu")
    save(owner, drawn(owner, "Review the request", "Mine"))
    refused = browser("admin").post(API, {"note": "x"}, files=zipped("Review the request", "Theirs"))
    assert refused.status_code == 409
    assert "is being drafted by Qian Yu" in refused.json()["detail"]


def test_strangers_other_roles_and_what_is_no_zip_are_answered_in_json(browser, stranger):
    assert stranger.post(API, data={"note": "x"}).status_code == 401
    assert browser("zhou.min").post(API, {"note": "x"}).json()["status"] == 403
    broken = browser("qian.yu").post(API, {"note": "x"}, files={"file": ("a.zip", b"no", "application/zip")})
    assert "not a ZIP file" in broken.json()["detail"]
