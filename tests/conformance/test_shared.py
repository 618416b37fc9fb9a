"""A part of the material beside the checkout, small enough for every run; `make conformance` runs all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from config import settings as settings_module
from engine.conformance import runner, suites
from tests.conftest import SHARED

MATERIAL = SHARED / "conformance"
#: Of how many cases one is run.
SHARE = {"betsy": 6, "must_reject": 1, "dmn": 31, "miwg": 5}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not MATERIAL.is_dir(), reason=f"there is no {MATERIAL}"),
]


def some(found: Sequence[suites.Suite]) -> list[suites.Suite]:
    return [replace(suite, cases=suite.cases[:: SHARE[suite.kind]]) for suite in found]


def test_nothing_is_wrong_and_nothing_refused(database_url: str, tmp_path: Path):
    settings = settings_module.load(var_dir=tmp_path)
    scores = runner.run(settings, database_url, some(suites.read(MATERIAL)))
    others = {
        result.id: result.detail for each in scores for result in each.results if result.result != "passed"
    }
    assert others == {}
