"""The run: every suite of a folder, case by case, on one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from config.settings import Settings
from engine.conformance import betsy, dmn, miwg, must_reject
from engine.conformance.scores import Result, Scores
from engine.conformance.server import Server, running
from engine.conformance.suites import Suite

#: Kind of suite -> what runs it.
RUNNERS: Mapping[str, Callable[[Server, Suite], Iterator[Result]]] = {
    "betsy": betsy.run,
    "must_reject": must_reject.run,
    "dmn": dmn.run,
    "miwg": miwg.run,
}


def run(
    settings: Settings,
    url: str,
    suites: Sequence[Suite],
    *,
    told: Callable[[str], None] = lambda text: None,
) -> list[Scores]:
    """Run suites on the database at `url`, an empty one beside the real one."""
    scores = []
    with running(settings, url) as server:
        for suite in suites:
            score = Scores(name=suite.name)
            for result in _results(server, suite):
                score.results.append(result)
                told(f"{suite.name}: {len(score.results)} cases, {result.id}")
            scores.append(score)
    return scores


def _results(server: Server, suite: Suite) -> Iterator[Result]:
    runner = RUNNERS.get(suite.kind)
    if runner is None:
        for case in suite.cases:
            yield Result(
                id=case.get("name", "?"),
                group=suite.kind,
                result="skipped",
                detail=f"there is no runner for suites of the kind {suite.kind}",
            )
        return
    for case in suite.cases:
        yield from _case(server, runner, replace(suite, cases=[case]))


def _case(
    server: Server, runner: Callable[[Server, Suite], Iterator[Result]], suite: Suite
) -> Iterator[Result]:
    """One entry by itself: a crash is that case's result and does not end the run."""
    try:
        yield from runner(server, suite)
    except Exception as error:
        name = suite.cases[0].get("name", "?")
        yield Result(id=name, group="crashed", result="wrong", detail=f"{type(error).__name__}: {error}")
        server.clear()
