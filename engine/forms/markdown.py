"""Markdown of text views as safe HTML: raw HTML is shown as text, values put in cannot become markup."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_BREAK = re.compile(r"\s*\n\s*")

# Images would let a form load addresses from elsewhere; the image component checks its source.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


@lru_cache(maxsize=1024)
def render(text: str) -> Markup:
    """The HTML of a Markdown text."""
    return Markup(_MARKDOWN.render(text))


def literal(value: str) -> str:
    """A value as Markdown that shows exactly this text, line breaks kept."""
    return _BREAK.sub("\\\\\n", _PUNCTUATION.sub(r"\\\1", value.strip()))
