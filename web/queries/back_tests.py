"""Back-tests as they are read: the runs of a procedure, their cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from engine.backtests.figures import WAYS
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound
from engine.store.tables import BackTest, BackTestCase, ProcessInstance

#: So many runs are listed.
_LATEST = 10


def find(ctx: Context, process_key: str, back_test_id: int) -> BackTest:
    """A run of this procedure. Raises `NotFound`."""
    found = ctx.session.get(BackTest, back_test_id)
    if found is None or found.process_key != process_key:
        raise NotFound(what="back-test", id=back_test_id)
    return found


def latest(ctx: Context, process_key: str) -> Sequence[BackTest]:
    """The runs of a procedure, newest first."""
    query = select(BackTest).where(BackTest.process_key == process_key)
    return ctx.session.scalars(query.order_by(BackTest.id.desc()).limit(_LATEST)).all()


def rows(ctx: Context, back_test_id: int) -> Sequence[RowMapping]:
    """The cases of a run with what is counted of them, those that ended last first."""
    columns = [column for column in BackTestCase.__table__.c if column.name != "detail"]
    query = (
        select(*columns, ProcessInstance.ended_at)
        .join(ProcessInstance, ProcessInstance.id == BackTestCase.instance_id)
        .where(BackTestCase.back_test_id == back_test_id)
        .order_by(ProcessInstance.ended_at.desc(), BackTestCase.instance_id.desc())
    )
    return ctx.session.execute(query).mappings().all()


def case(ctx: Context, back_test_id: int, instance_id: int) -> RowMapping:
    """One case of a run. Raises `NotFound`."""
    query = select(BackTestCase.__table__).where(
        BackTestCase.back_test_id == back_test_id, BackTestCase.instance_id == instance_id
    )
    found = ctx.session.execute(query).mappings().one_or_none()
    if found is None:
        raise NotFound(what="case of this back-test", id=instance_id)
    return found


def belongs(row: Mapping[str, Any], show: str) -> bool:
    """Whether a case is among those of a filter: a way it differs, or one of the three others."""
    if show == "not_comparable":
        return not row["comparable"]
    if not row["comparable"]:
        return False
    if show == "need_answer":
        return row["stop_element"] is not None
    if show == "same":
        return row["stop_element"] is None and not any(row[way] for way in WAYS)
    return bool(row[show])
