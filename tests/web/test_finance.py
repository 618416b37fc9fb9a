"""The finance list."""

from decimal import Decimal

from sqlalchemy import update

from engine.aftersales.tables import AftersalesCase
from engine.store.tables import UserTask
from tests.web import goods
from tests.wire import count_statements


def approve(office, case: str, amount: str) -> None:
    with office.app.database.begin() as session:
        session.execute(
            update(AftersalesCase)
            .where(AftersalesCase.number == case)
            .values(amount_approved=Decimal(amount))
        )


def test_only_what_was_approved_is_listed_line_by_line(browser, office):
    goods.furnish(office)
    asked, approved = goods.case(office, quantity=1), goods.case(office, quantity=1)
    approve(office, approved, "95.00")
    page = browser("xu.dan").get("/finance").text
    assert approved in page and asked not in page
    assert "95.00" in page and "CHAIR-01" in page and "waiting" in page


def test_what_was_paid_says_so(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    approve(office, case, "100.00")
    goods.pay_back(office, case)
    xu = browser("xu.dan")
    assert case in xu.get("/finance?state=paid").text
    assert case not in xu.get("/finance?state=review").text


def test_an_amount_to_review_leads_to_its_step(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    task = office.task("review", case)
    finance = browser("xu.dan")
    with office.app.database.begin() as session:
        session.execute(update(UserTask).where(UserTask.id == task.id).values(candidate_groups=["finance"]))
    assert case not in finance.get("/finance").text  # no money is at stake yet
    approve(office, case, "95.00")
    page = finance.get("/finance?state=review").text
    assert case in page and f"/user-tasks/{task.id}" in page


def test_the_list_is_for_finance(browser, office):
    assert browser("gao.yuan").get("/finance").status_code == 403
    assert browser("gao.yuan").get("/finance.csv").status_code == 403


def test_it_leaves_as_a_file(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    approve(office, case, "95.00")
    text = browser("xu.dan").get("/finance.csv").content.decode("utf-8-sig")
    assert f"{case},Request,SO-1," in text and ",95.00," in text
    assert browser("xu.dan").get("/finance.xlsx").content.startswith(b"PK")


def test_a_page_costs_the_same_few_statements_however_long_it_is(browser, office):
    goods.furnish(office)
    approve(office, goods.case(office), "1.00")
    xu = browser("xu.dan")
    xu.get("/finance")
    statements = count_statements()
    xu.get("/finance")
    few = len(statements)
    for _ in range(4):
        approve(office, goods.case(office), "1.00")
    statements.clear()
    xu.get("/finance?least=0.5&approved_from=2026-01-01")
    assert len(statements) == few <= 5, "\n\n".join(statements)


def test_an_empty_list_says_why(browser, office):
    assert "Nothing to pay" in browser("xu.dan").get("/finance").text
