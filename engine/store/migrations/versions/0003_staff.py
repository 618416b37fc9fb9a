"""Staff: followed cases, mentions as notices, filters shared with a role, attempts to send a message"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_follower",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("following", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["aftersales_case.id"], name=op.f("fk_case_follower_case_id")),
        sa.PrimaryKeyConstraint("case_id", "person", name=op.f("pk_case_follower")),
    )
    op.create_index(
        "ix_case_follower_person",
        "case_follower",
        ["person", "case_id"],
        unique=False,
        postgresql_where=sa.text("following"),
    )
    op.add_column("staff_notice", sa.Column("note_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_staff_notice_note_id"), "staff_notice", "note", ["note_id"], ["id"])
    op.create_index("ix_staff_notice_note_id", "staff_notice", ["note_id"], unique=False)
    op.add_column("saved_filter", sa.Column("role", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_saved_filter_role_shared"), "saved_filter", "role IS NULL OR shared")
    op.add_column("customer_message", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_customer_message_failed",
        "customer_message",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_customer_message_failed", "customer_message")
    op.drop_column("customer_message", "attempts")
    op.drop_constraint(op.f("ck_saved_filter_role_shared"), "saved_filter")
    op.drop_column("saved_filter", "role")
    op.drop_index("ix_staff_notice_note_id", "staff_notice")
    op.drop_constraint(op.f("fk_staff_notice_note_id"), "staff_notice")
    op.drop_column("staff_notice", "note_id")
    op.drop_index("ix_case_follower_person", "case_follower")
    op.drop_table("case_follower")
