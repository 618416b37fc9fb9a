"""Quick: timers are queued when due, the inbox is read in the order it is shown in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("timer", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_timer_due", "timer")
    op.create_index(
        "ix_timer_due",
        "timer",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("queued_at IS NULL"),
    )
    op.add_column("user_task", sa.Column("turn", sa.Float(), nullable=True))
    op.execute(
        "UPDATE user_task SET turn = (100 - priority) * 1e11"
        " + extract(epoch FROM coalesce(due_at, timestamptz '3000-01-01 00:00+00'))"
    )
    op.alter_column("user_task", "turn", nullable=False)
    op.create_index(
        "ix_user_task_turn",
        "user_task",
        ["turn", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'created'"),
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_turn", "user_task")
    op.drop_column("user_task", "turn")
    op.drop_index("ix_timer_due", "timer")
    op.create_index("ix_timer_due", "timer", ["due_at", "id"], unique=False)
    op.drop_column("timer", "queued_at")
