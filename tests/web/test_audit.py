"""The auditor's pages."""

import pytest
from sqlalchemy import text

from tests.web import goods
from tests.wire import count_statements


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=AS-2026", True),
        ("q=999", False),
        ("customer=小明", True),
        ("customer=1380000", True),
        ("customer=nobody", False),
        ("order=SO-1", True),
        ("order=SO-2", False),
        ("person=zhou.min", True),
        ("person=xu.dan", False),
        ("procedure=request", True),
        ("state=registered", True),
        ("state=closed", False),
        ("applied_from=2026-11-02&applied_to=2026-11-02", True),
        ("applied_from=2026-11-03", False),
        ("sort=number", True),
    ],
)
def test_cases_are_found_by_anything_about_them(browser, office, query, found):
    goods.furnish(office, customer={"name": "王小明"})
    case = goods.case(office)
    assert (case in browser("shen.ke").get(f"/audit?{query}").text) == found


def test_every_event_of_a_case_can_be_read(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    page = browser("shen.ke").get(f"/audit/{case}").text
    for said in (
        "ProcessInstanceStarted",
        "UserTaskCreated",
        "Zhou Min",
        "Review the request",
        "variables.wish",
    ):
        assert said in page, said
    only = browser("shen.ke").get(f"/audit/{case}?kind=UserTaskCreated").text
    assert "<code>UserTaskCreated</code>" in only and "<code>ProcessInstanceStarted</code>" not in only


def test_an_untouched_history_is_proven(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    auditor = browser("shen.ke")
    assert "Proven" in auditor.post(f"/audit/{case}").text
    assert "Proven" in auditor.post("/audit/proof").text
    assert "Proven" not in auditor.get("/audit/proof").text


def test_a_changed_event_is_named(browser, office):
    goods.furnish(office)
    case, other = goods.case(office), goods.case(office)
    with office.app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("UPDATE history_event SET actor = 'li.na' WHERE business_key = :case AND seq = 1"),
            {"case": case},
        )
    auditor = browser("shen.ke")
    assert "The history was changed in 1 place." in auditor.post(f"/audit/{case}").text
    assert "Proven" in auditor.post(f"/audit/{other}").text
    whole = auditor.post("/audit/proof").text
    assert f'href="/audit/{case}"' in whole and "event 1 of history" in whole


def test_the_pages_are_for_auditors(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    gao = browser("gao.yuan")
    for address in ("/audit", f"/audit/{case}", "/audit/proof"):
        assert gao.get(address).status_code == 403
    assert gao.post("/audit/proof").status_code == 403


def test_a_case_that_does_not_exist_is_a_page_that_says_so(browser, office):
    assert browser("shen.ke").get("/audit/AS-1999-000001").status_code == 404
    assert browser("shen.ke").post("/audit/AS-1999-000001").status_code == 404


@pytest.mark.parametrize(("address", "most"), [("/audit", 5), ("/audit/{case}", 6)])
def test_a_page_costs_the_same_few_statements_however_long_it_is(browser, office, address, most):
    goods.furnish(office)
    case = goods.case(office)
    auditor = browser("shen.ke")
    address = address.format(case=case)
    auditor.get(address)
    statements = count_statements()
    auditor.get(address)
    few = len(statements)
    for _ in range(4):
        goods.case(office)
    statements.clear()
    auditor.get(address)
    assert len(statements) == few <= most, "\n\n".join(statements)


def test_an_auditor_exports_histories_for_process_mining(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    auditor = browser("shen.ke")
    page = auditor.get("/audit/export").text
    for file_format, suffix in (("xes", "xes"), ("ocel", "jsonocel"), ("csv", "csv")):
        assert f'formaction="/audit/export/{file_format}"' in page
        answer = auditor.get(f"/audit/export/{file_format}?procedure=request&applied_from=2026-11-02")
        assert case in answer.text
        assert f".{suffix}" in answer.headers["content-disposition"]
        assert case not in auditor.get(f"/audit/export/{file_format}?applied_from=2026-11-03").text
    assert auditor.get("/audit/export/doc").status_code == 404


def test_only_who_may_audit_exports(browser, office):
    assert browser("li.na").get("/audit/export/csv").status_code == 403
