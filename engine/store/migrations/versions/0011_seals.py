"""Seals over the whole history, and runs that check it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_seal_number_positive")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_seal_hash_length")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.execute(
        "CREATE TRIGGER seal__append_only BEFORE UPDATE OR DELETE ON seal  FOR EACH ROW EXECUTE FUNCTION append_only()"
    )
    op.execute(
        "CREATE TRIGGER seal__append_only_on_truncate BEFORE TRUNCATE ON seal  FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("streams", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("events", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.Integer(), nullable=True),
        sa.Column("broken", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("breaks", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint(
            "events >= 0 AND streams >= 0 AND broken >= 0", name=op.f("ck_verification_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )


def downgrade() -> None:
    op.drop_table("verification")
    op.drop_table("seal")
