"""What the monthly figures are computed from: when a case was answered, proposed to, solved; its version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENTS = ("first_answered_at", "proposed_at", "solved_at")


def upgrade() -> None:
    for column in _MOMENTS:
        op.add_column("aftersales_case", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("aftersales_case", sa.Column("definition_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_aftersales_case_definition_id"),
        "aftersales_case",
        "process_definition",
        ["definition_id"],
        ["id"],
    )
    # Cases of before: what their steps and states still say. A proposal is read from the step of the shipped complaint.
    op.execute(
        "UPDATE aftersales_case c SET definition_id = i.definition_id FROM process_instance i"
        " WHERE i.id = c.process_instance_id"
    )
    op.execute(
        "UPDATE aftersales_case c SET first_answered_at = coalesce((SELECT min(t.ended_at) FROM user_task t"
        " WHERE t.business_key = c.number AND t.state = 'completed'), c.closed_at)"
    )
    op.execute(
        "UPDATE aftersales_case SET solved_at = closed_at WHERE outcome = 'completed'"
        " AND state IN ('completed', 'in_revisit', 'parts_issued', 'adopted', 'answered')"
    )
    op.execute(
        "UPDATE aftersales_case c SET proposed_at = (SELECT min(e.at) FROM history_event e"
        " WHERE e.business_key = c.number AND e.type = 'ServiceTaskCompleted' AND e.element_id = 'state_offered')"
        " WHERE c.process_key = 'complaint'"
    )
    op.drop_index("ix_user_task_done", table_name="user_task")
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
        postgresql_include=["due_at", "process_key", "definition_id", "business_key"],
    )
    op.create_index(
        "ix_user_task_created", "user_task", ["created_at"], unique=False, postgresql_using="brin"
    )
    op.create_index("ix_rating_at", "rating", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_rating_at", table_name="rating")
    op.drop_index("ix_user_task_created", table_name="user_task")
    op.drop_index("ix_user_task_done", table_name="user_task")
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.drop_constraint(op.f("fk_aftersales_case_definition_id"), "aftersales_case", type_="foreignkey")
    for column in ("definition_id", *_MOMENTS):
        op.drop_column("aftersales_case", column)
