"""Starts by events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_start",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("timer_kind", sa.Text(), nullable=True),
        sa.Column("timer_text", sa.Text(), nullable=True),
        sa.Column("repetitions", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_pending_start_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_start")),
    )
    op.create_index("ix_pending_start_due", "pending_start", ["due_at", "id"], unique=False)
    op.create_index(op.f("ix_pending_start_process_key"), "pending_start", ["process_key"], unique=False)
    op.create_table(
        "start_subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('message', 'signal')", name=op.f("ck_start_subscription_kind")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_start_subscription_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_subscription")),
    )
    op.create_index("ix_start_subscription_name", "start_subscription", ["kind", "name"], unique=False)
    op.create_index(
        op.f("ix_start_subscription_process_key"), "start_subscription", ["process_key"], unique=False
    )


def downgrade() -> None:
    op.drop_table("start_subscription")
    op.drop_table("pending_start")
