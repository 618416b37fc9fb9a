"""The formats, and writing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.mining import ocel, plain, xes
from engine.mining.events import Case, Event, Tally, counted
from engine.mining.reading import Reading
from engine.mining.selection import Selection
from engine.runtime.context import Context

#: Octets gathered before they are handed on.
_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Format:
    """A format of event logs."""

    key: str
    suffix: str
    media_type: str
    #: Gives the document in pieces of text.
    write: Callable[[Reading, Iterable[tuple[Case, Iterable[Event]]]], Iterator[str]]
    #: Whether it says which goods an event moved.
    with_parts: bool = False

    def document(self, ctx: Context, selection: Selection, tally: Tally) -> Iterator[bytes]:
        """The chosen cases as a file, in pieces; `tally` knows how much was written.

        The command must have read nothing before."""
        reading = Reading(ctx, selection, with_parts=self.with_parts)
        gathered, size = [], 0
        for piece in self.write(reading, counted(reading.traces(), tally)):
            gathered.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                yield "".join(gathered).encode()
                gathered, size = [], 0
        yield "".join(gathered).encode()


FORMATS = {
    each.key: each
    for each in (
        Format(key="xes", suffix="xes", media_type="application/xml", write=xes.write),
        Format(
            key="ocel",
            suffix="jsonocel",
            media_type="application/json",
            write=ocel.write,
            with_parts=True,
        ),
        Format(key="csv", suffix="csv", media_type="text/csv; charset=utf-8", write=plain.write),
    )
}
