"""Looking at expressions without evaluating them."""

from functools import cache

from engine.feel.errors import FeelError, SyntaxProblem
from engine.feel.expressions import Feel


def check(expression: str, *, tests: bool = False) -> list[SyntaxProblem]:
    """What keeps this from being an expression, or with `tests` a cell of unary tests; empty if nothing does."""
    try:
        _parser().compiled("tests" if tests else "expression", expression)
    except FeelError as problem:
        whole = 0, len(expression)
        start, end = whole if problem.position is None else (problem.position, problem.end)
        return [SyntaxProblem(message=problem.message, start=start, end=end)]
    return []


def names(expression: str, *, tests: bool = False) -> set[str]:
    """The variables an expression reads; functions that FEEL brings are left out. Raises FeelError."""
    compiled = _parser().compiled("tests" if tests else "expression", expression)
    return set(compiled.names) - compiled.functions - {"?"}


@cache
def _parser() -> Feel:
    return Feel(machines=1)
