"""What completing a step costs: counted at the driver, so that nothing goes by unseen, with the real queue.

Source: issue 2, point 7: one commit and at most twelve statements, looking up who is signed in included.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from engine import installation
from engine.aftersales import cases
from engine.bootstrap import Application, application
from engine.runtime import bundles, deployments, identity
from engine.runtime.queue import ProcrastinateQueue
from engine.scenarios import given
from engine.store.tables import Person, UserTask
from engine.worker import perform
from tests.web.conftest import PASSWORD, Browser
from tests.wire import count_statements
from web.app import create_app

MOST_STATEMENTS = 12
SHIPPED = {"refund_only", "satisfaction_rating"}


@pytest.fixture
def queued(database_url: str, settings, clock) -> Iterator[Application]:  # type: ignore[no-untyped-def]
    """The engine with the queue of an installation, and two shipped procedures."""
    queue = ProcrastinateQueue(database_url)
    app = application(settings, url=database_url, clock=clock, queue=queue)
    installation.load_reference(app)
    with app.commands.begin() as ctx:
        installation.add_sample_people(ctx, password=PASSWORD)
    for bundle in bundles.from_folders(settings.processes_dir, settings.forms_dir):
        if bundle.process_key in SHIPPED:
            with app.commands.begin() as ctx:
                deployments.deploy(ctx, bundle, together_with=SHIPPED)
    yield app
    app.close()


@pytest.mark.parametrize(
    ("by", "step", "filled"),
    [
        ("gao.yuan", "review_application", {"decision": "approve"}),
        ("xu.dan", "review_amount", {"decision": "refuse", "financeRemark": "Check the coupon."}),
        ("xu.dan", "review_amount", {"decision": "approve"}),
        ("li.na", "rate", {"rating": "5"}),
    ],
    ids=lambda value: value.get("decision", "rate") if isinstance(value, dict) else value,
)
def test_completing_a_step_is_one_commit_and_at_most_twelve_statements(
    queued: Application, by: str, step: str, filled: dict[str, str]
) -> None:
    """Forms, decisions, gateways, timers, jobs, history and the queue: all of it in twelve statements."""
    browser = _signed_in(queued, by)
    first, second = (_reach(queued, _case(queued, number), step) for number in ("1", "2"))
    # From the first time on this process knows the version, as it does for all cases but the first after a start.
    _complete(browser, first, filled, browser.token())
    token = browser.token()
    statements = count_statements()
    _complete(browser, second, filled, token)
    assert statements.commits == 1
    assert len(statements) <= MOST_STATEMENTS, "\n".join(statements)


def _case(app: Application, number: str) -> str:
    """A large refund is asked for; the case's number."""
    with app.database.begin() as session:
        about = {"customer": {"number": f"C-{number}"}, "order": {"number": f"SO-{number}"}}
        about["order"] |= {"state": "paid", "lines": [{"sku": "SOFA-01", "unitPrice": 4800}]}
        given.create(session, about, now=app.engine.clock.now())
    asked = {"request": {"lines": [{"line": 1, "quantity": 1}], "reason": "changed_mind"}}
    told = {"orderNumber": f"SO-{number}", "channel": "phone", "urgency": "general"}
    with app.commands.begin(_actor(app, "zhou.min")) as ctx:
        case = cases.open_case(ctx, "refund_only", asked | told, order_number=f"SO-{number}")
    _work(app)
    return case.number


def _actor(app: Application, key: str):  # type: ignore[no-untyped-def]
    with app.database.begin() as session:
        return identity.actor(session.execute(select(Person).where(Person.key == key)).scalar_one())


def _work(app: Application) -> None:
    """The worker's part, job by job from its own table; timers wait."""
    with psycopg.connect(app.database.url, autocommit=True) as connection:
        while True:
            row = connection.execute(
                "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs"
                " WHERE scheduled_at IS NULL ORDER BY id LIMIT 1) RETURNING task_name, args"
            ).fetchone()
            if row is None:
                return
            perform(app.commands, row[0], row[1]["id"])


ANSWERS = {
    "review_application": ("gao.yuan", {"decision": "approve"}),
    "review_amount": ("xu.dan", {"decision": "approve"}),
}


def _reach(app: Application, case: str, step: str) -> int:
    """Brings a case to a step; the step's id."""
    for element, (by, filled) in ANSWERS.items():
        if element == step:
            break
        _complete(_signed_in(app, by), _open(app, case, element), filled, None)
        _work(app)
    return _open(app, case, step)


def _open(app: Application, case: str, step: str) -> int:
    with app.database.begin() as session:
        query = select(UserTask.id).where(
            UserTask.element_id == step, UserTask.state == "created", UserTask.business_key == case
        )
        return session.execute(query).scalar_one()


def _signed_in(app: Application, key: str) -> Browser:
    client = TestClient(create_app(app.engine, app.database), base_url="http://aftercare")
    client.post(
        "/sign-in", data={"key": key, "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    return Browser(client)


def _complete(browser: Browser, task_id: int, filled: dict[str, str], token: str | None) -> None:
    answer = browser.client.post(
        f"/user-tasks/{task_id}/complete",
        data={**filled, "csrf": token or browser.token()},
        headers=browser.headers,
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
