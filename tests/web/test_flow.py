"""How work flows: times of steps against their deadlines, what is done again, the ways cases go."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.runtime import deployments, user_tasks
from engine.runtime.bundles import Bundle
from tests.web import goods
from tests.web.test_moves import files

FILLED = {"remark": "fine", "decision": "approve"}


@pytest.fixture
def flowing(office, clock):
    """Three requests: taken after 1, 2 and 6 hours and worked on for an hour each, one more not taken yet."""
    goods.furnish(office)
    for hours in (1, 2, 6):
        case = goods.case(office)
        task = office.task("review", case)
        clock.advance(timedelta(hours=hours))
        office.do("gao.yuan", user_tasks.claim, task.id)
        clock.advance(timedelta(hours=1))
        office.do("gao.yuan", user_tasks.complete, task.id, FILLED)
    goods.case(office)
    return office


def test_a_step_shows_how_long_it_waited_and_took(flowing, browser):
    page = browser("shen.ke").get("/insights/flow?procedure=request").text
    done, open_, waited, worked, together, *_ = _review(page)
    assert (done, open_) == ("3", "1")
    assert (waited, worked, together) == ("2 h", "1 h", "3 h")
    assert "review:3_h" in re.search('data-lasting="(.*?)"', page)[1].split()


@pytest.mark.parametrize(
    ("hours", "level", "said"),
    [(8, 1, "within half"), (4, 2, "within the"), (2, 3, "longer"), (1, 4, "twice")],
)
def test_the_heat_is_the_time_against_the_deadline(flowing, browser, hours, level, said):
    """The median is three hours."""
    _execute(flowing, "UPDATE user_task SET due_at = created_at + :hours * interval '1 h'", hours=hours)
    page = browser("shen.ke").get("/insights/flow?procedure=request").text
    assert f"review:{level}" in re.search('data-heat="(.*?)"', page)[1].split()
    *_, result, late, _again = _review(page)
    assert said in result
    passed = _one(flowing, "SELECT count(*) FROM user_task WHERE element_id = 'review' AND ended_at > due_at")
    assert late == f"{passed} of 3"


def _end_after_five_hours(office):
    """All that was reviewed and runs still."""
    _execute(
        office,
        "UPDATE process_instance SET state = 'completed', ended_at = started_at + interval '5 h' WHERE id IN"
        " (SELECT instance_id FROM user_task WHERE state = 'completed')",
    )


def test_ways_are_counted_and_named_by_their_steps(flowing, browser):
    _end_after_five_hours(flowing)
    (way,) = _rows(browser("shen.ke").get("/insights/flow?procedure=request").text, "ways")
    assert (way[0], way[2:]) == ("Review the request", ["3", "100 %", "5 h"])


def test_what_is_done_again_in_a_case_is_counted(flowing, browser):
    _execute(
        flowing,
        "INSERT INTO user_task (instance_id, root_id, definition_id, process_key, business_key, activity_id, element_id,"
        " name, state, candidate_groups, candidate_users, four_eyes, not_involved_in, properties, priority, turn,"
        " created_at, ended_at, completed_by) SELECT instance_id, root_id, definition_id, process_key, business_key,"
        " 9000, element_id, name, state, '{}', '{}', '{}', '{}', '{}', 50, 0, ended_at, ended_at, completed_by"
        " FROM user_task WHERE state = 'completed' ORDER BY id LIMIT 1",
    )
    assert _review(browser("shen.ke").get("/insights/flow?procedure=request").text)[-1] == "1 of 4"


def test_where_cases_of_a_version_differ_from_the_one_before_is_counted(flowing, browser, clock):
    flowing.do("admin", deployments.deploy, Bundle(process_key="request", files=files(review="look")))
    shen, address = browser("shen.ke"), "/insights/flow?procedure=request"
    assert "choose a longer time" in shen.get(address).text
    case = goods.case(flowing)
    clock.advance(timedelta(hours=9))
    flowing.do("gao.yuan", user_tasks.complete, flowing.task("look", case).id, FILLED)
    _end_after_five_hours(flowing)
    page = shen.get(address).text
    versions, steps = _tables(page, "versions")
    assert versions == [["version 2", "1", "0 %", "5 h", "1.0"], ["version 1", "3", "0 %", "5 h", "1.0"]]
    assert steps == [
        ["Review the request", "100 %", "0 %", "+100.0"],
        ["Review the request", "0 %", "100 %", "-100.0"],
    ]
    plain = (
        "SELECT count(DISTINCT i.id) FROM process_instance i JOIN user_task t ON t.instance_id = i.id"
        " JOIN process_definition d ON d.id = i.definition_id WHERE d.version = {v} AND i.ended_at IS NOT NULL"
        " AND t.state = 'completed' AND t.element_id = '{step}'"
    )
    assert [_one(flowing, plain.format(v=v, step=step)) for v, step in ((2, "look"), (1, "review"))] == [1, 3]
    assert "Where cases differ" not in shen.get(f"{address}&version=1").text


def test_a_time_without_work_and_an_unknown_procedure_are_told(flowing, browser):
    assert "No step came up" in browser("shen.ke").get("/insights/flow?procedure=request&period=2026-01").text
    assert browser("shen.ke").get("/insights/flow?procedure=nothing").status_code == 404
    assert browser("shen.ke").get("/insights/flow").status_code == 200
    assert browser("li.na").get("/insights/flow").status_code == 403


def _review(page):
    """What is said of the step "Review the request"."""
    return next(row[1:] for row in _rows(page, "bottlenecks") if row[0] == "Review the request")


def _rows(page, key):
    """Rows of a section's one table."""
    (table,) = _tables(page, key)
    return table


def _tables(page, key):
    section = re.search(rf'<section class="panel measure-table" id="{key}">(.*?)</section>', page, re.S)[1]
    return [
        [
            [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
        ]
        for body in re.findall(r"<tbody>(.*?)</tbody>", section, re.S)
    ]


def _execute(office, statement, **values):
    with office.app.database.begin() as session:
        session.execute(text(statement), values)


def _one(office, statement):
    with office.app.database.begin() as session:
        return session.execute(text(statement)).scalar_one()
