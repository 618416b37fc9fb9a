"""What a year's figures of people are counted from: the step somebody did in the same case before"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INCLUDED = ["due_at", "process_key", "definition_id", "business_key"]


def upgrade() -> None:
    op.add_column("user_task", sa.Column("follows_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE user_task t SET follows_at = before.at FROM"
        " (SELECT id, lag(ended_at) OVER (PARTITION BY business_key, completed_by ORDER BY ended_at, id) AS at"
        " FROM user_task WHERE state = 'completed') before WHERE before.id = t.id AND before.at IS NOT NULL"
    )
    op.execute(
        """CREATE FUNCTION step_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'completed' AND OLD.state <> 'completed' THEN
        NEW.follows_at := (
            SELECT max(ended_at) FROM user_task
            WHERE business_key = NEW.business_key AND completed_by = NEW.completed_by AND state = 'completed'
        );
    END IF;
    RETURN NEW;
END $$"""
    )
    op.execute(
        """CREATE TRIGGER user_task__step_follows BEFORE UPDATE OF state ON user_task  FOR EACH ROW EXECUTE FUNCTION step_follows()"""
    )
    _index([*_INCLUDED, "follows_at"])
    op.create_index(
        "ix_user_task_doers",
        "user_task",
        ["business_key", "completed_by", "ended_at"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_user_task_doers", table_name="user_task")
    op.execute("DROP TRIGGER user_task__step_follows ON user_task")
    op.execute("DROP FUNCTION step_follows()")
    _index(_INCLUDED)
    op.drop_column("user_task", "follows_at")


def _index(included: list[str]) -> None:
    op.drop_index("ix_user_task_done", table_name="user_task")
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["completed_by", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
        postgresql_include=included,
    )
