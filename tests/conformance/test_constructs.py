"""The table of what runs and what is refused says what a deployment says."""

from __future__ import annotations

import pytest

from tests.conformance import constructs
from tests.conformance.examples import activities, decisions, dialect, events, gateways

EXAMPLES = [
    example
    for room in (events, activities, gateways, dialect, decisions)
    for examples in room.SECTIONS.values()
    for example in examples
]


def test_the_table_is_what_the_linter_says():
    written = constructs.DOCUMENT.read_text(encoding="utf-8")
    assert written == constructs.document(), "python -m tests.conformance.constructs writes it anew"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_what_is_refused_names_an_element_of_the_file_and_a_remedy(example):
    problem = constructs.examine(example).problem
    if problem is not None:
        assert problem.element and f'id="{problem.element}"'.encode() in example.xml
        assert problem.remedy
