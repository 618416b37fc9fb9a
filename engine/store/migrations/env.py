"""Run by Alembic: connects to the address and compares with the tables that `engine.store.migrate` hands over."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine


def ours(name: str | None, type_: str, _parent: dict[str, Any]) -> bool:
    """Procrastinate's tables are its own."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


attributes = context.config.attributes
engine = create_engine(attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=attributes["metadata"],
        include_name=ours,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
