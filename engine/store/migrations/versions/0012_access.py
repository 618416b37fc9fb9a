"""Access: whose cases are seen"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "person", sa.Column("shops", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.create_index("ix_customer_province", "customer", ["province"])


def downgrade() -> None:
    op.drop_index("ix_customer_province", "customer")
    op.drop_column("person", "shops")
