"""The proof on real orders, on a small export of the same form: what is matched, run, and reckoned."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from config.settings import Settings
from engine.proving import export, picks, real_orders
from engine.proving.reckoning import Paid, expected
from tests.conftest import SHARED

#: Made up; semicolons, decimal comma, day first, a byte-order mark and stray spaces, as the real one has them.
EXPORT = """\ufeffInvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country
600001;A1;RED MUG ;6;1/12/2010 08:26;2,55;17850;United Kingdom
600001;A2;BLUE MUG;2;1/12/2010 08:26;30;17850;United Kingdom
600002;A1;RED MUG;12;1/12/2010 08:34;2,55;13047;United Kingdom
600003;B1;CAKE  STAND;3;1/12/2010 09:02;24,95;12583;France
600004;B1;CAKE STAND;4;1/12/2010 09:30;24,95;13748;United Kingdom
600005;C1;LANTERN;10;1/12/2010 10:03;8,5;17850;United Kingdom
600006;C1;LANTERN;8;1/12/2010 11:21;8,5;;United Kingdom
600007;D1;WALL CLOCK;2;1/12/2010 11:45;49,95;15100;United Kingdom
600008;D1;WALL CLOCK;5;1/12/2010 12:03;49,95;15291;United Kingdom
600009;E1;PICNIC BASKET;7;2/12/2010 09:00;14,95;14688;United Kingdom
600010;E1;PICNIC BASKET;3;2/12/2010 09:12;14,95;17809;United Kingdom
600011;F1;SAMPLE;1;2/12/2010 09:20;0;17809;United Kingdom
600012;G1;DOORMAT;9;2/12/2010 10:44;7,95;16098;United Kingdom
600013;G1;DOORMAT;40;2/12/2010 11:00;79,95;18074;United Kingdom
C600020;A1;RED MUG;-12;1/12/2010 09:50;2,55;13047;United Kingdom
C600021;B1;CAKE STAND;-1;4/12/2010 15:00;24,95;12583;France
C600022;D;Discount;-1;2/12/2010 09:41;27,5;14527;United Kingdom
C600023;E1;PICNIC BASKET;-9;3/12/2010 09:41;14,95;14688;United Kingdom
C600024;G1;DOORMAT;-1;1/12/2010 08:00;7,95;16098;United Kingdom
600025;G1;;-3;3/12/2010 16:50;0;;United Kingdom
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


@pytest.fixture
def rules(settings: Settings) -> dict:
    return real_orders.read_rules(settings)


def test_a_cancellation_matches_an_earlier_purchase_of_enough_pieces_or_says_why_not(file, rules):
    matched, unmatched = picks.cancellations(export.read(file), rules)
    assert [(pick.sale.invoice, pick.procedure, pick.quantity) for pick in matched] == [
        ("600002", "refund_only", 12),
        ("600003", "return_and_refund", 1),
    ]
    assert {each.row.invoice: each.reason for each in unmatched} == {
        "C600022": "the customer bought nothing in the file",
        "C600023": "fewer were bought than are cancelled",
        "C600024": "bought only afterwards",
    }


def test_the_same_pieces_are_not_cancelled_twice(tmp_path, rules):
    path = tmp_path / "export.csv"
    path.write_text(EXPORT + EXPORT.splitlines()[15] + "\n", encoding="utf-8")
    matched, unmatched = picks.cancellations(export.read(path), rules)
    assert len(matched) == 2
    assert len(unmatched) == 4


def test_the_same_lines_are_picked_with_the_same_answers_each_time(file, rules):
    first = picks.picked(export.read(file), rules, but={"600002", "600003"}, each=3)
    assert first == picks.picked(export.read(file), rules, but={"600002", "600003"}, each=3)
    assert [pick.procedure for pick in first[:3]] == list(picks.PROCEDURES)
    assert len({pick.sale.invoice for pick in first}) == len(first) == 9
    assert all(pick.sale.price > 0 for pick in first)


@pytest.mark.parametrize(
    ("answers", "paid"),
    [
        ([("review_application", {"decision": "refuse"})], None),
        ([("review_application", {"decision": "approve"})], None),
        (
            [
                ("review_application", {"decision": "approve", "serviceFee": 5}),
                ("inspect", {"inspection": {"invoiceReturned": False}}),
                ("decide_failed", {"decision": "partial", "inspectionDeduction": 4.5}),
            ],
            # 17 % of 74.85 is 12.7245.
            ("74.85", "22.22"),
        ),
        (
            [
                ("review_application", {"decision": "approve"}),
                ("inspect", {"inspection": {"invoiceReturned": True}}),
                ("decide_failed", {"decision": "send_back"}),
            ],
            None,
        ),
    ],
)
def test_the_reckoning_follows_the_documented_rules(file, rules, answers, paid):
    sale = export.read(file).sales["600003"][0]
    pick = picks._pick(sale, "return_and_refund", rules | {"shares": dict.fromkeys(rules["shares"], 0)})
    wanted = (
        []
        if paid is None
        else [Paid(order="600003", line=1, quantity=3, amount=Decimal(paid[0]), deducted=Decimal(paid[1]))]
    )
    assert expected([(pick, answers)], rules["rules"]) == wanted


def test_a_small_export_runs_to_its_end_and_the_ledger_is_the_sum(settings, database_url, file, rules):
    result = real_orders.run(
        settings, database_url, file, rules={**rules, "each": 3}, told=lambda doing: None
    )
    assert result.good, (result.differences, result.broken, result.imported.bad)
    assert sum(result.cases.values()) == 11
    assert len(result.paid) >= 2


def test_a_ledger_that_differs_by_a_line_is_noticed_both_ways():
    paid, other = (
        Paid(order="600003", line=1, quantity=1, amount=Decimal(amount), deducted=Decimal(0))
        for amount in ("24.95", "24.96")
    )
    assert real_orders.differences([paid], [paid]) == []
    assert [each.partition(":")[0] for each in real_orders.differences([paid], [other])] == [
        "paid, but should not be",
        "should be paid, but is not",
    ]
    assert real_orders.differences([paid, paid], [paid])


@pytest.mark.shared
def test_part_of_the_real_export_runs_to_its_end(settings, database_url, rules):
    real = SHARED / "data" / "online_retail_2010_12.csv"
    if not real.is_file():
        pytest.skip("the real export is not beside the checkout")
    result = real_orders.run(
        settings, database_url, real, rules={**rules, "each": 5}, told=lambda doing: None
    )
    assert result.good, (result.differences, result.broken)
    assert (result.imported.rows, len(result.matched), len(result.unmatched)) == (10_000, 10, 90)
