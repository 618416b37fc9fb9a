"""Every construct in a diagram of its own, through deployment, database, queue and clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import settings as settings_module
from engine.conformance import runner, suites
from engine.conformance.scores import Result
from tests.conformance.drawn import suite
from tests.conformance.stories import STORIES


@pytest.fixture(scope="module")
def results(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """All stories run on one server."""
    folder = tmp_path_factory.mktemp("stories")
    settings = settings_module.load(var_dir=Path(folder))
    (scores,) = runner.run(settings, migrated, suites.read(suite(folder, STORIES)))
    return {result.id: result for result in scores.results}


@pytest.mark.parametrize("name", [story.name for story in STORIES])
def test_it_runs_as_drawn(results, name):
    assert (results[name].result, results[name].detail) == ("passed", "")
