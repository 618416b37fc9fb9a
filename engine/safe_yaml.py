"""Reading YAML that people write: the one reader. Nothing but plain values, and size and depth are bounded.

The parser in C descends on the stack: a hundred thousand brackets ended the process. So its events are counted first.
"""

from __future__ import annotations

from typing import Any

import yaml

#: Levels of lists and names within each other; shipped scenarios have nine.
DEEPEST = 50
#: Characters of a file, with each reference (`*name`) written out; the largest shipped file has a hundredth of it.
MOST_CHARACTERS = 1_000_000


class TooMuch(yaml.YAMLError):
    """The text is larger or deeper than is read, once its references are written out."""


def nodes(text: str) -> list[yaml.Node]:
    """The documents of a text as they stand there, with their lines. Raises `yaml.YAMLError`."""
    _check(text)
    return [node for node in yaml.compose_all(text, yaml.CSafeLoader) if node is not None]


def read(text: str) -> list[tuple[yaml.Node, Any]]:
    """The documents of a text that say something, and what they say. Raises `yaml.YAMLError`."""
    written = nodes(text)
    try:
        said = list(yaml.load_all(text, yaml.CSafeLoader))
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        # A month 13, or a number of five thousand digits.
        raise yaml.YAMLError(str(error)) from error
    return [(node, value) for node, value in zip(written, said, strict=True) if value is not None]


def read_one(text: str) -> tuple[yaml.Node | None, Any]:
    """The one document of a text, and what it says: None and None where it says nothing. Raises `yaml.YAMLError`."""
    found = read(text)
    if len(found) > 1:
        raise yaml.YAMLError("more than one document")
    return found[0] if found else (None, None)


def _check(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise TooMuch(f"more than {MOST_CHARACTERS} characters")
    characters, sizes = 0, dict[str | None, int]()
    within: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in {anchor for anchor, _ in within}:
                raise TooMuch(f"*{event.anchor} stands within what it names")
            characters += sizes.get(event.anchor, 0)
        elif isinstance(event, yaml.ScalarEvent):
            sizes[event.anchor] = len(event.value) + 1
            characters += len(event.value) + 1
        elif isinstance(event, yaml.CollectionStartEvent):
            within.append((event.anchor, characters))
            characters += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = within.pop()
            sizes[anchor] = characters - before
        if len(within) > DEEPEST:
            raise TooMuch(f"more than {DEEPEST} levels")
        if characters > MOST_CHARACTERS:
            raise TooMuch(f"more than {MOST_CHARACTERS} characters with every reference written out")
