"""Which cases are exported: whole cases, chosen by what they began as and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Subquery, select
from sqlalchemy.dialects.postgresql import distinct_on

from engine.store.tables import ProcessInstance as Instance

#: A case is what its first instance began; a case may have further outermost ones, which its steps started beside it.
_FIRST = (
    select(
        Instance.business_key,
        Instance.process_key,
        Instance.definition_id,
        Instance.started_at,
        Instance.ended_at,
        Instance.state,
    )
    .where(Instance.parent_id.is_(None))
    .ext(distinct_on(Instance.business_key))
    .order_by(Instance.business_key, Instance.id)
    .subquery("first")
)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Every case, unless it is narrowed."""

    #: Key of the procedure a case began as; "" for any.
    process: str = ""
    #: Cases that began at this moment or later.
    begins: datetime | None = None
    #: Cases that began before this moment.
    ends: datetime | None = None
    #: A select of the numbers of the only cases it can be; None: any.
    among: Select[tuple[str]] | None = None

    def cases(self) -> Subquery:
        """The chosen cases, one row each: business_key, process_key, definition_id, started_at, ended_at, state."""
        query = select(_FIRST)
        if self.process:
            query = query.where(_FIRST.c.process_key == self.process)
        if self.begins is not None:
            query = query.where(_FIRST.c.started_at >= self.begins)
        if self.ends is not None:
            query = query.where(_FIRST.c.started_at < self.ends)
        if self.among is not None:
            query = query.where(_FIRST.c.business_key.in_(self.among))
        return query.subquery("chosen")
