"""What administrators do to running work: services paused, versions suspended, one thing done to many"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _job_states("'created', 'held', 'waiting', 'failed'")
    op.create_table(
        "paused_service",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("type", name=op.f("pk_paused_service")),
    )
    op.create_table(
        "suspended_version",
        sa.Column("definition_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_suspended_version_definition_id")
        ),
        sa.PrimaryKeyConstraint("definition_id", name=op.f("pk_suspended_version")),
    )
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_table(
        "bulk_item",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'done', 'refused')", name=op.f("ck_bulk_item_state")),
        sa.CheckConstraint("(state = 'refused') = (why <> '{}')", name=op.f("ck_bulk_item_why")),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_bulk_item_run_id")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_bulk_item_definition_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "target_id", name=op.f("pk_bulk_item")),
    )
    op.create_index(
        "ix_bulk_item_waiting",
        "bulk_item",
        ["run_id", "target_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    for table in ("bulk_item", "bulk_run", "suspended_version", "paused_service"):
        op.drop_table(table)
    op.execute("UPDATE job SET state = 'created' WHERE state = 'held'")
    _job_states("'created', 'waiting', 'failed'")


def _job_states(opened: str) -> None:
    """A job may be in one of these states while it is open."""
    for name in ("state", "ended"):
        op.drop_constraint(op.f(f"ck_job_{name}"), "job", type_="check")
    op.create_check_constraint(op.f("ck_job_state"), "job", f"state IN ({opened}, 'completed', 'cancelled')")
    op.create_check_constraint(op.f("ck_job_ended"), "job", f"(ended_at IS NULL) = (state IN ({opened}))")
