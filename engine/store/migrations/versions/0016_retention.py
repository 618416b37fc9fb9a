"""Receipts, with which records are removed and personal data is erased; cases that are held; runs over what is due"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_HISTORY_KEPT = """
CREATE FUNCTION history_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given receipt;
BEGIN
    SELECT * INTO given FROM receipt
     WHERE number = CAST(nullif(current_setting('aftercare.receipt', true), '') AS integer);
    IF TG_OP = 'DELETE' AND given.kind = 'removal' AND OLD.stream = ANY (given.streams) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND given.kind = 'erasure' AND OLD.stream = ANY (given.streams) THEN
        OLD.payload := NEW.payload;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed or deleted without a receipt', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$"""
_CALL_LOG_KEPT = """
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
END $$"""


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("streams", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("cases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_receipt_number_positive")),
        sa.CheckConstraint("kind IN ('removal', 'erasure')", name=op.f("ck_receipt_kind")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_receipt_hash_length")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipt")),
    )
    op.create_index("ix_receipt_cases", "receipt", ["cases"], unique=False, postgresql_using="gin")
    op.execute(
        "CREATE TRIGGER receipt__append_only BEFORE UPDATE OR DELETE ON receipt  FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        "CREATE TRIGGER receipt__append_only_on_truncate BEFORE TRUNCATE ON receipt  FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
    for table, function, body in (
        ("history_event", "history_kept", _HISTORY_KEPT),
        ("call_log", "call_log_kept", _CALL_LOG_KEPT),
    ):
        op.execute(body.strip())
        op.execute(f"DROP TRIGGER {table}__append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}__{function} BEFORE UPDATE OR DELETE ON {table}  FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    op.create_table(
        "legal_hold",
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f("ck_legal_hold_reason")),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_legal_hold_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_legal_hold")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("left", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("most > 0 AND total >= 0 AND done >= 0", name=op.f("ck_retention_run_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    for table in ("aftersales_case", "customer"):
        op.add_column(table, sa.Column("receipt", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_receipt"), table, "receipt", ["receipt"], ["number"])
    op.create_index(
        "ix_aftersales_case_kept",
        "aftersales_case",
        ["closed_at", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL AND receipt IS NULL"),
    )
    op.create_index(
        "ix_aftersales_case_receipt",
        "aftersales_case",
        ["receipt"],
        unique=False,
        postgresql_where=sa.text("receipt IS NOT NULL"),
    )
    op.add_column("verification", sa.Column("removed", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "verification",
        sa.Column("erased", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    for column in ("erased", "removed"):
        op.drop_column("verification", column)
    op.drop_index("ix_aftersales_case_receipt", table_name="aftersales_case")
    op.drop_index("ix_aftersales_case_kept", table_name="aftersales_case")
    for table in ("customer", "aftersales_case"):
        op.drop_constraint(op.f(f"fk_{table}_receipt"), table, type_="foreignkey")
        op.drop_column(table, "receipt")
    op.drop_table("retention_run")
    op.drop_table("legal_hold")
    for table, function in (("call_log", "call_log_kept"), ("history_event", "history_kept")):
        op.execute(f"DROP TRIGGER {table}__{function} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
        op.execute(
            f"CREATE TRIGGER {table}__append_only BEFORE UPDATE OR DELETE ON {table}  FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    op.drop_table("receipt")
