"""What can be wrong with an expression."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SyntaxProblem:
    """A place where an expression is not FEEL."""

    message: str
    #: Offsets into the expression, first and one past the last character.
    start: int
    end: int


class FeelError(ValueError):
    """An expression could not be parsed, could not be evaluated, or took more time or memory than allowed."""

    def __init__(self, expression: str, message: str, position: int | None = None, end: int | None = None):
        super().__init__(f"{message}: {expression}")
        self.expression = expression
        self.message = message
        #: Offset of the first offending character, None when the failure has no single place.
        self.position = position
        #: Offset behind the last of them.
        self.end = end
