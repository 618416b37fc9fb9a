"""What the web refuses, and how it says so."""

import pytest

from web.security import FORM_OCTETS


def test_every_answer_carries_the_headers(browser, stranger):
    for answer in (browser("zhou.min").get("/inbox"), stranger.get("/sign-in"), stranger.get("/nowhere")):
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_page_has_inline_scripts_styles_or_handlers(browser, office):
    office.case()
    wang = browser("wang.fang")
    for path in ("/inbox?tab=groups", f"/user-tasks/{office.task('review').id}", "/start", "/preferences"):
        page = wang.get(path).text
        assert (
            " style=" not in page and "<style" not in page and " onclick=" not in page and "hx-on" not in page
        )
        assert page.count("<script") == page.count('<script type="module" src="/static/')


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_form_from_another_site_changes_nothing(browser, headers):
    zhou = browser("zhou.min")
    answer = zhou.post("/preferences", {"language": "zh"}, headers=headers)
    assert answer.status_code == 403
    assert "did not come from a page of this session" in answer.text
    assert 'lang="en"' in zhou.get("/preferences").text


def test_a_form_with_another_origin_is_refused_where_the_browser_sends_no_fetch_metadata(browser):
    zhou = browser("zhou.min")
    zhou.headers = {"Origin": "http://evil.example"}
    assert zhou.post("/preferences", {"language": "zh"}).status_code == 403


def test_a_form_without_the_sessions_token_is_refused(browser):
    assert browser("zhou.min").post("/preferences", {"language": "zh"}, token=False).status_code == 403


def test_too_much_is_refused_with_a_sentence(browser):
    answer = browser("zhou.min").post("/preferences", {"language": "x" * (FORM_OCTETS + 1)})
    assert answer.status_code == 413
    assert "larger than 2.0 MB" in answer.text


def test_an_unknown_address_says_so_in_the_persons_language(browser):
    answer = browser("li.na").get("/nowhere")
    assert answer.status_code == 404
    assert "此地址没有页面" in answer.text


def test_an_address_with_a_mangled_number_is_unknown(browser):
    assert browser("zhou.min").get("/user-tasks/abc").status_code == 404
    assert browser("zhou.min").get("/user-tasks/999999").status_code == 404


def test_a_place_of_another_role_is_refused(browser):
    answer = browser("shen.ke").get("/inbox")
    assert answer.status_code == 403
    assert "Your roles do not include this page" in answer.text


def test_a_refusal_for_htmx_goes_to_the_region_for_answers(browser, office):
    office.case()
    answer = browser("tech").htmx(f"/user-tasks/{office.task('review').id}/claim", {})
    assert answer.status_code == 403
    assert answer.headers["hx-retarget"] == "#answers"
    assert "After-sales operations" in answer.text and "<html" not in answer.text
