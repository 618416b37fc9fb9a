"""The database itself refuses to refund what was not paid, whoever writes to it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError

import engine.aftersales.tables as t
from engine.aftersales.tables import ddl
from engine.store.database import Database
from tests.aftersales import shop


def line_of(database: Database, order_id: int) -> t.OrderLine:
    with database.begin() as session:
        return session.scalars(select(t.OrderLine).where(t.OrderLine.order_id == order_id)).first()


def test_a_line_is_not_refunded_beyond_its_amount(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (3, "100", "250.00"), (1, "50", "50.00"))
    with pytest.raises(IntegrityError, match="ck_order_line_refunded_amount"), database.begin() as session:
        shop.refund_directly(session, order, 1, 1, "250.01", key="too-much")
    assert line_of(database, order.id).refunded_amount == 0


def test_a_line_is_not_refunded_beyond_its_quantity(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "100", "200.00"))
        shop.refund_directly(session, order, 1, 2, "100.00", key="both")
    with pytest.raises(IntegrityError, match="ck_order_line_refunded_quantity"), database.begin() as session:
        shop.refund_directly(session, order, 1, 1, "1.00", key="third")


def test_shipping_is_not_refunded_beyond_what_was_paid(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "100", "200.00"), shipping="12.00")
        shop.refund_directly(session, order, 1, 1, "100.00", key="with-shipping", shipping="12.00")
    with (
        pytest.raises(IntegrityError, match="ck_customer_order_shipping_refunded"),
        database.begin() as session,
    ):
        shop.refund_directly(session, order, 1, 1, "88.00", key="shipping-again", shipping="0.01")


def test_one_key_pays_once(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "100", "200.00"))
        shop.refund_directly(session, order, 1, 1, "100.00", key="once")
    with pytest.raises(IntegrityError, match="uq_refund_idempotency_key"), database.begin() as session:
        # Another number, so only the key can be what stops it.
        session.execute(
            text(
                "INSERT INTO refund (number, order_id, goods, total, payment_id, method, paid_at, paid_by,"
                " idempotency_key) SELECT 'RF-other', order_id, 1, 1, payment_id, method, paid_at, paid_by,"
                " idempotency_key FROM refund WHERE idempotency_key = 'once'"
            )
        )


def test_a_refund_holds_only_lines_of_its_own_order(database: Database) -> None:
    with database.begin() as session:
        mine, other = shop.order(session, (1, "10", "10.00")), shop.order(session, (1, "90", "90.00"))
        shop.refund_directly(session, mine, 1, 1, "10.00", key="mine")
    with pytest.raises(IntegrityError, match="foreign key"), database.begin() as session:
        session.execute(
            text(
                "INSERT INTO refund_line (refund_id, order_line_id, order_id, quantity, amount)"
                " SELECT r.id, l.id, :order, 1, 90 FROM refund r, order_line l"
                " WHERE r.idempotency_key = 'mine' AND l.order_id = :order"
            ),
            {"order": other.id},
        )


@pytest.mark.parametrize("goods", ["9.99", "10.01"])
def test_a_refund_is_the_sum_of_its_lines(database: Database, goods: str) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "10", "20.00"))
    with pytest.raises(IntegrityError, match="its lines come to"), database.begin() as session:
        shop.refund_directly(session, order, 1, 1, "10.00", key=f"sum-{goods}", goods=goods)


def test_a_later_line_cannot_be_slipped_into_a_refund(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "10", "20.00"), (1, "30", "30.00"))
        shop.refund_directly(session, order, 1, 1, "10.00", key="closed")
    with pytest.raises(IntegrityError, match="its lines come to"), database.begin() as session:
        session.execute(
            text(
                "INSERT INTO refund_line (refund_id, order_line_id, order_id, quantity, amount)"
                " SELECT r.id, l.id, l.order_id, 1, 30 FROM refund r JOIN order_line l USING (order_id)"
                " WHERE r.idempotency_key = 'closed' AND l.line = 2"
            )
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE refund SET goods = 0, total = 0 WHERE order_id = :order",
        "DELETE FROM refund WHERE order_id = :order",
        "UPDATE refund_line SET amount = 0, quantity = 1 WHERE order_id = :order",
        "DELETE FROM refund_line WHERE order_id = :order",
        "TRUNCATE refund_line",
        "TRUNCATE refund CASCADE",
        "UPDATE order_line SET refunded_amount = 0, refunded_quantity = 0 WHERE order_id = :order",
        "UPDATE order_line SET paid_amount = 200, unit_price = 200 WHERE order_id = :order",
        "UPDATE order_line SET quantity = 20 WHERE order_id = :order",
        "UPDATE customer_order SET refunded_total = 0 WHERE id = :order",
        "UPDATE customer_order SET paid_total = 1000 WHERE id = :order",
        "DELETE FROM order_line WHERE order_id = :order",
    ],
)
def test_what_was_refunded_is_never_undone(database: Database, statement: str) -> None:
    with database.begin() as session:
        order = shop.order(session, (2, "10", "20.00"))
        shop.refund_directly(session, order, 1, 1, "10.00", key=f"undone-{statement}")
    with pytest.raises((IntegrityError, InternalError, DBAPIError)), database.begin() as session:
        session.execute(text(statement), {"order": order.id} if ":order" in statement else {})
    assert line_of(database, order.id).refunded_amount == 10


def test_an_order_nobody_paid_is_never_refunded(database: Database) -> None:
    with database.begin() as session:
        order = shop.order(session, (1, "10", "10.00"))
        session.execute(
            update(t.CustomerOrder)
            .where(t.CustomerOrder.id == order.id)
            .values(paid_at=None, paid_total=0, state="placed")
        )
    with pytest.raises(IntegrityError, match="ck_customer_order_refunded_total"), database.begin() as session:
        shop.refund_directly(session, order, 1, 1, "10.00", key="unpaid")


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_twenty_people_refunding_one_line_pay_it_once(database: Database, isolation: str) -> None:
    with database.begin() as session:
        order = shop.order(session, (7, "20", "99.99"), shipping="8.00")

    def refund(number: int) -> bool:
        try:
            with database.sessions() as session:
                session.connection(execution_options={"isolation_level": isolation})
                shop.refund_directly(session, order, 1, 1, "14.28", key=f"{isolation}-{number}")
                session.commit()
        except DBAPIError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        paid = sum(pool.map(refund, range(20)))

    line = line_of(database, order.id)
    with database.begin() as session:
        ledger = session.scalar(
            text("SELECT sum(total) FROM refund WHERE order_id = :order"), {"order": order.id}
        )
    if isolation == "READ COMMITTED":
        assert paid == 7
    assert 0 < paid <= 7
    assert line.refunded_quantity == paid
    assert line.refunded_amount == ledger == paid * Decimal("14.28") <= line.paid_amount


def test_the_migrated_database_has_the_triggers_of_the_code(database: Database) -> None:
    with database.begin() as session:
        functions = dict(session.execute(text("SELECT proname, prosrc FROM pg_proc")).all())
        triggers = set(session.scalars(text("SELECT tgname FROM pg_trigger")))
    for statement in ddl.STATEMENTS:
        name = re.match(r"CREATE (?:FUNCTION|(?:CONSTRAINT )?TRIGGER) (\w+)", statement)
        assert name is not None
        if statement.startswith("CREATE FUNCTION"):
            assert functions[name[1]] == statement.split("$$")[1]
        else:
            assert name[1] in triggers
