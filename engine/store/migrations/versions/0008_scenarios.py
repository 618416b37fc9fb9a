"""Scenarios kept with versions and drafts, their runs, and plays"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('bpmn', 'dmn', 'form', 'words'{more})"


def upgrade() -> None:
    for table in ("definition_resource", "draft_resource"):
        _kinds(table, ", 'scenario'")
    op.create_table(
        "scenario_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("coverage", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'overtaken')", name=op.f("ck_scenario_run_state")
        ),
        sa.CheckConstraint(
            "(draft_id IS NULL) <> (definition_id IS NULL)", name=op.f("ck_scenario_run_of_one")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('waiting', 'running'))", name=op.f("ck_scenario_run_ended")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_scenario_run_draft_id")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_scenario_run_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_run")),
    )
    op.create_index(
        "ix_scenario_run_draft",
        "scenario_run",
        ["draft_id", "revision", "id"],
        postgresql_where=sa.text("draft_id IS NOT NULL"),
    )
    op.create_index(
        "ix_scenario_run_definition",
        "scenario_run",
        ["definition_id", "id"],
        postgresql_where=sa.text("definition_id IS NOT NULL"),
    )
    op.create_table(
        "play",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("story", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("prepared", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("moves > 0", name=op.f("ck_play_moves_positive")),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_play_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play")),
    )
    op.create_index("ix_play_person", "play", ["person", "process_key", "id"])


def downgrade() -> None:
    op.drop_table("play")
    op.drop_table("scenario_run")
    for table in ("definition_resource", "draft_resource"):
        op.execute(f"DELETE FROM {table} WHERE kind = 'scenario'")
        _kinds(table, "")


def _kinds(table: str, more: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_kind"), table, _KINDS.format(more=more))
