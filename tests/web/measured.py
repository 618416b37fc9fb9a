"""Very many cases with all that is measured of them, written by SQL: a year up to the Monday on which tests take place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from engine.bootstrap import Application
from tests.conftest import MONDAY

PEOPLE = ("li.na", "zhou.min", "wang.fang", "gao.yuan", "xu.dan", "tech")
#: Twice `random()` in one row are two numbers; each row draws its own once.
_STATEMENTS = (
    "SELECT setseed(0.42)",
    "UPDATE person SET team = CASE WHEN key IN ('tech', 'wang.fang') THEN 'Repair team Jiangsu' END",
    "INSERT INTO customer (number, name, tier) SELECT 'MC' || g, 'Customer ' || g,"
    " CASE WHEN g % 10 = 0 THEN 'high_value' ELSE 'standard' END FROM generate_series(1, :n / 4 + 1) g",
    "INSERT INTO product (sku, name, kind, list_price) VALUES ('M-1', 'Chair', 'furniture', 100)",
    "INSERT INTO serial_number (number, product_id) SELECT 'SN' || g, (SELECT id FROM product WHERE sku = 'M-1')"
    " FROM generate_series(1, :n / 20 + 1) g",
    "INSERT INTO customer_order (number, customer_id, shop_id, state, placed_at, shipped_at)"
    " SELECT 'MO' || g, 1 + g % (:n / 4), (SELECT min(id) FROM shop), 'shipped', at - interval '2 days', at"
    " FROM (SELECT g, CAST(:now AS timestamptz) - random() * interval '365 days' AS at"
    " FROM generate_series(1, :n / 2) g) orders",
    """
INSERT INTO aftersales_case (number, process_key, definition_id, state, customer_id, order_id, serial_number_id, reason,
    applied_at, closed_at, outcome, due_at, cause, department, opened_by, refunded, compensated, first_answered_at,
    proposed_at, solved_at, channel, summary)
SELECT 'M-' || g, process, version,
    CASE WHEN solved THEN 'completed' WHEN ended THEN 'rejected' ELSE 'pending_review' END,
    1 + g % (:n / 4), 1 + g % (:n / 2), CASE WHEN process = 'repair' THEN 1 + (r6 * (:n / 20))::int END,
    CASE process WHEN 'repair' THEN '' WHEN 'complaint' THEN '' ELSE
        (ARRAY['no_reason', 'quality', 'damaged', 'wrong_item'])[1 + (r2 * 3.999)::int % 4] END,
    at, CASE WHEN ended THEN at + lasting END, CASE WHEN ended THEN 'completed' END,
    CASE WHEN r3 < 0.3 THEN at + interval '3 days' END,
    CASE WHEN ended THEN (ARRAY['supplier', 'transport', 'customer', ''])[1 + (r4 * 3.999)::int % 4] ELSE '' END,
    CASE WHEN ended THEN (ARRAY['quality', 'warehouse', 'after_sales'])[1 + (r5 * 2.999)::int % 3] ELSE '' END,
    'li.na', CASE WHEN solved THEN round((r2 * 500)::numeric, 2) ELSE 0 END, 0,
    CASE WHEN ended THEN at + lasting * r5 END,
    CASE WHEN process = 'complaint' AND (ended OR r4 < 0.5) THEN least(at + r3 * interval '5 days', :now) END,
    CASE WHEN solved THEN at + lasting END, 'phone', repeat('It wobbles. ', 8)
FROM (SELECT *, ended AND r5 < 0.9 AS solved FROM (SELECT *, r1 < 0.9 AND at + lasting < :now AS ended
    FROM (SELECT g, (ARRAY['request', 'repair', 'complaint', 'return_and_refund'])[1 + g % 4] AS process,
        CAST(:now AS timestamptz) - random() * interval '365 days' AS at, random() * interval '4 days' AS lasting,
        random() r1, random() r2, random() r3, random() r4, random() r5, random() r6
        FROM generate_series(1, :n) g) drawn) lived) cases
    LEFT JOIN (SELECT process_key, max(id) AS version FROM process_definition GROUP BY 1) live
        ON live.process_key = process""",
    """
INSERT INTO user_task (instance_id, root_id, definition_id, process_key, business_key, activity_id, element_id, name, state,
    candidate_groups, candidate_users, four_eyes, not_involved_in, properties, priority, due_at, turn, created_at, ended_at,
    completed_by)
SELECT c.id, c.id, coalesce(c.definition_id, 1), c.process_key, c.number, s, 'step_' || s, 'Step ' || s,
    CASE WHEN done THEN 'completed' ELSE 'created' END, '{operations}', '{}', '{}', '{}', '{}', 50,
    CASE WHEN r < 0.8 THEN at + interval '1 day' END, 0, at, CASE WHEN done THEN at + r * interval '30 hours' END,
    CASE WHEN done THEN (ARRAY['li.na', 'zhou.min', 'wang.fang', 'gao.yuan', 'xu.dan', 'tech'])[1 + (c.id + s) % 6] END
FROM (SELECT c.*, s, random() AS r, c.applied_at + s * interval '5 hours' AS at,
        c.closed_at IS NOT NULL OR (s = 1 AND c.id % 3 = 0) AS done
    FROM aftersales_case c, generate_series(1, 5) s WHERE c.number LIKE 'M-%') c""",
    "UPDATE user_task t SET follows_at = before.at FROM (SELECT id, lag(ended_at) OVER"
    " (PARTITION BY business_key, completed_by ORDER BY ended_at, id) AS at FROM user_task WHERE state = 'completed') before"
    " WHERE before.id = t.id AND before.at IS NOT NULL",
    "INSERT INTO rating (case_id, about, rating, person, at, idempotency_key)"
    " SELECT id, CASE WHEN id % 3 = 0 THEN 'delivery' WHEN id % 7 = 0 THEN 'revisit' ELSE 'service' END,"
    " 1 + (sqrt(random()) * 4.999)::int % 5, 'system',"
    " least(closed_at + random() * interval '2 days', :now - interval '1 s'), 'm-rating-' || id"
    " FROM aftersales_case WHERE number LIKE 'M-%' AND closed_at IS NOT NULL AND id % 3 < 2",
    "INSERT INTO refund (number, order_id, case_id, goods, total, payment_id, method, paid_at, paid_by, idempotency_key)"
    " SELECT 'MR' || id, order_id, id, refunded, refunded, 1, 'alipay', closed_at, 'system', 'm-refund-' || id"
    " FROM aftersales_case WHERE number LIKE 'M-%' AND refunded > 0 AND process_key = 'return_and_refund'",
    "INSERT INTO parcel (number, direction, carrier_name, tracking, case_id, shipped_at, delivered_at, idempotency_key)"
    " SELECT 'MP' || id, CASE WHEN id % 2 = 0 THEN 'out' ELSE 'in' END, 'SF', 'T' || id, id, applied_at,"
    " CASE WHEN random() < 0.9 THEN applied_at + random() * interval '4 days' END, 'm-parcel-' || id"
    " FROM aftersales_case WHERE number LIKE 'M-%' AND id % 3 = 0",
    "INSERT INTO repair_visit (case_id, technician, appointed_at, arrived_at, idempotency_key)"
    " SELECT id, 'tech', CASE WHEN id % 11 > 0 THEN at END, at + (random() - 0.8) * interval '2 hours', 'm-visit-' || id"
    " FROM (SELECT id, applied_at + interval '1 day' AS at FROM aftersales_case WHERE process_key = 'repair'"
    " AND number LIKE 'M-%' AND closed_at IS NOT NULL) visited",
    "INSERT INTO revisit (case_id, interval, due_at, done_at) SELECT id, 'P7D', closed_at + interval '7 days',"
    " CASE WHEN random() < 0.7 THEN closed_at + interval '8 days' END FROM aftersales_case"
    " WHERE process_key = 'repair' AND solved_at IS NOT NULL AND number LIKE 'M-%'",
)


def fill(app: Application, cases: int, *, now: datetime = MONDAY) -> None:
    """Write so many cases of the year up to now, a quarter of each of four procedures, with all that is
    measured of them."""
    with app.database.begin() as session:
        # What is written was thought through; foreign keys and ledgers would only take time.
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _STATEMENTS:
            values = {name: value for name, value in (("n", cases), ("now", now)) if f":{name}" in statement}
            session.execute(text(statement), values)
    with app.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
