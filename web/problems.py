"""What a linter found, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations

from config.problem import Problem
from web import i18n

#: Context of the catalogue (locale/<language>/LC_MESSAGES/problems.po) whose sentences these are.
CONTEXT = "problem"
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One problem as a page shows it."""

    element: str
    severity: str
    message: str
    remedy: str


def told(problems: Iterable[Problem], language: str) -> list[Told]:
    """Problems in a language; in English, as they came, where the catalogue has no sentence for one."""
    return [
        Told(
            element=each.element,
            severity=each.severity,
            message=translated(each.message, language),
            remedy=translated(each.remedy, language),
        )
        for each in problems
    ]


def errors(problems: Iterable[Problem | Told]) -> int:
    """How many of them refuse a deployment."""
    return sum(each.severity == "error" for each in problems)


def translated(sentence: str, language: str) -> str:
    """A linter's sentence, recognised by its fixed words: what stands between them is put into the translation."""
    for pattern, translation in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return translation.format_map(found.groupdict())
    return sentence


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Sentences of the catalogue with `{places}`, those with the most fixed words first."""
    found: dict[str, str] = {}
    words = i18n.words(language)
    while isinstance(words, GNUTranslations):
        for key, translation in words._catalog.items():  # type: ignore[attr-defined]
            context, between, sentence = key.partition("\x04") if isinstance(key, str) else ("", "", "")
            if between and context == CONTEXT:
                found.setdefault(sentence, translation)
        words = words._fallback  # type: ignore[attr-defined]
    ordered = sorted(found.items(), key=lambda item: -len(_PLACE.sub("", item[0])))
    return [(_pattern(sentence), translation) for sentence, translation in ordered]


def _pattern(sentence: str) -> re.Pattern[str]:
    # Odd parts are the names of places.
    parts = _PLACE.split(sentence)
    text = "".join(f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile(text, re.DOTALL)
