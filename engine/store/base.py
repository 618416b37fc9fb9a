"""The one declarative base every table of the product hangs on, and the column types they share."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

#: Constraint names are part of the product: migrations and `engine.store.errors` refer to them.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: Surrogate key, assigned by the database in order of insertion: keyset pages sort by it.
Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
#: Money in the organisation's currency, to the cent. Never a float in Python.
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
#: Timezone-aware instants only.
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
#: A JSON document whose key order carries no meaning.
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """Base of all mapped classes. Relationships, where there are any, are `lazy="raise"`."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text(),
        datetime: DateTime(timezone=True),
        Decimal: Numeric(14, 2),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB(),
    }
