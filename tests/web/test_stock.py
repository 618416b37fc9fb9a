"""Stock movements and levels."""

import pytest

from tests.web import goods
from tests.wire import count_statements

WORLD = {
    "products": {"CHAIR-01": {"name": "Oak chair", "minimumStock": 6}},
    "stock": {"CHAIR-01": 5, "LAMP-01": 3},
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("q=oak", True),
        ("q=CHAIR", True),
        ("q=nothing", False),
        ("direction=in", True),
        ("direction=out", False),
        ("type=opening", True),
        ("type=return", False),
        ("warehouse=hangzhou", True),
        ("warehouse=service", False),
        ("at_from=2026-11-02&at_to=2026-11-02", True),
        ("at_to=2026-11-01", False),
        ("sort=goods", True),
        ("sort=-quantity", True),
    ],
)
def test_movements_are_narrowed_and_sorted_by_the_address(browser, office, query, found):
    goods.furnish(office, **WORLD)
    assert ("Oak chair" in browser("gao.yuan").get(f"/stock?{query}").text) == found


def test_what_is_below_its_minimum_is_marked(browser, office):
    goods.furnish(office, **WORLD)
    gao = browser("gao.yuan")
    assert gao.get("/stock/levels").text.count("below the minimum<") == 1
    short = gao.get("/stock/levels?level=short").text
    assert "Oak chair" in short and "LAMP-01" not in short
    assert "LAMP-01" in gao.get("/stock/levels?warehouse=hangzhou&q=lamp").text


def test_movements_leave_as_a_file(browser, office):
    goods.furnish(office, **WORLD)
    text = browser("gao.yuan").get("/stock.csv?q=oak").content.decode("utf-8-sig")
    assert "CHAIR-01,Oak chair,5" in text
    assert browser("gao.yuan").get("/stock.xlsx").content.startswith(b"PK")


def test_stock_is_for_those_who_work_with_it(browser, office):
    for address in ("/stock", "/stock/levels", "/stock.csv"):
        assert browser("xu.dan").get(address).status_code == 403


def test_pages_follow_each_other_without_gaps_or_repeats(office):
    from web.lists import Sort
    from web.queries import stock

    goods.furnish(office, stock={f"SKU-{n}": n + 1 for n in range(7)})
    with office.app.commands.begin(office.actor("gao.yuan")) as ctx:
        for sort in (Sort("at", True), Sort("quantity"), Sort("goods")):
            assert (
                len(
                    set(
                        walk(
                            lambda after, sort=sort: stock.page(
                                ctx, stock.Filter(), sort, after=after, size=3
                            )
                        )
                    )
                )
                == 7
            )
        assert len(set(walk(lambda after: stock.levels(ctx, stock.LevelFilter(), after=after, size=3)))) == 7


def walk(page_after) -> list[str]:
    seen, after = [], None
    while True:
        page = page_after(after)
        seen += [row.sku for row in page.rows]
        after = page.next
        if after is None:
            return seen


def test_a_page_costs_the_same_few_statements_however_long_it_is(browser, office):
    goods.furnish(office, stock={f"SKU-{n}": n + 1 for n in range(7)})
    gao = browser("gao.yuan")
    gao.get("/stock")
    statements = count_statements()
    gao.get("/stock?q=SKU-1")
    one = len(statements)
    statements.clear()
    gao.get("/stock")
    assert len(statements) == one <= 6, "\n\n".join(statements)


def test_empty_stock_says_what_to_do(browser, office):
    assert "Nothing has moved yet" in browser("gao.yuan").get("/stock").text
    assert "Nothing in stock" in browser("gao.yuan").get("/stock/levels").text
