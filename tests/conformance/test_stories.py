"""Every construct in a diagram of its own, through deployment, database, queue and clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import settings as settings_module
from engine.conformance import runner, suites
from engine.conformance.scores import Result
from engine.runtime.live import LiveWorkflows
from tests.conformance.drawn import suite
from tests.conformance.stories import STORIES


@pytest.fixture(scope="module", params=["kept in memory", "restored for every command"])
def results(
    migrated: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Result]]:
    """All stories run on one server."""
    folder = tmp_path_factory.mktemp("stories")
    settings = settings_module.load(var_dir=Path(folder))
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "kept in memory":
            patch.setattr(LiveWorkflows, "take", lambda *_: None)
        (scores,) = runner.run(settings, migrated, suites.read(suite(folder, STORIES)))
    yield {result.id: result for result in scores.results}


@pytest.mark.parametrize("name", [story.name for story in STORIES])
def test_it_runs_as_drawn(results, name):
    assert (results[name].result, results[name].detail) == ("passed", "")
