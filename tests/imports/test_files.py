"""What any file gets that is not as its mapping says."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.aftersales.imports import BadFile, BadMapping, read
from engine.aftersales.tables import Customer, Product
from engine.bootstrap import Application
from engine.store.tables import HistoryEvent

PRODUCTS = "sku,name,kind,list_price\nC-1,Chair,furniture,199.00\nT-1,Table,furniture,899.50\n"


def _count(app: Application, table: type) -> int:
    with app.commands.begin() as ctx:
        return ctx.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_good_file_is_imported_and_recorded(shop, bring_in):
    report = bring_in("products", PRODUCTS)
    assert (report.good, report.rows, report.written) == (True, 2, {"products": 2})
    with shop.commands.begin() as ctx:
        event = ctx.session.scalars(select(HistoryEvent).where(HistoryEvent.type == "FileImported")).one()
    assert '"file":"file.csv"' in event.payload


def test_bad_rows_are_named_by_line_and_nothing_is_imported(shop, bring_in):
    report = bring_in(
        "products",
        "sku,name,kind,list_price,minimum_stock\n"
        "C-1,Chair,furniture,199.00,2\n"
        ",Table,furniture,10,1\n"
        "T-1,Table,Furniture,10,1\n"
        "T-2,Table,furniture,ten,1\n"
        "T-3,Table,furniture,10,1.5\n"
        "C-1,Chair again,furniture,10,1\n",
    )
    assert report.bad == [
        (3, "sku is empty"),
        (4, "kind: “Furniture” is not a key of small letters, digits and _"),
        (5, "list_price: “ten” is not a number with the decimal mark “.”"),
        (6, "minimum_stock: “1.5” is not a whole number from 0"),
        (7, "product C-1 is already in line 2"),
    ]
    assert report.written == {}
    assert _count(shop, Product) == 0


def test_a_row_with_a_line_break_inside_quotes_is_named_by_the_line_it_begins_in(bring_in):
    report = bring_in("products", 'sku,name,kind,list_price\nA,"Two\nlines",furniture,1\nB,Two,furniture,x\n')
    assert [line for line, _ in report.bad] == [4]


def test_a_row_with_more_fields_than_the_header_is_bad(bring_in):
    report = bring_in("products", "sku,name,kind,list_price\nA,Chair, black,furniture,10\n")
    assert report.bad == [(2, "it has more fields than the 4 of the header")]


def test_empty_lines_are_passed_over(bring_in):
    assert bring_in("products", PRODUCTS + "\n,,,\n").rows == 2


@pytest.mark.parametrize(
    ("text", "mapping", "said"),
    [
        (PRODUCTS.replace(",", ";"), {}, "Is the separator really “,”?"),
        ("sku,name\nA,B\n", {}, "The file has no column kind, list_price. Its columns are: sku, name."),
        ("", {}, "Its columns are: none"),
        (PRODUCTS, {"columns": {"sku": "Artikel"}}, "The file has no column Artikel"),
        (PRODUCTS, {"columns": {"colour": "name"}}, "products have no field colour"),
        (PRODUCTS, {"defaults": {"colour": "red"}}, "products have no field colour"),
        (
            PRODUCTS,
            {"skip": [{"column": "state", "matches": "x", "reason": "y"}]},
            "The file has no column state",
        ),
        ("sku,name,kind,list_price,name\n", {}, "The file has two columns called name."),
        ("sku,name,kind,list_price\nA,沙发,x,1\n".encode("gb18030"), {}, "The file is not utf-8-sig"),
    ],
)
def test_a_file_of_another_form_is_refused_in_a_sentence(bring_in, text, mapping, said):
    with pytest.raises(BadFile) as refused:
        bring_in("products", text, **mapping)
    assert said in str(refused.value)


def test_another_encoding_is_read_when_the_mapping_names_it(shop, bring_in):
    text = "sku,name,kind,list_price\nS-1,沙发,furniture,1\n"
    assert bring_in("products", text.encode("gb18030"), encoding="gb18030").good
    with shop.commands.begin() as ctx:
        assert ctx.session.scalar(select(Product.name)) == "沙发"


def test_a_byte_order_mark_is_no_part_of_the_first_column(bring_in):
    assert bring_in("products", b"\xef\xbb\xbf" + PRODUCTS.encode()).good


@pytest.mark.parametrize(
    ("decimal", "text", "price"),
    [
        (",", "1.234,50", "1234.50"),
        (",", "1 234,5", "1234.50"),
        (".", "1'234.5", "1234.50"),
        (".", "1,234", "1234.00"),
        # A decimal comma read with a decimal point would be ten or a hundred times the price.
        (".", "12,50", None),
        (",", "12.50", None),
        (".", "1.234.567", None),
        (".", "NaN", None),
        (".", "1e5", None),
        (".", "9" * 30, None),
        (".", "-1", None),
    ],
)
def test_a_number_is_read_by_its_decimal_mark_or_not_at_all(shop, bring_in, decimal, text, price):
    row = f'sku;name;kind;list_price\nA;B;x;"{text}"\n'
    report = bring_in("products", row, separator=";", decimal=decimal)
    if price is None:
        assert [line for line, _ in report.bad] == [2]
    else:
        with shop.commands.begin() as ctx:
            assert str(ctx.session.scalar(select(Product.list_price))) == price


def test_what_is_left_out_on_purpose_is_reported_with_its_reason(bring_in):
    report = bring_in(
        "products", PRODUCTS, skip=[{"column": "sku", "matches": "T.*", "reason": "a table, not a chair"}]
    )
    assert report.skipped == [(3, "a table, not a chair")]
    assert report.written == {"products": 1}


def test_known_customers_keep_what_the_file_says_nothing_about(shop, bring_in):
    bring_in("customers", "number,name,phone,tier\nC-1,Li,13900001111,high_value\n")
    report = bring_in("customers", "number,name\nC-1,Li Na\nC-2,Wang\n")
    assert report.written == {"customers": 2}
    with shop.commands.begin() as ctx:
        rows = ctx.session.execute(
            select(Customer.name, Customer.phone, Customer.tier).order_by(Customer.number)
        )
        assert [tuple(row) for row in rows] == [
            ("Li Na", "13900001111", "high_value"),
            ("Wang", "", "standard"),
        ]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('kind = "people"', "kind:"),
        ('kind = "orders"\nseparator = ";;"', "separator:"),
        ('kind = "orders"\nencoding = "klingon"', "'klingon' is not an encoding"),
        ('kind = "orders"\nzone = "Mars/Base"', "'Mars/Base' is not a time zone"),
        (
            'kind = "orders"\n[[skip]]\ncolumn = "a"\nmatches = "("\nreason = "r"',
            "is not a regular expression",
        ),
        ('kind = "orders"\ncolour = "red"', "colour:"),
        ("kind = ", "mapping.toml:"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_where(tmp_path, toml, said):
    path = tmp_path / "mapping.toml"
    path.write_text(toml)
    with pytest.raises(BadMapping) as refused:
        read(path)
    assert said in str(refused.value)
