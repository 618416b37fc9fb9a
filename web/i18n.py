"""The interface's words: gettext catalogues, one set a language, read from their .po files at first use."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
#: Language tag -> its own name, in the order people choose from. English is the source language.
LANGUAGES = {"en": "English", "zh": "中文"}

#: Language of the page being made; `web.render` sets it around each rendering.
current: ContextVar[str] = ContextVar("language", default="en")


@cache
def words(language: str) -> NullTranslations:
    """All catalogues of one language (`locale/<language>/LC_MESSAGES/*.po`) as one; the source language has none."""
    merged = NullTranslations()
    for source in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=language)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        translations = GNUTranslations(compiled)
        translations.add_fallback(merged)
        merged = translations
    return merged


def gettext(message: str) -> str:
    """`message` in the language of the page being made."""
    return words(current.get()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of a counted message for `n`, in the language of the page being made."""
    return words(current.get()).ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """`message` as it reads in `context` (a short word that tells two meanings apart)."""
    return words(current.get()).pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, n: int) -> str:
    """A counted message as it reads in `context`."""
    return words(current.get()).npgettext(context, singular, plural, n)


def mark(message: str) -> str:
    """Mark a message for extraction where it is defined; it is translated where it is shown."""
    return message


def preferred(accept_language: str, chosen: str = "") -> str:
    """The language for somebody not signed in: the one they chose, else the first of their browser's that we have."""
    if chosen in LANGUAGES:
        return chosen
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip().lower().split("-")[0]
        if tag in LANGUAGES:
            return tag
    return "en"
