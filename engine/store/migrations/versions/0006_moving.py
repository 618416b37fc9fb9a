"""Moving running instances to another version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('there', 'back')", name=op.f("ck_move_kind")),
        sa.ForeignKeyConstraint(["from_id"], ["process_definition.id"], name=op.f("fk_move_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["process_definition.id"], name=op.f("fk_move_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    op.create_index("ix_move_process", "move", ["process_key", "id"])
    op.create_table(
        "move_item",
        sa.Column("move_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'moved', 'refused')", name=op.f("ck_move_item_state")),
        sa.ForeignKeyConstraint(["move_id"], ["move.id"], name=op.f("fk_move_item_move_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_move_item_instance_id")
        ),
        sa.PrimaryKeyConstraint("move_id", "instance_id", name=op.f("pk_move_item")),
    )
    op.create_index(
        "ix_move_item_waiting",
        "move_item",
        ["move_id", "instance_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "moved_instance",
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["process_instance.id"], name=op.f("fk_moved_instance_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_moved_instance_definition_id")
        ),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_moved_instance")),
    )


def downgrade() -> None:
    op.drop_table("moved_instance")
    op.drop_table("move_item")
    op.drop_table("move")
