"""What the page sent: names and texts as they came, before anything is made of them."""

import re
from collections.abc import Iterable, Sequence

#: Names that begin so belong to the page (buttons, markers, tokens), never to a field.
RESERVED = "_"
ROWS = "_rows:"
ADD = "_add:"
REMOVE = "_remove:"
#: Keeps the chosen outcome while the page is shown again, without choosing it.
OUTCOME = "_outcome"

_TOKEN = re.compile(r"[0-9]{1,9}")

Fields = Sequence[tuple[str, str]]


class Raw:
    """Submitted fields by name."""

    def __init__(self, fields: Iterable[tuple[str, str]]):
        self._fields: dict[str, list[str]] = {}
        for name, text in fields:
            self._fields.setdefault(name, []).append(text)

    def values(self, name: str) -> tuple[str, ...] | None:
        """Every text sent under a name, None when there was none."""
        texts = self._fields.get(name)
        return tuple(texts) if texts is not None else None

    def last(self, name: str) -> str | None:
        """The last text sent under a name."""
        texts = self._fields.get(name)
        return texts[-1] if texts else None

    def tokens(self, list_name: str) -> list[int] | None:
        """The rows of a list the page sent, in order; None when it sent nothing of the list."""
        markers = self.values(ROWS + list_name)
        if markers is None:
            # Callers without a page (scenarios, the API) name rows only by their fields.
            opening = f"{list_name}["
            inside = [name.removeprefix(opening) for name in self._fields if name.startswith(opening)]
            markers = tuple(name.partition("]")[0] for name in inside)
            if not markers:
                return None
        return list(dict.fromkeys(int(text) for text in markers if _TOKEN.fullmatch(text)))

    def names(self) -> list[str]:
        """The names of fields, without those reserved for the page."""
        return [name for name in self._fields if not name.startswith(RESERVED)]


def kept(fields: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """The fields worth keeping as a draft or to show the form again with: nothing of the page itself."""
    return [
        (name, text)
        for name, text in fields
        if not name.startswith(RESERVED) or name.startswith(ROWS) or name == OUTCOME
    ]
