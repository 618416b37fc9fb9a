"""Looking at expressions without evaluating them."""

import re
from functools import cache

from engine.feel.errors import FeelError, SyntaxProblem
from engine.feel.expressions import Feel

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def check(expression: str, *, tests: bool = False) -> list[SyntaxProblem]:
    """What keeps this from being an expression, or with `tests` a cell of unary tests; empty if nothing does."""
    try:
        _parser().compiled("tests" if tests else "expression", expression)
    except FeelError as problem:
        whole = 0, len(expression)
        start, end = whole if problem.position is None else (problem.position, problem.end)
        return [SyntaxProblem(message=problem.message, start=start, end=end)]
    return []


def names(expression: str, *, tests: bool = False, feel: Feel | None = None) -> set[str]:
    """The variables an expression reads; functions that FEEL brings, or `feel` knows, are left out. Raises FeelError."""
    compiled = (feel or _parser()).compiled("tests" if tests else "expression", expression)
    return set(compiled.names) - compiled.functions - {"?"}


def paths(expression: str, *, tests: bool = False, feel: Feel | None = None) -> list[str]:
    """The variables an expression reads with what it reads of them, in its order: `order.total`, `channel`.

    Empty for what is no FEEL.
    """
    try:
        roots = names(expression, tests=tests, feel=feel)
    except FeelError:
        return []
    # Texts may hold anything.
    bare = _TEXT.sub('""', expression)
    found = [
        (place.start(), place[0])
        for root in roots
        for place in re.finditer(rf"(?<![\w.]){re.escape(root)}(?!\w)(?!\s*\()(?:\.[A-Za-z_]\w*)*", bare)
    ]
    return list(dict.fromkeys(path for _, path in sorted(found)))


@cache
def _parser() -> Feel:
    return Feel(machines=1)
