"""First schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TRIGGERS = (
    """CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
""",
    """CREATE TRIGGER history_event__append_only BEFORE UPDATE OR DELETE ON history_event  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER history_event__append_only_on_truncate BEFORE TRUNCATE ON history_event  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
    """CREATE FUNCTION refund_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE customer_order
       SET shipping_refunded = shipping_refunded + NEW.shipping,
           refunded_total = refunded_total + NEW.total,
           extra_returned = extra_returned + NEW.extra
     WHERE id = NEW.order_id;
    UPDATE aftersales_case SET refunded = refunded + NEW.total WHERE id = NEW.case_id;
    RETURN NULL;
END $$
""",
    """CREATE FUNCTION refund_line_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE order_line
       SET refunded_quantity = refunded_quantity + NEW.quantity,
           refunded_amount = refunded_amount + NEW.amount
     WHERE id = NEW.order_line_id;
    RETURN NULL;
END $$
""",
    """CREATE FUNCTION refund_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
""",
    """CREATE FUNCTION order_line_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
""",
    """CREATE FUNCTION customer_order_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
""",
    """CREATE FUNCTION starts_unrefunded() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
""",
    """CREATE FUNCTION compensation_applied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE aftersales_case SET compensated = compensated + NEW.amount WHERE id = NEW.case_id;
    RETURN NULL;
END $$
""",
    """CREATE FUNCTION aftersales_case_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2
       AND (NEW.refunded, NEW.compensated) IS DISTINCT FROM (OLD.refunded, OLD.compensated) THEN
        RAISE EXCEPTION 'paid amounts of a case change through the ledgers only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """CREATE FUNCTION stock_movement_applied() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$
""",
    """CREATE FUNCTION stock_level_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2
       AND NEW.on_hand IS DISTINCT FROM (CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.on_hand END) THEN
        RAISE EXCEPTION 'stock changes through its movements only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """CREATE TRIGGER refund__refund_applied AFTER INSERT ON refund  FOR EACH ROW EXECUTE FUNCTION refund_applied()
""",
    """CREATE TRIGGER refund_line__refund_line_applied AFTER INSERT ON refund_line  FOR EACH ROW EXECUTE FUNCTION refund_line_applied()
""",
    """CREATE TRIGGER compensation__compensation_applied AFTER INSERT ON compensation  FOR EACH ROW EXECUTE FUNCTION compensation_applied()
""",
    """CREATE TRIGGER stock_movement__stock_movement_applied AFTER INSERT ON stock_movement  FOR EACH ROW EXECUTE FUNCTION stock_movement_applied()
""",
    """CREATE CONSTRAINT TRIGGER refund__refund_adds_up AFTER INSERT ON refund DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refund_adds_up()
""",
    """CREATE CONSTRAINT TRIGGER refund_line__refund_adds_up AFTER INSERT ON refund_line DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refund_adds_up()
""",
    """CREATE TRIGGER customer_order__starts_unrefunded BEFORE INSERT ON customer_order  FOR EACH ROW EXECUTE FUNCTION starts_unrefunded()
""",
    """CREATE TRIGGER order_line__starts_unrefunded BEFORE INSERT ON order_line  FOR EACH ROW EXECUTE FUNCTION starts_unrefunded()
""",
    """CREATE TRIGGER customer_order__customer_order_guarded BEFORE UPDATE ON customer_order  FOR EACH ROW EXECUTE FUNCTION customer_order_guarded()
""",
    """CREATE TRIGGER order_line__order_line_guarded BEFORE UPDATE ON order_line  FOR EACH ROW EXECUTE FUNCTION order_line_guarded()
""",
    """CREATE TRIGGER aftersales_case__aftersales_case_guarded BEFORE UPDATE ON aftersales_case  FOR EACH ROW EXECUTE FUNCTION aftersales_case_guarded()
""",
    """CREATE TRIGGER stock_level__stock_level_guarded BEFORE INSERT OR UPDATE ON stock_level  FOR EACH ROW EXECUTE FUNCTION stock_level_guarded()
""",
    """CREATE TRIGGER refund__append_only BEFORE UPDATE OR DELETE ON refund  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER refund__append_only_on_truncate BEFORE TRUNCATE ON refund  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER refund_line__append_only BEFORE UPDATE OR DELETE ON refund_line  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER refund_line__append_only_on_truncate BEFORE TRUNCATE ON refund_line  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER compensation__append_only BEFORE UPDATE OR DELETE ON compensation  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER compensation__append_only_on_truncate BEFORE TRUNCATE ON compensation  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER stock_movement__append_only BEFORE UPDATE OR DELETE ON stock_movement  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER stock_movement__append_only_on_truncate BEFORE TRUNCATE ON stock_movement  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER call_log__append_only BEFORE UPDATE OR DELETE ON call_log  FOR EACH ROW EXECUTE FUNCTION append_only()
""",
    """CREATE TRIGGER call_log__append_only_on_truncate BEFORE TRUNCATE ON call_log  FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
)


def upgrade() -> None:
    op.execute(SchemaManager.get_schema())
    op.execute(sa.schema.CreateSequence(sa.Sequence("case_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("refund_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("charge_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("compensation_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("parcel_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("pickup_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("purchase_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("reservation_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("movement_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("message_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("receipt_number_seq")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("write_off_number_seq")))
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "carrier",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("picks_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier")),
        sa.UniqueConstraint("key", name=op.f("uq_carrier_key")),
    )
    op.create_index("ix_carrier_position", "carrier", ["position"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("province", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("tier", sa.Text(), server_default="standard", nullable=False),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("do_not_call", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("do_not_call_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_manager", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("tier IN ('standard', 'high_value')", name=op.f("ck_customer_tier")),
        sa.CheckConstraint(
            "do_not_call = (do_not_call_since IS NOT NULL)", name=op.f("ck_customer_do_not_call_since")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_number")),
    )
    op.create_index(
        "ix_customer_name_lower",
        "customer",
        [sa.literal_column("lower(name)").label("lower_name")],
        unique=False,
        postgresql_ops={"lower_name": "text_pattern_ops"},
    )
    op.create_index(
        "ix_customer_phone", "customer", ["phone"], unique=False, postgresql_ops={"phone": "text_pattern_ops"}
    )
    op.create_index("ix_customer_service_manager", "customer", ["service_manager"], unique=False)
    op.create_table(
        "history_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stream", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_history_event_hash_length")),
        sa.CheckConstraint("seq > 0", name=op.f("ck_history_event_seq_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_event")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_history_event_stream_seq")),
    )
    op.create_index("ix_history_event_actor", "history_event", ["actor", "id"], unique=False)
    op.create_index("ix_history_event_business_key", "history_event", ["business_key", "id"], unique=False)
    op.create_table(
        "list_preference",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person", "list", name=op.f("pk_list_preference")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correlated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_buffered",
        "message",
        ["name", "correlation_key", "id"],
        unique=False,
        postgresql_where=sa.text("correlated_at IS NULL"),
    )
    op.create_index(
        "uq_message_unique_id",
        "message",
        ["name", "correlation_key", "message_id"],
        unique=True,
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_table(
        "organisation_stream",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 0", name=op.f("ck_organisation_stream_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_stream")),
    )
    op.create_table(
        "organisation_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_version")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("theme", sa.Text(), server_default="auto", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("areas", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column(
            "preferences", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("failed_sign_ins", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_person_language")),
        sa.CheckConstraint("theme IN ('auto', 'light', 'dark')", name=op.f("ck_person_theme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_index("ix_person_roles", "person", ["roles"], unique=False, postgresql_using="gin")
    op.create_table(
        "process_definition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_process_definition_version_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("process_key", "version", name=op.f("uq_process_definition_process_key_version")),
    )
    op.create_index(
        "uq_process_definition_current",
        "process_definition",
        ["process_key"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("list_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("minimum_stock", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("serialised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_product_kind")),
        sa.CheckConstraint("list_price >= 0", name=op.f("ck_product_list_price")),
        sa.CheckConstraint("minimum_stock >= 0", name=op.f("ck_product_minimum_stock")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("sku", name=op.f("uq_product_sku")),
    )
    op.create_index("ix_product_kind", "product", ["kind"], unique=False)
    op.create_index("ix_product_model", "product", ["model"], unique=False)
    op.create_table(
        "resource",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_resource")),
    )
    op.create_table(
        "return_reason",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("label_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("applies_to", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("requires_photo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_return_reason_key")),
        sa.CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_return_reason_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_reason")),
        sa.UniqueConstraint("key", name=op.f("uq_return_reason_key")),
    )
    op.create_index("ix_return_reason_hidden_position", "return_reason", ["hidden", "position"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("person", "list", "name", name=op.f("uq_saved_filter_person_list_name")),
    )
    op.create_index(
        "ix_saved_filter_shared", "saved_filter", ["list"], unique=False, postgresql_where=sa.text("shared")
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("sales_channel", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sales_channel IN ('mall', 'store', 'website', 'wechat')", name=op.f("ck_shop_sales_channel")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("key", name=op.f("uq_shop_key")),
    )
    op.create_index("ix_shop_sales_channel", "shop", ["sales_channel"], unique=False)
    op.create_table(
        "warehouse",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("receives", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse")),
        sa.UniqueConstraint("key", name=op.f("uq_warehouse_key")),
    )
    op.create_index(
        "uq_warehouse_default",
        "warehouse",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "customer_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "shipping_fee", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "shipping_paid", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("free_shipping", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "shipping_cost", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "coupon_discount", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "points_discount", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "paid_total", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "shipping_refunded",
            sa.Numeric(precision=14, scale=2),
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "refunded_total", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "extra_returned", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("ship_to", sa.Text(), server_default="", nullable=False),
        sa.Column("contract_number", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('placed', 'paid', 'shipped', 'received', 'completed', 'cancelled')",
            name=op.f("ck_customer_order_state"),
        ),
        sa.CheckConstraint(
            "coupon_discount >= 0 AND points_discount >= 0", name=op.f("ck_customer_order_discounts")
        ),
        sa.CheckConstraint(
            "extra_returned >= 0 AND extra_returned <= coupon_discount + points_discount",
            name=op.f("ck_customer_order_extra_returned"),
        ),
        sa.CheckConstraint(
            "paid_at IS NOT NULL OR (shipping_paid = 0 AND paid_total = 0)",
            name=op.f("ck_customer_order_paid_once_paid_at"),
        ),
        sa.CheckConstraint(
            "refunded_total >= 0 AND refunded_total <= paid_total",
            name=op.f("ck_customer_order_refunded_total"),
        ),
        sa.CheckConstraint(
            "shipping_fee >= 0 AND shipping_cost >= 0", name=op.f("ck_customer_order_shipping")
        ),
        sa.CheckConstraint(
            "shipping_paid >= 0 AND shipping_paid <= shipping_fee",
            name=op.f("ck_customer_order_shipping_paid"),
        ),
        sa.CheckConstraint(
            "shipping_refunded >= 0 AND shipping_refunded <= shipping_paid",
            name=op.f("ck_customer_order_shipping_refunded"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_order_customer_id")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_customer_order_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_order_number")),
    )
    op.create_index(
        "ix_customer_order_customer_id_placed_at",
        "customer_order",
        ["customer_id", "placed_at"],
        unique=False,
    )
    op.create_index(
        "ix_customer_order_shop_id_placed_at", "customer_order", ["shop_id", "placed_at"], unique=False
    )
    op.create_index(
        "ix_customer_order_state_placed_at", "customer_order", ["state", "placed_at"], unique=False
    )
    op.create_table(
        "definition_resource",
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('bpmn', 'dmn', 'form', 'words')", name=op.f("ck_definition_resource_kind")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_definition_resource_definition_id")
        ),
        sa.ForeignKeyConstraint(["digest"], ["resource.digest"], name=op.f("fk_definition_resource_digest")),
        sa.PrimaryKeyConstraint("definition_id", "kind", "name", name=op.f("pk_definition_resource")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'deployed', 'discarded')", name=op.f("ck_draft_state")),
        sa.ForeignKeyConstraint(["based_on"], ["process_definition.id"], name=op.f("fk_draft_based_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index(
        "uq_draft_open", "draft", ["process_key"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "price_list_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("area", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'part') = (product_id IS NOT NULL)", name=op.f("ck_price_list_item_part_has_product")
        ),
        sa.CheckConstraint("kind IN ('part', 'labour', 'travel')", name=op.f("ck_price_list_item_kind")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_price_list_item_price")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_price_list_item_validity")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_price_list_item_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_item")),
    )
    op.create_index(
        "uq_price_list_item_kind_product_area_from",
        "price_list_item",
        ["kind", "product_id", "area", "valid_from"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_activity_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blob", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('active', 'suspended'))", name=op.f("ck_process_instance_ended")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'suspended', 'completed', 'cancelled')",
            name=op.f("ck_process_instance_state"),
        ),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (parent_activity_id IS NULL)", name=op.f("ck_process_instance_parent")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["process_instance.id"], name=op.f("fk_process_instance_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["process_instance.id"], name=op.f("fk_process_instance_root_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index(
        "ix_process_instance_active",
        "process_instance",
        ["process_key", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_process_instance_business_key"), "process_instance", ["business_key"], unique=False
    )
    op.create_index(
        "ix_process_instance_definition", "process_instance", ["definition_id", "state"], unique=False
    )
    op.create_index(op.f("ix_process_instance_parent_id"), "process_instance", ["parent_id"], unique=False)
    op.create_index(op.f("ix_process_instance_root_id"), "process_instance", ["root_id"], unique=False)
    op.create_table(
        "stock_level",
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_level_on_hand")),
        sa.CheckConstraint(
            "reserved >= 0 AND reserved <= on_hand", name=op.f("ck_stock_level_reserved_within_on_hand")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_level_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_level_warehouse_id")),
        sa.PrimaryKeyConstraint("warehouse_id", "product_id", name=op.f("pk_stock_level")),
    )
    op.create_index("ix_stock_level_product_id", "stock_level", ["product_id"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_web_session_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_web_session_person_id"), "web_session", ["person_id"], unique=False)
    op.create_table(
        "draft_resource",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('bpmn', 'dmn', 'form', 'words')", name=op.f("ck_draft_resource_kind")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_draft_resource_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "kind", "name", name=op.f("pk_draft_resource")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("ck_incident_resolved")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_incident_instance_id")
        ),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_incident_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(
        "ix_incident_open",
        "incident",
        ["process_key", "id"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(op.f("ix_incident_root_id"), "incident", ["root_id"], unique=False)
    op.create_index(
        "uq_incident_open",
        "incident",
        ["instance_id", "activity_id"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("retries_left", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('created', 'waiting', 'failed'))", name=op.f("ck_job_ended")
        ),
        sa.CheckConstraint(
            "state IN ('created', 'waiting', 'failed', 'completed', 'cancelled')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("retries_left >= 0", name=op.f("ck_job_retries")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_job_instance_id")),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_job_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_job_idempotency_key")),
        sa.UniqueConstraint("instance_id", "activity_id", name=op.f("uq_job_instance_id_activity_id")),
    )
    op.create_index(
        "ix_job_open", "job", ["type", "id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(op.f("ix_job_root_id"), "job", ["root_id"], unique=False)
    op.create_table(
        "message_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_message_subscription_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["process_instance.id"], name=op.f("fk_message_subscription_root_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_subscription")),
        sa.UniqueConstraint(
            "instance_id", "subscription_id", name=op.f("uq_message_subscription_instance_id_subscription_id")
        ),
    )
    op.create_index(
        "ix_message_subscription_key", "message_subscription", ["name", "correlation_key", "id"], unique=False
    )
    op.create_index(
        op.f("ix_message_subscription_root_id"), "message_subscription", ["root_id"], unique=False
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("discount", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "paid_amount", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("refunded_quantity", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "refunded_amount", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.CheckConstraint(
            "paid_amount >= 0 AND paid_amount <= unit_price * quantity",
            name=op.f("ck_order_line_paid_amount"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.CheckConstraint(
            "refunded_amount >= 0 AND refunded_amount <= paid_amount",
            name=op.f("ck_order_line_refunded_amount"),
        ),
        sa.CheckConstraint(
            "refunded_quantity >= 0 AND refunded_quantity <= quantity",
            name=op.f("ck_order_line_refunded_quantity"),
        ),
        sa.CheckConstraint("unit_price >= 0 AND discount >= 0", name=op.f("ck_order_line_price")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("id", "order_id", name=op.f("uq_order_line_id_order_id")),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_order_line_order_id_line")),
    )
    op.create_index("ix_order_line_product_id", "order_line", ["product_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepts_refunds", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("method ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_payment_method")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_payment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_number")),
    )
    op.create_index("ix_payment_order_id", "payment", ["order_id"], unique=False)
    op.create_table(
        "signal_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_signal_subscription_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["process_instance.id"], name=op.f("fk_signal_subscription_root_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_subscription")),
        sa.UniqueConstraint(
            "instance_id", "subscription_id", name=op.f("uq_signal_subscription_instance_id_subscription_id")
        ),
    )
    op.create_index("ix_signal_subscription_name", "signal_subscription", ["name"], unique=False)
    op.create_index(op.f("ix_signal_subscription_root_id"), "signal_subscription", ["root_id"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("timer_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_timer_instance_id")),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_timer_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("instance_id", "timer_id", name=op.f("uq_timer_instance_id_timer_id")),
    )
    op.create_index("ix_timer_due", "timer", ["due_at", "id"], unique=False)
    op.create_index(op.f("ix_timer_root_id"), "timer", ["root_id"], unique=False)
    op.create_table(
        "user_task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("root_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("form_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("candidate_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("candidate_users", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("four_eyes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("not_involved_in", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("draft_by", sa.Text(), nullable=True),
        sa.Column("draft_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (state = 'created')", name=op.f("ck_user_task_ended")),
        sa.CheckConstraint(
            "state <> 'completed' OR completed_by IS NOT NULL", name=op.f("ck_user_task_completed_by")
        ),
        sa.CheckConstraint("state IN ('created', 'completed', 'cancelled')", name=op.f("ck_user_task_state")),
        sa.CheckConstraint("priority BETWEEN 0 AND 100", name=op.f("ck_user_task_priority")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_user_task_definition_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")
        ),
        sa.ForeignKeyConstraint(["root_id"], ["process_instance.id"], name=op.f("fk_user_task_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
        sa.UniqueConstraint("instance_id", "activity_id", name=op.f("uq_user_task_instance_id_activity_id")),
    )
    op.create_index("ix_user_task_case", "user_task", ["business_key", "id"], unique=False)
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index(
        "ix_user_task_due",
        "user_task",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'created'"),
    )
    op.create_index(
        "ix_user_task_groups",
        "user_task",
        ["candidate_groups"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'created'"),
    )
    op.create_index(
        "ix_user_task_mine",
        "user_task",
        ["assignee", "priority", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'created'"),
    )
    op.create_index(op.f("ix_user_task_root_id"), "user_task", ["root_id"], unique=False)
    op.create_index(
        "ix_user_task_users",
        "user_task",
        ["candidate_users"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'created'"),
    )
    op.create_table(
        "serial_number",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), server_default="sold", nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "replaced_by_id IS NULL OR state = 'replaced'", name=op.f("ck_serial_number_replaced_by")
        ),
        sa.CheckConstraint(
            "state IN ('in_stock', 'sold', 'returned', 'replaced')", name=op.f("ck_serial_number_state")
        ),
        sa.CheckConstraint("replaced_by_id <> id", name=op.f("ck_serial_number_not_its_own_replacement")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_serial_number_customer_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_serial_number_order_line_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_serial_number_product_id")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["serial_number.id"], name=op.f("fk_serial_number_replaced_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_number")),
        sa.UniqueConstraint("number", name=op.f("uq_serial_number_number")),
    )
    op.create_index("ix_serial_number_customer_id", "serial_number", ["customer_id"], unique=False)
    op.create_index("ix_serial_number_order_line_id", "serial_number", ["order_line_id"], unique=False)
    op.create_index(
        "ix_serial_number_product_id_state", "serial_number", ["product_id", "state"], unique=False
    )
    op.create_index("ix_serial_number_replaced_by_id", "serial_number", ["replaced_by_id"], unique=False)
    op.create_table(
        "aftersales_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("process_instance_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("serial_number_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("shop_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("urgency", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_asked", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("amount_approved", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("deducted", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("refunded", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "compensated", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("improvement", sa.Text(), server_default="", nullable=False),
        sa.Column("return_contact", sa.Text(), server_default="", nullable=False),
        sa.Column("return_address", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("about_case_id", sa.BigInteger(), nullable=True),
        sa.Column("awaited_by_job_id", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('completed', 'cancelled')", name=op.f("ck_aftersales_case_outcome")),
        sa.CheckConstraint("state ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_aftersales_case_state")),
        sa.CheckConstraint("about_case_id <> id", name=op.f("ck_aftersales_case_not_about_itself")),
        sa.CheckConstraint(
            "amount_asked >= 0 AND amount_approved >= 0 AND deducted >= 0",
            name=op.f("ck_aftersales_case_amounts"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR outcome IS NOT NULL", name=op.f("ck_aftersales_case_outcome_once_closed")
        ),
        sa.CheckConstraint(
            "compensated >= 0 AND (amount_approved IS NULL OR compensated <= amount_approved)",
            name=op.f("ck_aftersales_case_compensated_within_approved"),
        ),
        sa.ForeignKeyConstraint(
            ["about_case_id"], ["aftersales_case.id"], name=op.f("fk_aftersales_case_about_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["awaited_by_job_id"], ["job.id"], name=op.f("fk_aftersales_case_awaited_by_job_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_aftersales_case_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_aftersales_case_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["process_instance_id"],
            ["process_instance.id"],
            name=op.f("fk_aftersales_case_process_instance_id"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_aftersales_case_product_id")),
        sa.ForeignKeyConstraint(
            ["serial_number_id"], ["serial_number.id"], name=op.f("fk_aftersales_case_serial_number_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_aftersales_case_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftersales_case")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_aftersales_case_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_aftersales_case_number")),
    )
    op.create_index("ix_aftersales_case_about_case_id", "aftersales_case", ["about_case_id"], unique=False)
    op.create_index("ix_aftersales_case_applied_at_id", "aftersales_case", ["applied_at", "id"], unique=False)
    op.create_index(
        "ix_aftersales_case_awaited_by_job_id", "aftersales_case", ["awaited_by_job_id"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_category_applied_at", "aftersales_case", ["category", "applied_at"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_cause_department", "aftersales_case", ["cause", "department"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_channel_applied_at", "aftersales_case", ["channel", "applied_at"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_customer_id_applied_at",
        "aftersales_case",
        ["customer_id", "applied_at"],
        unique=False,
    )
    op.create_index(
        "ix_aftersales_case_open_due",
        "aftersales_case",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_aftersales_case_opened_by_applied_at",
        "aftersales_case",
        ["opened_by", "applied_at"],
        unique=False,
    )
    op.create_index("ix_aftersales_case_order_id", "aftersales_case", ["order_id"], unique=False)
    op.create_index(
        "ix_aftersales_case_process_instance_id", "aftersales_case", ["process_instance_id"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_process_key_applied_at",
        "aftersales_case",
        ["process_key", "applied_at"],
        unique=False,
    )
    op.create_index("ix_aftersales_case_product_id", "aftersales_case", ["product_id"], unique=False)
    op.create_index(
        "ix_aftersales_case_serial_number_id", "aftersales_case", ["serial_number_id"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_shop_id_applied_at", "aftersales_case", ["shop_id", "applied_at"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_state_applied_at", "aftersales_case", ["state", "applied_at"], unique=False
    )
    op.create_index(
        "ix_aftersales_case_urgency_applied_at", "aftersales_case", ["urgency", "applied_at"], unique=False
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name=op.f("ck_attachment_digest")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_attachment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"], unique=False)
    op.create_index("ix_attachment_digest", "attachment", ["digest"], unique=False)
    op.create_index("ix_attachment_person_at", "attachment", ["person", "at"], unique=False)
    op.create_table(
        "call_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('reached', 'unreachable', 'do_not_call')", name=op.f("ck_call_log_outcome")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_call_log_case_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_call_log_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_log")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_call_log_idempotency_key")),
    )
    op.create_index("ix_call_log_case_id_at", "call_log", ["case_id", "at"], unique=False)
    op.create_index("ix_call_log_customer_id_at", "call_log", ["customer_id", "at"], unique=False)
    op.create_table(
        "case_line",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_asked", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_case_line_quantity")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_case_line_case_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_case_line_order_line_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "order_line_id", name=op.f("pk_case_line")),
    )
    op.create_index("ix_case_line_order_line_id", "case_line", ["order_line_id"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("from_case_id", sa.BigInteger(), nullable=False),
        sa.Column("to_case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_case_link_kind")),
        sa.CheckConstraint("from_case_id <> to_case_id", name=op.f("ck_case_link_two_cases")),
        sa.ForeignKeyConstraint(
            ["from_case_id"], ["aftersales_case.id"], name=op.f("fk_case_link_from_case_id")
        ),
        sa.ForeignKeyConstraint(["to_case_id"], ["aftersales_case.id"], name=op.f("fk_case_link_to_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint(
            "from_case_id", "to_case_id", "kind", name=op.f("uq_case_link_from_case_id_to_case_id_kind")
        ),
    )
    op.create_index("ix_case_link_to_case_id", "case_link", ["to_case_id"], unique=False)
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("(settled_at IS NULL) = (state = 'open')", name=op.f("ck_charge_settled_at")),
        sa.CheckConstraint("state IN ('open', 'paid', 'unpaid')", name=op.f("ck_charge_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_charge_amount")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_charge_case_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_charge_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_charge_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_charge_number")),
    )
    op.create_index("ix_charge_case_id", "charge", ["case_id"], unique=False)
    op.create_index("ix_charge_customer_id", "charge", ["customer_id"], unique=False)
    op.create_index("ix_charge_state_created_at", "charge", ["state", "created_at"], unique=False)
    op.create_table(
        "compensation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_compensation_amount")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_compensation_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_compensation_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_compensation_number")),
    )
    op.create_index("ix_compensation_case_id", "compensation", ["case_id"], unique=False)
    op.create_index("ix_compensation_paid_at_id", "compensation", ["paid_at", "id"], unique=False)
    op.create_table(
        "customer_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(sent_at IS NOT NULL) = (state = 'sent')", name=op.f("ck_customer_message_sent_at")
        ),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("ck_customer_message_state")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aftersales_case.id"], name=op.f("fk_customer_message_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_message_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_message")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_customer_message_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_message_number")),
    )
    op.create_index(
        "ix_customer_message_case_id_created_at", "customer_message", ["case_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_customer_message_customer_id_created_at",
        "customer_message",
        ["customer_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_customer_message_queued",
        "customer_message",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "goods_receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("goods", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_goods_receipt_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_receipt")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_goods_receipt_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_goods_receipt_number")),
    )
    op.create_index("ix_goods_receipt_case_id", "goods_receipt", ["case_id"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f("ck_note_text")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_note_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_case_id_at", "note", ["case_id", "at"], unique=False)
    op.create_index("ix_note_mentions", "note", ["mentions"], unique=False, postgresql_using="gin")
    op.create_table(
        "parcel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("carrier_name", sa.Text(), server_default="", nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intercepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "carrier_id IS NOT NULL OR carrier_name <> ''", name=op.f("ck_parcel_has_carrier")
        ),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_parcel_direction")),
        sa.CheckConstraint(
            "intercepted_at IS NULL OR delivered_at IS NULL", name=op.f("ck_parcel_intercepted_or_delivered")
        ),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_parcel_carrier_id")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_parcel_case_id")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_parcel_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_parcel_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_parcel_number")),
    )
    op.create_index("ix_parcel_carrier_id_shipped_at", "parcel", ["carrier_id", "shipped_at"], unique=False)
    op.create_index("ix_parcel_case_id", "parcel", ["case_id"], unique=False)
    op.create_index("ix_parcel_order_id", "parcel", ["order_id"], unique=False)
    op.create_index("ix_parcel_tracking", "parcel", ["tracking"], unique=False)
    op.create_table(
        "pickup",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_pickup_carrier_id")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_pickup_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_pickup_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_pickup_number")),
    )
    op.create_index("ix_pickup_carrier_id_at", "pickup", ["carrier_id", "at"], unique=False)
    op.create_index("ix_pickup_case_id", "pickup", ["case_id"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="ordered", nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(arrived_at IS NOT NULL) = (state = 'arrived')", name=op.f("ck_purchase_arrived_at")
        ),
        sa.CheckConstraint("state IN ('ordered', 'arrived', 'cancelled')", name=op.f("ck_purchase_state")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_purchase_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_purchase_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_number")),
    )
    op.create_index("ix_purchase_case_id", "purchase", ["case_id"], unique=False)
    op.create_index(
        "ix_purchase_due",
        "purchase",
        ["promised_on"],
        unique=False,
        postgresql_where=sa.text("state = 'ordered'"),
    )
    op.create_table(
        "rating",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("about ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_rating_about")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_rating_rating")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_rating_case_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_rating_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_rating_idempotency_key")),
    )
    op.create_index("ix_rating_about_at", "rating", ["about", "at"], unique=False)
    op.create_index("ix_rating_case_id", "rating", ["case_id"], unique=False)
    op.create_index("ix_rating_customer_id", "rating", ["customer_id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("goods", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("shipping", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("deducted", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("extra", sa.Numeric(precision=14, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "goods >= 0 AND shipping >= 0 AND deducted >= 0 AND extra >= 0", name=op.f("ck_refund_amounts")
        ),
        sa.CheckConstraint(
            "total = goods + shipping - deducted AND total >= 0", name=op.f("ck_refund_total")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_refund_case_id")),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_refund_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("id", "order_id", name=op.f("uq_refund_id_order_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_refund_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_number")),
    )
    op.create_index("ix_refund_case_id", "refund", ["case_id"], unique=False)
    op.create_index("ix_refund_order_id", "refund", ["order_id"], unique=False)
    op.create_index("ix_refund_paid_at_id", "refund", ["paid_at", "id"], unique=False)
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"], unique=False)
    op.create_table(
        "repair_visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("technician", sa.Text(), nullable=False),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "parts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("hours", sa.Numeric(precision=6, scale=2), server_default=sa.text("0"), nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("hours >= 0", name=op.f("ck_repair_visit_hours")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_repair_visit_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_visit")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_repair_visit_idempotency_key")),
    )
    op.create_index("ix_repair_visit_case_id", "repair_visit", ["case_id"], unique=False)
    op.create_index(
        "ix_repair_visit_technician_arrived_at", "repair_visit", ["technician", "arrived_at"], unique=False
    )
    op.create_table(
        "revisit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_revisit_case_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_revisit_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit")),
        sa.UniqueConstraint("case_id", "interval", name=op.f("uq_revisit_case_id_interval")),
    )
    op.create_index("ix_revisit_customer_id", "revisit", ["customer_id"], unique=False)
    op.create_index(
        "ix_revisit_open_due",
        "revisit",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "staff_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("(role IS NULL) <> (person IS NULL)", name=op.f("ck_staff_notice_role_or_person")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_staff_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notice")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_staff_notice_idempotency_key")),
    )
    op.create_index("ix_staff_notice_case_id", "staff_notice", ["case_id"], unique=False)
    op.create_index("ix_staff_notice_person_id", "staff_notice", ["person", "id"], unique=False)
    op.create_index("ix_staff_notice_role_id", "staff_notice", ["role", "id"], unique=False)
    op.create_table(
        "stock_reservation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="held", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state = 'held')", name=op.f("ck_stock_reservation_ended_at")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'released', 'issued')", name=op.f("ck_stock_reservation_state")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["aftersales_case.id"], name=op.f("fk_stock_reservation_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_reservation_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservation")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_stock_reservation_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_reservation_number")),
    )
    op.create_index("ix_stock_reservation_case_id", "stock_reservation", ["case_id"], unique=False)
    op.create_index(
        "ix_stock_reservation_held",
        "stock_reservation",
        ["warehouse_id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "write_off",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "photos", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_write_off_amount")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_write_off_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_off")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_write_off_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_write_off_number")),
    )
    op.create_index("ix_write_off_case_id", "write_off", ["case_id"], unique=False)
    op.create_index("ix_write_off_filed_at", "write_off", ["filed_at"], unique=False)
    op.create_table(
        "parcel_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_line_quantity")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_line_parcel_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_parcel_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_line")),
        sa.UniqueConstraint("parcel_id", "product_id", name=op.f("uq_parcel_line_parcel_id_product_id")),
    )
    op.create_index("ix_parcel_line_product_id", "parcel_line", ["product_id"], unique=False)
    op.create_table(
        "purchase_line",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_purchase_line_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_purchase_line_product_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_line_purchase_id")),
        sa.PrimaryKeyConstraint("purchase_id", "product_id", name=op.f("pk_purchase_line")),
    )
    op.create_index("ix_purchase_line_product_id", "purchase_line", ["product_id"], unique=False)
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND amount >= 0 AND quantity + amount > 0", name=op.f("ck_refund_line_amounts")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id", "order_id"],
            ["order_line.id", "order_line.order_id"],
            name=op.f("fk_refund_line_order_line_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["refund_id", "order_id"],
            ["refund.id", "refund.order_id"],
            name=op.f("fk_refund_line_refund_id_order_id"),
        ),
        sa.PrimaryKeyConstraint("refund_id", "order_line_id", name=op.f("pk_refund_line")),
    )
    op.create_index("ix_refund_line_order_line_id", "refund_line", ["order_line_id"], unique=False)
    op.create_table(
        "staff_notice_read",
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["staff_notice.id"], name=op.f("fk_staff_notice_read_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "person", name=op.f("pk_staff_notice_read")),
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serials", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("reservation_id", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_stock_movement_direction")),
        sa.CheckConstraint("type ~ '^[a-z][a-z0-9_]*$'", name=op.f("ck_stock_movement_type")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_movement_quantity")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_stock_movement_case_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_movement_product_id")),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["stock_reservation.id"], name=op.f("fk_stock_movement_reservation_id")
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["warehouse.id"], name=op.f("fk_stock_movement_warehouse_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint(
            "idempotency_key", "product_id", name=op.f("uq_stock_movement_idempotency_key_product_id")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_stock_movement_number")),
    )
    op.create_index("ix_stock_movement_at_id", "stock_movement", ["at", "id"], unique=False)
    op.create_index("ix_stock_movement_case_id", "stock_movement", ["case_id"], unique=False)
    op.create_index("ix_stock_movement_person_at", "stock_movement", ["person", "at"], unique=False)
    op.create_index("ix_stock_movement_product_id_at", "stock_movement", ["product_id", "at"], unique=False)
    op.create_index("ix_stock_movement_reservation_id", "stock_movement", ["reservation_id"], unique=False)
    op.create_index("ix_stock_movement_type_at", "stock_movement", ["type", "at"], unique=False)
    op.create_index(
        "ix_stock_movement_warehouse_id_at", "stock_movement", ["warehouse_id", "at"], unique=False
    )
    op.create_table(
        "stock_reservation_line",
        sa.Column("reservation_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_reservation_line_quantity")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_stock_reservation_line_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["stock_reservation.id"],
            name=op.f("fk_stock_reservation_line_reservation_id"),
        ),
        sa.PrimaryKeyConstraint("reservation_id", "product_id", name=op.f("pk_stock_reservation_line")),
    )
    op.create_index(
        "ix_stock_reservation_line_product_id", "stock_reservation_line", ["product_id"], unique=False
    )
    # ### end Alembic commands ###

    for statement in TRIGGERS:
        op.execute(statement)
    op.execute(
        "INSERT INTO organisation_stream (id, seq, hash) VALUES (0, 0, decode(repeat('00', 32), 'hex'))"
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the first schema has nothing before it.")
