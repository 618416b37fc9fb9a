"""A case as it was: a moment of its past, with the diagram, the variables and the form of then."""

import re

from sqlalchemy import text

from tests.web import goods

FILLED = {"remark": "Fine by us", "decision": "approve"}


def reviewed(browser, office):
    """A case whose review Gao Yuan approved; it waits to be confirmed."""
    goods.furnish(office, customer={"name": "Wang Wei", "phone": "13800138000"})
    case = goods.case(office)
    browser("gao.yuan").post(f"/user-tasks/{office.task('review').id}/complete", FILLED)
    return case, office.task("review").instance_id


def marked(page, name):
    return re.search(rf'data-{name}="([^"]*)"', page)[1].split()


def test_sliding_moves_diagram_variables_and_form_together(browser, office):
    case, _ = reviewed(browser, office)
    auditor = browser("shen.ke")

    registered = auditor.get(f"/audit/{case}/as-it-was?n=1").text
    assert "1 of 2" in registered and "Zhou Min" in registered
    assert marked(registered, "active") == ["review"] and "asked" in marked(registered, "done")
    assert ", as Zhou Min filled it in" in registered and "money back" in registered
    assert "Fine by us" not in registered

    approved = auditor.get(f"/audit/{case}/as-it-was?n=2").text
    assert "2 of 2" in approved
    assert marked(approved, "active") == ["confirm"] and "review" in marked(approved, "done")
    assert "Review the request, as Gao Yuan filled it in" in approved
    assert "Wanted: money back" in approved and "Fine by us" in approved
    changed = approved[approved.index("Variables that changed") :]
    assert re.search(r">remark</th>.*there was none.*<ins>Fine by us</ins>", changed)
    assert ">wish</th>" not in changed, "it did not change"
    # Without a moment it is the last one.
    assert "2 of 2" in auditor.get(f"/audit/{case}/as-it-was").text


def test_a_moment_is_found_by_any_of_its_events_and_the_slider_asks_for_a_part(browser, office):
    case, stream = reviewed(browser, office)
    auditor = browser("shen.ke")
    assert f'href="/audit/{case}/as-it-was?at={stream}.1"' in auditor.get(f"/audit/{case}").text
    assert "1 of 2" in auditor.get(f"/audit/{case}/as-it-was?at={stream}.2").text
    part = auditor.htmx(f"/audit/{case}/as-it-was?n=2").text
    assert part.lstrip().startswith('<div class="moment"') and "2 of 2" in part
    assert auditor.get(f"/audit/{case}/as-it-was?at={stream}.99").status_code == 404
    assert auditor.get("/audit/AS-0000-1/as-it-was").status_code == 404


def test_the_variables_of_any_two_moments_are_compared(browser, office):
    case, _ = reviewed(browser, office)
    page = browser("shen.ke").get(f"/audit/{case}/as-it-was?n=2&since=0").text
    assert re.search(r">wish</th>.*there was none.*<ins>money back</ins>", page)
    assert re.search(r">request\.lines\[0\]\.quantity</th>.*<ins>2</ins>", page)


def test_a_step_that_waited_shows_the_form_it_would_have_opened(browser, office):
    case, _ = reviewed(browser, office)
    office_task = office.task("review").activity_id
    page = browser("shen.ke").get(f"/audit/{case}/as-it-was?n=1&form={office_task}").text
    assert "Review the request, as it waited" in page
    assert "Wanted: money back" in page and "Fine by us" not in page


def test_what_is_hidden_from_an_auditor_is_masked_here_too(browser, office):
    case, _ = reviewed(browser, office)
    page = browser("shen.ke").get(f"/audit/{case}/as-it-was?n=1&since=0").text
    assert "138****8000" in page and "13800138000" not in page


def test_where_replaying_gives_something_else_the_page_says_so_and_shows_what_still_replays(browser, office):
    case, stream = reviewed(browser, office)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text(
                "UPDATE history_event SET payload = replace(payload, 'Fine by us', 'Not at all')"
                " WHERE stream = :stream AND type = 'VariablesChanged'"
            ),
            {"stream": stream},
        )
    answer = browser("shen.ke").get(f"/audit/{case}/as-it-was?n=2")
    assert answer.status_code == 200
    assert "From here on replaying gives something else than was recorded." in answer.text
    assert "Not at all" in answer.text
    assert marked(answer.text, "active") == ["review"], "the last moment that replays"
