"""The refusal of a diagram, with everything that is wrong with it."""

from collections.abc import Sequence
from typing import Any

from config.problem import Problem


class InvalidDiagram(ValueError):
    """The diagram cannot run. ``problems`` holds at least one error and names its element."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{p.element}: {p.message}" for p in self.problems if p.severity == "error")
        )


def error(element: str, code: str, message: str, remedy: str, /, **params: Any) -> Problem:
    """A problem that keeps the diagram from being deployed; ``{names}`` in the sentence are filled from ``params``."""
    return Problem(
        element=element,
        code=code,
        message=message.format(**params),
        remedy=remedy,
        severity="error",
        params=params,
    )


def warning(element: str, code: str, message: str, remedy: str, /, **params: Any) -> Problem:
    """A problem that the author should know of; the diagram runs all the same."""
    return Problem(
        element=element,
        code=code,
        message=message.format(**params),
        remedy=remedy,
        severity="warning",
        params=params,
    )
