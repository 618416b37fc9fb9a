"""An auditor finds cases by anything that is or ever was in them."""

import csv
import io

import pytest
from sqlalchemy import text

from engine.runtime import user_tasks
from tests.web import goods
from web.lists import Sort
from web.queries import audit as rows


@pytest.fixture
def case(office) -> str:
    """A case about two chairs; its review is done and it waits to be confirmed."""
    goods.furnish(office, customer={"name": "王小明"})
    number = goods.case(office)
    office.do("gao.yuan", user_tasks.complete, office.task("review", number).id, {"verdict": {"score": 7.5}})
    return number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("element=review&at=passed", True),
        ("element=review", True),
        ("element=review&at=waits", False),
        ("element=confirm&at=waits", True),
        ("element=confirm&at=passed", False),
        ("element=over", False),
        ("role=operations", True),
        ("role=finance", False),
        ("variable=request.lines[].quantity&value=2", True),
        ("variable=request.lines[].quantity&value=3", False),
        ("variable=request.reason&value=quality", True),
        ("variable=reason&value=quality", False),
        ("variable=verdict.score&value=7.5", True),
        ('variable=a"b[].c.&value=%00x', False),
        ("variable=wish&value=money back&person=gao.yuan", True),
        ("variable=wish&value=money back&person=xu.dan", False),
        ("closed_from=2026-01-01", False),
        ("procedure=request&version=999999999999999", False),
        ("procedure=request&version=nonsense", True),
        ("least=1000000", False),
        ("serial=NONE", False),
    ],
)
def test_a_case_is_found_by_what_happened_in_it(browser, office, case, query, found):
    page = browser("shen.ke").get(f"/audit?{query}")
    assert page.status_code == 200
    assert (case in page.text) == found


def test_amount_and_version_narrow_and_elements_are_offered_by_name(browser, office, case):
    with office.app.database.begin() as session:
        session.execute(text("UPDATE aftersales_case SET amount_asked = 200"))
        version = session.execute(text("SELECT definition_id FROM aftersales_case")).scalar_one()
    auditor = browser("shen.ke")
    assert case in auditor.get("/audit?least=200&most=200").text
    assert case not in auditor.get("/audit?least=200.01").text
    page = auditor.get(f"/audit?procedure=request&version={version}").text
    assert case in page
    assert '<option value="confirm">Confirm by phone</option>' in page


def test_a_search_is_saved_and_shared_like_any_filter(browser, office, case):
    auditor = browser("shen.ke")
    saved = auditor.post(
        "/filters/audit",
        {"name": "Waiting calls", "share": "", "back": "/audit?element=confirm&at=waits"},
        follow_redirects=True,
    )
    assert "Waiting calls" in saved.text and case in saved.text
    assert 'href="/audit?element=confirm&amp;at=waits"' in auditor.get("/audit").text
    assert browser("zhou.min").post("/filters/audit", {"name": "x", "back": "/audit"}).status_code == 403


def test_what_was_found_comes_as_a_file(browser, office, case):
    other = goods.case(office, quantity=1)
    file = browser("shen.ke").get("/audit.csv?element=review&at=passed")
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["Case"], row["Customer"], row["Order"], row["Version"]) == (case, "王小明", "SO-1", "1")
    assert int(row["Events"]) > 3
    everything = browser("shen.ke").get("/audit.csv").text
    assert case in everything and other in everything
    assert browser("shen.ke").get("/audit.pdf").status_code == 404
    assert browser("zhou.min").get("/audit.csv").status_code == 403


def test_no_search_goes_through_the_history(office, case):
    """What PostgreSQL would do were the history large: every filter has an index."""
    filters = [
        {"person": "gao.yuan"},
        {"element": "review", "at": "passed"},
        {"element": "review"},
        {"variable": "request.reason", "value": "quality"},
        {"role": "operations"},
        {"procedure": "request", "least": "1", "most": "9", "closed_from": "2026-01-01"},
    ]
    for each in filters:
        with office.app.commands.begin(office.actor("shen.ke")) as ctx:
            ctx.session.execute(text("SET LOCAL enable_seqscan = off"))
            query = rows.whole(ctx, rows.Filter(**each), Sort("applied", True))
            connection = ctx.session.connection()
            sql = query.compile(dialect=connection.dialect)
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", sql.params).scalars())
            assert "Seq Scan on history_event" not in plan, (each, plan)
