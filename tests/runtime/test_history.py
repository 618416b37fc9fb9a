"""The history is what happened, and a changed one is found."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.runtime import user_tasks, verifying


@pytest.fixture
def finished(office):
    office.deploy("approval")
    instance = office.start("approval", amount=4)
    office.do("wang.fang", user_tasks.complete, office.task("review").id, {"remark": "fine"})
    office.do("zhao.lin", user_tasks.complete, office.task("approve").id, {"decision": "approve"})
    office.work()
    return instance


def _broken(app):
    with app.database.begin() as session:
        return list(verifying.verify(session))


def test_an_untouched_history_verifies(office, app, finished):
    assert _broken(app) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE history_event SET actor = 'xu.dan' WHERE stream = :i AND type = 'UserTaskCompleted'",
        "UPDATE history_event SET payload = replace(payload, 'fine', 'poor') WHERE stream = :i",
        "UPDATE history_event SET at = at + interval '1 second' WHERE stream = :i AND seq = 3",
        "DELETE FROM history_event WHERE stream = :i AND seq = 4",
        "DELETE FROM history_event WHERE stream = :i AND seq = (SELECT max(seq) FROM history_event WHERE stream = :i)",
        "DELETE FROM history_event WHERE stream = :i",
    ],
)
def test_a_changed_history_is_found(office, app, finished, change):
    with app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(change), {"i": finished})
    assert finished in {each.stream for each in _broken(app)}


def test_the_database_refuses_to_change_history(app, finished):
    with pytest.raises(DBAPIError, match="history_event"), app.database.begin() as session:
        session.execute(text("UPDATE history_event SET actor = 'nobody'"))
