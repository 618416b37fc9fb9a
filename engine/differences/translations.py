"""Two versions of a file of words, text by text."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from engine.differences.changes import Change


def changes(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Texts in their order, those that are gone last. Raises `ValueError` for what is no JSON."""
    old, new = orjson.loads(before), orjson.loads(after)
    for text in dict.fromkeys((*new, *old)):
        was, now = old.get(text), new.get(text)
        if was != now:
            what = "added" if was is None else "removed" if now is None else "changed"
            said = {name: value for name, value in (("old", was), ("new", now)) if value is not None}
            yield Change(
                kind="words", file=file, what=what, code=f"word_{what}", params={"text": text, **said}
            )
