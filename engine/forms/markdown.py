"""Markdown of text views as safe HTML: raw HTML is shown as text, values put in cannot become markup."""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
#: CommonMark does not end bold between a full-width sign and a character; the sign goes behind the bold instead.
_CHINESE_BOLD = re.compile(r"(\*\*)([^*\n]+?)([：，。；！？、）]+)\1(?=\S)")
_BREAK = re.compile(r"\s*\n\s*")

# Images would let a form load addresses from elsewhere; the image component checks its source.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


@lru_cache(maxsize=1024)
def render(text: str) -> Markup:
    """The HTML of a Markdown text."""
    return Markup(_MARKDOWN.render(_CHINESE_BOLD.sub(r"\1\2\1\3", text)))


def literal(value: str) -> str:
    """A value as Markdown that shows exactly this text, line breaks kept."""
    return _BREAK.sub("\\\\\n", _PUNCTUATION.sub(r"\\\1", value.strip()))
