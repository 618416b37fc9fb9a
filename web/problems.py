"""What a linter found, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.problem import Problem
from web import i18n

#: Contexts of the catalogue that hold sentences by problem code.
MESSAGE, REMEDY = "problem", "problem remedy"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One problem as a page shows it."""

    element: str
    severity: str
    message: str
    remedy: str


def told(problems: Iterable[Problem], language: str) -> list[Told]:
    """Problems in a language, by their codes; in English, as they came, where the catalogue has no sentence."""
    return [
        Told(
            element=each.element,
            severity=each.severity,
            message=_sentence(MESSAGE, each, each.message, language),
            remedy=_sentence(REMEDY, each, each.remedy, language),
        )
        for each in problems
    ]


def errors(problems: Iterable[Problem | Told]) -> int:
    """How many of them refuse a deployment."""
    return sum(each.severity == "error" for each in problems)


def _sentence(context: str, problem: Problem, english: str, language: str) -> str:
    sentence = i18n.words(language).pgettext(context, problem.code)
    if sentence == problem.code:
        return english
    try:
        return sentence.format_map(problem.params)
    except (KeyError, IndexError):
        return english
