"""Triggers that keep the ledgers true whatever writes to the database.

The migrations execute `STATEMENTS` in order, after those of `engine.store.triggers`.

Refund ledger. A refund first updates its order, then its lines update theirs: the UPDATE takes the row's
lock, so two refunds of one line wait for each other, and the CHECK on the row compares the *new* sum with
what was paid. Neither the number of writers nor the isolation level can get around it. Every refund locks its
order first, so two refunds can never wait for each other in a circle.
"""

from __future__ import annotations

from engine.store.triggers import append_only, trigger

_FUNCTIONS = (
    """
CREATE FUNCTION refund_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE customer_order
       SET shipping_refunded = shipping_refunded + NEW.shipping,
           refunded_total = refunded_total + NEW.total,
           extra_returned = extra_returned + NEW.extra
     WHERE id = NEW.order_id;
    UPDATE aftersales_case SET refunded = refunded + NEW.total WHERE id = NEW.case_id;
    RETURN NULL;
END $$""",
    """
CREATE FUNCTION refund_line_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE order_line
       SET refunded_quantity = refunded_quantity + NEW.quantity,
           refunded_amount = refunded_amount + NEW.amount
     WHERE id = NEW.order_line_id;
    RETURN NULL;
END $$""",
    """
CREATE FUNCTION refund_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    refunded bigint := to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'refund' THEN 'id' ELSE 'refund_id' END;
    lines numeric;
    header numeric;
BEGIN
    SELECT goods INTO header FROM refund WHERE id = refunded;
    SELECT coalesce(sum(amount), 0) INTO lines FROM refund_line WHERE refund_id = refunded;
    IF lines <> header THEN
        RAISE EXCEPTION 'refund %: its lines come to %, its goods to %', refunded, lines, header
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_adds_up';
    END IF;
    RETURN NULL;
END $$""",
    # What was refunded changes only through the ledger; what it is measured against stands still afterwards.
    """
CREATE FUNCTION order_line_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        IF (NEW.refunded_quantity, NEW.refunded_amount)
           IS DISTINCT FROM (OLD.refunded_quantity, OLD.refunded_amount) THEN
            RAISE EXCEPTION 'refunded amounts change through the refund ledger only'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.refunded_quantity + OLD.refunded_amount > 0
           AND (NEW.quantity, NEW.paid_amount, NEW.order_id)
               IS DISTINCT FROM (OLD.quantity, OLD.paid_amount, OLD.order_id) THEN
            RAISE EXCEPTION 'a line that was refunded keeps its quantity and paid amount'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$""",
    """
CREATE FUNCTION customer_order_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        IF (NEW.shipping_refunded, NEW.refunded_total, NEW.extra_returned)
           IS DISTINCT FROM (OLD.shipping_refunded, OLD.refunded_total, OLD.extra_returned) THEN
            RAISE EXCEPTION 'refunded amounts change through the refund ledger only'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.refunded_total + OLD.shipping_refunded > 0
           AND (NEW.shipping_paid, NEW.paid_total) IS DISTINCT FROM (OLD.shipping_paid, OLD.paid_total) THEN
            RAISE EXCEPTION 'an order that was refunded keeps its paid amounts'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$""",
    """
CREATE FUNCTION starts_unrefunded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'order_line' THEN
        NEW.refunded_quantity := 0;
        NEW.refunded_amount := 0;
    ELSE
        NEW.shipping_refunded := 0;
        NEW.refunded_total := 0;
        NEW.extra_returned := 0;
    END IF;
    RETURN NEW;
END $$""",
    """
CREATE FUNCTION compensation_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE aftersales_case SET compensated = compensated + NEW.amount WHERE id = NEW.case_id;
    RETURN NULL;
END $$""",
    """
CREATE FUNCTION aftersales_case_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2
       AND (NEW.refunded, NEW.compensated) IS DISTINCT FROM (OLD.refunded, OLD.compensated) THEN
        RAISE EXCEPTION 'paid amounts of a case change through the ledgers only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$""",
    # Stock is the sum of its movements. A first movement of a product into a warehouse opens its level.
    """
CREATE FUNCTION stock_movement_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.direction = 'in' THEN
        INSERT INTO stock_level AS level (warehouse_id, product_id, on_hand)
        VALUES (NEW.warehouse_id, NEW.product_id, NEW.quantity)
        ON CONFLICT (warehouse_id, product_id) DO UPDATE SET on_hand = level.on_hand + excluded.on_hand;
    ELSE
        UPDATE stock_level SET on_hand = on_hand - NEW.quantity
         WHERE warehouse_id = NEW.warehouse_id AND product_id = NEW.product_id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'nothing of product % in warehouse %', NEW.product_id, NEW.warehouse_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_stock_level_on_hand';
        END IF;
    END IF;
    RETURN NULL;
END $$""",
    """
CREATE FUNCTION stock_level_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2
       AND NEW.on_hand IS DISTINCT FROM (CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.on_hand END) THEN
        RAISE EXCEPTION 'stock changes through its movements only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$""",
    # A call is kept like the history: it goes with its case, or its remark with the customer's data.
    """
CREATE FUNCTION call_log_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given receipt;
BEGIN
    SELECT * INTO given FROM receipt
     WHERE number = CAST(nullif(current_setting('aftercare.receipt', true), '') AS integer);
    IF TG_OP = 'DELETE' AND given.kind = 'removal'
       AND (SELECT number FROM aftersales_case WHERE id = OLD.case_id) = ANY (given.cases) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND given.kind = 'erasure' THEN
        OLD.remark := NEW.remark;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted without a receipt', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$""",
)

_AFTER_INSERT = {
    "refund": "refund_applied",
    "refund_line": "refund_line_applied",
    "compensation": "compensation_applied",
    "stock_movement": "stock_movement_applied",
}
_AT_COMMIT = {"refund": "refund_adds_up", "refund_line": "refund_adds_up"}
_BEFORE_INSERT = {"customer_order": "starts_unrefunded", "order_line": "starts_unrefunded"}
_BEFORE_UPDATE = {
    "customer_order": "customer_order_guarded",
    "order_line": "order_line_guarded",
    "aftersales_case": "aftersales_case_guarded",
}
_APPEND_ONLY = ("refund", "refund_line", "compensation", "stock_movement")


_TRIGGERS = (
    *(trigger(table, function, "AFTER INSERT") for table, function in _AFTER_INSERT.items()),
    *(trigger(table, function, "AFTER INSERT", constraint=True) for table, function in _AT_COMMIT.items()),
    *(trigger(table, function, "BEFORE INSERT") for table, function in _BEFORE_INSERT.items()),
    *(trigger(table, function, "BEFORE UPDATE") for table, function in _BEFORE_UPDATE.items()),
    trigger("stock_level", "stock_level_guarded", "BEFORE INSERT OR UPDATE"),
    *(statement for table in _APPEND_ONLY for statement in append_only(table)),
    trigger("call_log", "call_log_kept", "BEFORE UPDATE OR DELETE"),
    trigger("call_log", "append_only", "BEFORE TRUNCATE", each="STATEMENT"),
)

#: In order of execution.
STATEMENTS: tuple[str, ...] = tuple(statement.strip() for statement in (*_FUNCTIONS, *_TRIGGERS))
