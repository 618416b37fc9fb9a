"""Back-tests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "back_test",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_back_test_state")
        ),
        sa.CheckConstraint(
            "(ended_at IS NOT NULL) = (state IN ('done', 'failed'))", name=op.f("ck_back_test_ended")
        ),
        sa.CheckConstraint("last > 0 AND done >= 0", name=op.f("ck_back_test_counts")),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_back_test_definition_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_test")),
    )
    op.create_index("ix_back_test_process_key", "back_test", ["process_key", "id"], unique=False)
    op.create_table(
        "back_test_case",
        sa.Column("back_test_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("comparable", sa.Boolean(), nullable=False),
        sa.Column("another_path", sa.Boolean(), nullable=False),
        sa.Column("somebody_else", sa.Boolean(), nullable=False),
        sa.Column("another_amount", sa.Boolean(), nullable=False),
        sa.Column("longer", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.Numeric(14, 2), nullable=False),
        sa.Column("would_pay", sa.Numeric(14, 2), nullable=True),
        sa.Column("lasted", sa.BigInteger(), nullable=False),
        sa.Column("would_last", sa.BigInteger(), nullable=True),
        sa.Column("stop_element", sa.Text(), nullable=True),
        sa.Column("stop_why", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["back_test_id"],
            ["back_test.id"],
            name=op.f("fk_back_test_case_back_test_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_back_test_case_instance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("back_test_id", "instance_id", name=op.f("pk_back_test_case")),
    )
    op.create_index(
        "ix_process_instance_finished",
        "process_instance",
        ["process_key", sa.text("ended_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_process_instance_finished", "process_instance")
    op.drop_table("back_test_case")
    op.drop_table("back_test")
