"""Everything of BPMN 2.0, of the dialect's extensions and of DMN, each in a tiny example.

Whether a construct runs, and why not, is asked of the linter that a deployment asks.
`python -m tests.conformance.constructs` writes `docs/constructs.md` anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.problem import Problem
from engine import bpmn, dmn
from engine.feel import check
from tests.conformance.examples import activities, decisions, dialect, events, gateways
from tests.conformance.examples.drawing import Example

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "constructs.md"
#: The release that first had what is listed; later ones say theirs in the example.
FIRST = "0.1"

HEAD = """# What runs and what is refused

Every construct either runs as BPMN 2.0 and DMN mean it, or a deployment refuses it and names the element, the reason and the
remedy. Nothing is passed over in silence: what has no effect is told as a warning. This table is made by the linter itself
(`python -m tests.conformance.constructs`), and a test fails when it no longer says the truth; that the constructs do what
they mean is shown by the stories of `tests/conformance` and by `make conformance` (see [conformance](conformance.md)).
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table."""

    example: Example
    #: What keeps it from running; None when it runs.
    problem: Problem | None

    def __str__(self) -> str:
        if self.problem is None:
            state, why = "runs", self.example.note
        else:
            state, why = "**refused**", f"{self.problem.message} {self.problem.remedy}"
        return f"| {self.example.name} | {state} | {self.example.since or FIRST} | {why} |"


def examine(example: Example) -> Row:
    """Ask the linter."""
    ask = dmn.lint if example.kind == "dmn" else partial(bpmn.lint, check_expression=_not_feel)
    problems = ask(example.xml)
    return Row(example=example, problem=next((each for each in problems if each.severity == "error"), None))


def _not_feel(expression: str) -> str | None:
    return next((problem.message for problem in check(expression)), None)


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for room in (events, activities, gateways, dialect, decisions):
        for title, examples in room.SECTIONS.items():
            parts.append(f"\n## {title}\n| element | | since | |\n|---|---|---|---|\n")
            parts += [f"{examine(example)}\n" for example in examples]
    return "".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
