"""The history for process-mining tools: XES (IEEE 1849), OCEL 2.0 and CSV, written as it is read, however long it is."""

from engine.mining.events import Case, Event, Tally, counted
from engine.mining.reading import Reading
from engine.mining.selection import Selection
from engine.mining.writing import FORMATS, Format

__all__ = ["FORMATS", "Case", "Event", "Format", "Reading", "Selection", "Tally", "counted"]
