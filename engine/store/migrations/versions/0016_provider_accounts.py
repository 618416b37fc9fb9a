"""Who people are at the company's own provider of sign-ins"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("provider_account", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_person_provider_account"), "person", ["provider_account"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_person_provider_account"), "person", type_="unique")
    op.drop_column("person", "provider_account")
