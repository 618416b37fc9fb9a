"""The open half of the standard's own test suite, when it lies beside the checkout."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from engine.conformance import suites
from engine.conformance.tck import Case, cases, same
from engine.dmn import Decisions, evaluate, parse
from engine.feel import Feel

SUITE = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "dmn"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FEEL = Feel()

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SUITE.exists(), reason=f"the suite is not at {SUITE}"),
]


@cache
def model(path: Path, imports: tuple[Path, ...]) -> Decisions:
    return parse(path.read_bytes(), [each.read_bytes() for each in imports])


def passes(case: Case) -> bool:
    decisions = model(case.model, case.imports)
    ids = {name: id for id, name in decisions.names.items()}
    for name, expected in case.expected.items():
        result = evaluate(decisions, ids[case.service or name], case.inputs, FEEL, NOW, strict=False).value
        if not same(expected, result, same_moment):
            return False
    return True


def same_moment(one: str, other: str) -> bool:
    return FEEL.evaluate(f'@"{one}" = @"{other}"', {}, now=NOW) is True


def test_every_case_of_the_suite_has_the_expected_result():
    (suite,) = suites.read(SUITE)
    each = (case for entry in suite.cases for case in cases(suite.folder, entry))
    assert [case.name for case in each if not passes(case)] == []
