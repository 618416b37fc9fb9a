"""What the organisation did in a span of time is found by its kind"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_history_event_organisation",
        "history_event",
        ["type", "at"],
        unique=False,
        postgresql_where=sa.text("stream = 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_history_event_organisation", table_name="history_event")
