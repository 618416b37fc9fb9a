"""The history is what happened, and a changed one is found."""

import pytest
from sqlalchemy import event, text
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


def test_what_is_appended_while_one_verifies_is_no_change(office, app):
    """A crash run of 100 rounds found it: heads and events were read by two statements, and a case went on in between."""
    office.deploy("approval")
    office.start("approval", amount=4)
    todo = [("wang.fang", "review", {"remark": "fine"}), ("zhao.lin", "approve", {"decision": "approve"})]

    def goes_on(*_):
        if todo:
            person, step, values = todo.pop(0)
            office.do(person, user_tasks.complete, office.task(step).id, values)

    with app.database.begin() as session:
        event.listen(session.connection(), "after_cursor_execute", goes_on)
        assert list(verifying.verify(session)) == []


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
