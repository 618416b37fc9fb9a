"""Submissions, planned starts, retired procedures; the organisation versioned whole, with absences"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Who saved into a draft stands in the history; whoever began it counts where nobody did.
_AUTHORS = """
UPDATE draft SET authors = COALESCE(
    (SELECT array_agg(DISTINCT actor) FROM history_event
      WHERE stream = 0 AND type = 'DraftSaved' AND (payload::jsonb ->> 'draft')::bigint = draft.id),
    ARRAY[created_by])
"""


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("begins <= ends", name=op.f("ck_absence_in_order")),
        sa.CheckConstraint("person <> substitute", name=op.f("ck_absence_another")),
        sa.ForeignKeyConstraint(["person"], ["person.key"], name=op.f("fk_absence_person")),
        sa.ForeignKeyConstraint(["substitute"], ["person.key"], name=op.f("fk_absence_substitute")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person"), "absence", ["person"], unique=False)
    op.create_index("ix_absence_substitute", "absence", ["substitute", "ends"], unique=False)
    op.create_table(
        "planned_start",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_planned_start_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_start")),
        sa.UniqueConstraint("definition_id", name=op.f("uq_planned_start_definition_id")),
    )
    op.create_index("ix_planned_start_process_key", "planned_start", ["process_key"], unique=False)
    op.create_table(
        "retired_procedure",
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_retired_procedure_definition_id")
        ),
        sa.PrimaryKeyConstraint("process_key", name=op.f("pk_retired_procedure")),
    )
    op.create_table(
        "scenario_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done')", name=op.f("ck_scenario_run_state")),
        sa.CheckConstraint("done <= total", name=op.f("ck_scenario_run_within")),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft.id"], name=op.f("fk_scenario_run_draft_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario_run")),
        sa.UniqueConstraint("draft_id", "revision", name=op.f("uq_scenario_run_draft_id_revision")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), server_default="", nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name=op.f("ck_submission_decided")),
        sa.CheckConstraint(
            "state IN ('waiting', 'withdrawn', 'returned', 'approved')", name=op.f("ck_submission_state")
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_submission_definition_id")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_submission_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index("ix_submission_process_key", "submission", ["process_key", "id"], unique=False)
    op.create_index(
        "uq_submission_waiting",
        "submission",
        ["draft_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.add_column(
        "draft", sa.Column("authors", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("organisation_version", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("staff_notice", sa.Column("code", sa.Text(), nullable=True))
    op.add_column(
        "staff_notice",
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("staff_notice", sa.Column("path", sa.Text(), nullable=True))
    op.execute(_AUTHORS)
    # Until now a version was the organisation alone; the order of its roles is kept from here on.
    op.execute(
        "ALTER TABLE organisation_version ALTER content TYPE json"
        " USING json_build_object('organisation', content)"
    )
    op.execute(
        """CREATE TRIGGER organisation_version__append_only BEFORE UPDATE OR DELETE ON organisation_version  FOR EACH ROW EXECUTE FUNCTION append_only()"""
    )
    op.execute(
        """CREATE TRIGGER organisation_version__append_only_on_truncate BEFORE TRUNCATE ON organisation_version  FOR EACH STATEMENT EXECUTE FUNCTION append_only()"""
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER organisation_version__append_only ON organisation_version")
    op.execute("DROP TRIGGER organisation_version__append_only_on_truncate ON organisation_version")
    op.execute(
        "ALTER TABLE organisation_version ALTER content TYPE jsonb USING (content -> 'organisation')::jsonb"
    )
    op.drop_column("staff_notice", "path")
    op.drop_column("staff_notice", "params")
    op.drop_column("staff_notice", "code")
    op.drop_column("organisation_version", "note")
    op.drop_column("draft", "authors")
    op.drop_table("submission")
    op.drop_table("scenario_run")
    op.drop_table("retired_procedure")
    op.drop_table("planned_start")
    op.drop_table("absence")
