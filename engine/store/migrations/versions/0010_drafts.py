"""Drafts by file: who saved which, and who is at it now"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_resource", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("draft_resource", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("draft_resource", sa.Column("updated_by", sa.Text(), nullable=True))
    op.create_table(
        "draft_visit",
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process_key", "person_key", name=op.f("pk_draft_visit")),
    )


def downgrade() -> None:
    op.drop_table("draft_visit")
    for column in ("updated_by", "updated_at", "revision"):
        op.drop_column("draft_resource", column)
