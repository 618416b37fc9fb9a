"""Which files a picker takes: the ``accept`` list of HTML, such as ``.pdf, image/*``."""

from pathlib import PurePath


def allows(accept: str, name: str, media_type: str) -> bool:
    """Whether a file's name or media type is on the list; an empty list takes everything."""
    wanted = [entry.strip().lower() for entry in accept.split(",") if entry.strip()]
    return not wanted or any(_matches(entry, name, media_type.lower()) for entry in wanted)


def _matches(entry: str, name: str, media_type: str) -> bool:
    if entry.startswith("."):
        return PurePath(name.lower()).suffix == entry
    if entry.endswith("/*"):
        return media_type.startswith(entry[:-1])
    return entry == media_type
