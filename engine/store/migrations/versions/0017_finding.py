"""Cases are found by the elements they passed, by any value, by role, amount and end: an index each"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_VALUES = "COALESCE(payload::jsonb -> 'variables', payload::jsonb -> 'values')"
_VALUED = "'ProcessInstanceStarted', 'UserTaskCompleted', 'VariablesCorrected', 'ProcessInstanceCompleted'"


def upgrade() -> None:
    op.drop_index("ix_history_event_actor", table_name="history_event")
    op.create_index("ix_history_event_actor", "history_event", ["actor", "business_key"], unique=False)
    op.create_index(
        "ix_history_event_passed",
        "history_event",
        ["element_id", "business_key"],
        unique=False,
        postgresql_where=sa.text("type = 'ElementCompleted'"),
    )
    op.create_index(
        "ix_history_event_values",
        "history_event",
        [sa.literal_column(_VALUES).label("told")],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"told": "jsonb_path_ops"},
        postgresql_where=sa.text(f"type IN ({_VALUED})"),
    )
    op.create_index("ix_user_task_lane", "user_task", ["lane", "business_key"], unique=False)
    op.create_index(
        "ix_aftersales_case_amount",
        "aftersales_case",
        [sa.text("COALESCE(amount_approved, amount_asked, NULLIF(refunded, 0))"), "id"],
        unique=False,
    )
    op.create_index("ix_aftersales_case_closed_at_id", "aftersales_case", ["closed_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_aftersales_case_closed_at_id", table_name="aftersales_case")
    op.drop_index("ix_aftersales_case_amount", table_name="aftersales_case")
    op.drop_index("ix_user_task_lane", table_name="user_task")
    op.drop_index("ix_history_event_values", table_name="history_event")
    op.drop_index("ix_history_event_passed", table_name="history_event")
    op.drop_index("ix_history_event_actor", table_name="history_event")
    op.create_index("ix_history_event_actor", "history_event", ["actor", "id"], unique=False)
