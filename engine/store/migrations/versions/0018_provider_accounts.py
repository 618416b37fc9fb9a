"""Who people are at the company's own provider of sign-ins; links to choose a new password"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("provider_account", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_person_provider_account"), "person", ["provider_account"])
    op.create_table(
        "password_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_password_link_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_link_token_digest")),
    )
    op.create_index("ix_password_link_person_id", "password_link", ["person_id"])
    op.create_index("ix_password_link_until", "password_link", ["until"])


def downgrade() -> None:
    op.drop_table("password_link")
    op.drop_constraint(op.f("uq_person_provider_account"), "person", type_="unique")
    op.drop_column("person", "provider_account")
