"""What somebody tried and was refused stands in the history of the case."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine.runtime import attempts
from engine.store.tables import HistoryEvent
from tests.web import goods


@pytest.fixture(autouse=True)
def _shop(office):
    goods.furnish(office)


def told(office, case: str, type_: str = attempts.EVENT) -> list[dict[str, Any]]:
    with office.app.database.begin() as session:
        rows = session.scalars(
            select(HistoryEvent)
            .where(HistoryEvent.business_key == case, HistoryEvent.type == type_)
            .order_by(HistoryEvent.id)
        )
        return [{"by": row.actor, "stream": row.stream, **orjson.loads(row.payload)} for row in rows]


def test_a_step_that_is_not_hers_refuses_a_technician_and_the_case_remembers(browser, office):
    case = goods.case(office)
    task = office.task("review", case)
    answer = browser("tech").post(f"/user-tasks/{task.id}/complete", {"decision": "approve"})
    assert answer.status_code in (403, 409)
    (attempt,) = told(office, case)
    print(attempt)
    assert attempt["by"] == "tech" and attempt["from"] == "testclient"
    assert attempt["code"] == "not_a_candidate"
