"""The after-sales ledger."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from tests.web import goods
from tests.wire import count_statements
from web.lists import Sort


def rows(page: str) -> int:
    return page.count('class="open"')


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=SO-1", True),
        ("q=wobbles", True),
        ("q=nobody", False),
        ("type=request", True),
        ("type=other", False),
        ("state=registered", True),
        ("state=closed", False),
        ("stage=open", True),
        ("stage=closed", False),
        ("stage=overdue", False),
        ("channel=phone", True),
        ("channel=store", False),
        ("urgency=urgent", True),
        ("reason=quality", True),
        ("reason=no_reason", False),
        ("tier=standard", True),
        ("applied_from=2026-11-02&applied_to=2026-11-02", True),
        ("applied_from=2026-11-03", False),
        ("ordered_to=2026-10-01", False),
        ("reviewed_from=2026-01-01", False),
        ("least=1", False),
        ("mine=opened", False),
        ("applied_from=nonsense&least=much", True),
        ("sort=-customer", True),
        ("sort=nonsense&after=nonsense", True),
    ],
)
def test_the_ledger_is_narrowed_and_sorted_by_its_address(browser, office, query, found):
    goods.furnish(office)
    case = goods.case(office)
    assert (case in browser("gao.yuan").get(f"/cases?{query}").text) == found


def test_overdue_cases_are_found(browser, office, clock):
    goods.furnish(office)
    case = goods.case(office)
    clock.advance(timedelta(hours=3))
    assert case in browser("gao.yuan").get("/cases?stage=overdue").text


def test_each_person_chooses_orders_and_freezes_columns(browser, office):
    goods.furnish(office)
    goods.case(office)
    gao = browser("gao.yuan")
    assert ">Reached us by<" not in heads(gao.get("/cases").text)
    gao.post(
        "/cases/columns", {"column": ["state", "number", "channel"], "frozen": "2", "back": "/cases?q=SO"}
    )
    page = gao.get("/cases").text
    assert [
        page.index(f">{word}<", page.index("<thead")) for word in ("State", "Case", "Reached us by")
    ] == sorted(page.index(f">{word}<", page.index("<thead")) for word in ("State", "Case", "Reached us by"))
    assert "pin pin-1" in page and "pin pin-2" in page and "pin pin-3" not in page
    assert ">Amount<" not in heads(page)
    assert ">Amount<" in heads(browser("xu.dan").get("/cases").text)
    gao.post("/cases/columns", {"reset": "1", "back": "/cases"})
    assert ">Amount<" in heads(gao.get("/cases").text)


def heads(page: str) -> str:
    return page[page.index("<thead") : page.index("</thead>")]


def test_a_column_nobody_knows_is_left_out(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.post("/cases/columns", {"column": ["password", "number"], "frozen": "99", "back": "//evil"})
    assert gao.get("/cases").status_code == 200


def test_filters_are_saved_shared_and_removed(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.post("/filters/ledger", {"name": "Urgent", "share": "all", "back": "/cases?urgency=urgent"})
    gao.post("/filters/ledger", {"name": "Only mine", "back": "/cases?mine=opened"})
    assert "/cases?urgency=urgent" in gao.get("/cases").text
    colleague = browser("xu.dan").get("/cases").text
    assert "Urgent" in colleague and "Only mine" not in colleague
    browser("xu.dan").post("/filters/ledger/1/forget", {"back": "/cases"})
    assert ">Urgent " in gao.get("/cases").text
    gao.post("/filters/ledger/1/forget", {"back": "/cases"})
    assert ">Urgent " not in gao.get("/cases").text
    assert gao.post("/filters/ledger", {"name": " ", "back": "/cases"}).status_code == 409


def test_what_is_filtered_leaves_as_csv_with_the_columns_shown(browser, office):
    goods.furnish(office, customer={"name": "=HYPERLINK()"})
    case = goods.case(office)
    gao = browser("gao.yuan")
    gao.post("/cases/columns", {"column": ["number", "customer", "applied", "state"], "back": "/cases"})
    answer = gao.get("/cases.csv?q=SO-1")
    assert answer.headers["content-disposition"] == 'attachment; filename="cases-2026-11-02.csv"'
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert read == [
        ["Case", "Customer", "Applied", "State"],
        [case, "'=HYPERLINK()", "2026-11-02 10:00", "Registered"],
    ]
    assert len(gao.get("/cases.csv?q=nobody").text.splitlines()) == 1


def test_the_same_as_a_spreadsheet_in_ones_language(browser, office):
    goods.furnish(office)
    case = goods.case(office)
    answer = browser("wang.fang").get("/cases.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert case in sheet and "售后单" in sheet
    assert browser("wang.fang").get("/cases.exe").status_code == 404


def test_pages_follow_each_other_without_gaps_or_repeats(office):
    from web.queries import ledger

    goods.furnish(office)
    opened = [goods.case(office) for _ in range(7)]
    for sort in (
        Sort("applied", True),
        Sort("number"),
        Sort("amount"),
        Sort("reviewed", True),
        Sort("customer"),
    ):
        seen, after = [], None
        with office.app.commands.begin(office.actor("gao.yuan")) as ctx:
            while True:
                page = ledger.page(ctx, ledger.Filter(), sort, after=after, size=3)
                seen += [row.number for row in page.rows]
                after = page.next
                if after is None:
                    break
        assert sorted(seen) == opened, sort


def test_a_page_costs_the_same_few_statements_however_long_it_is(browser, office):
    goods.furnish(office)
    gao = browser("gao.yuan")
    gao.get("/cases")
    statements = count_statements()
    gao.get("/cases")
    few = len(statements)
    for _ in range(4):
        goods.case(office)
    statements.clear()
    gao.get("/cases")
    assert len(statements) == few <= 7, "\n\n".join(statements)


def test_an_empty_ledger_says_what_to_do(browser, office):
    assert "No cases yet" in browser("gao.yuan").get("/cases").text
    assert "Clear filters" in browser("gao.yuan").get("/cases?q=x").text
