"""What a worker did is counted and told on an address of its own."""

from __future__ import annotations

import contextlib
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from engine import worker_figures
from engine.worker_figures import Telling


@pytest.fixture
def telling():
    """(asks an address, says whether the worker works) of a worker whose figures are for who has the token."""
    works = [True]
    told = Telling("127.0.0.1:0", token="s3cret", works=lambda: works[0])

    def ask(path, token=""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with urlopen(Request(f"http://127.0.0.1:{told.port}{path}", headers=headers)) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, ""

    yield ask, works
    told.stop()


def test_a_worker_says_whether_it_works(telling):
    ask, works = telling
    assert ask("/healthz") == (200, "alive\n")
    works[0] = False
    assert ask("/healthz")[0] == 503
    assert ask("/else")[0] == 404


def test_figures_are_for_the_token(telling):
    ask, _ = telling
    assert ask("/metrics")[0] == ask("/metrics", "other")[0] == 403
    assert "aftercare_work_in_hand" in ask("/metrics", "s3cret")[1]


def test_each_piece_of_work_counts_once_by_what_became_of_it(telling):
    ask, _ = telling
    before = _samples(ask("/metrics", "s3cret")[1])
    for became in ("done", "done", "retried", "failed"):
        with worker_figures.counted("job") as ended:
            ended(became)
    with contextlib.suppress(ConnectionError), worker_figures.counted("timer"):
        raise ConnectionError
    after = _samples(ask("/metrics", "s3cret")[1])

    def more(name):
        return after.get(name, 0) - before.get(name, 0)

    assert more('aftercare_work_total{kind="job",outcome="done"}') == 2
    assert more('aftercare_work_total{kind="job",outcome="retried"}') == 1
    assert more('aftercare_work_total{kind="job",outcome="failed"}') == 1
    assert more('aftercare_work_total{kind="timer",outcome="postponed"}') == 1
    assert more('aftercare_work_seconds_count{kind="job"}') == 4
    assert after["aftercare_work_in_hand"] == 0


def _samples(exposition):
    lines = [line for line in exposition.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
