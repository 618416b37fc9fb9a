"""The meaning of expressions, one a line in standard.txt."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.feel import Feel

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
FEEL = Feel()
EXPECTED = [
    line.rsplit(" => ", 1)
    for line in (Path(__file__).parent / "standard.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("expression", "value"), EXPECTED, ids=[expression for expression, _ in EXPECTED])
def test_an_expression_has_the_value_of_the_standard(expression, value):
    assert FEEL.evaluate(expression, {}, now=NOW) == json.loads(value)
