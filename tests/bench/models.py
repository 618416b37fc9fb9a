"""The diagrams that are measured."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.bundles import Bundle
from tests.bpmn.drawing import (
    diagram,
    each,
    end,
    flow,
    flows,
    job,
    node,
    start,
    timer,
    user,
    zeebe,
)

SMALL = Path(__file__).parent / "small"
#: Service tasks one after the other in an instance of `queued`.
QUEUED_STEPS = 5


def small() -> Bundle:
    """A form, a script, a gateway, two more forms."""
    kinds = {".bpmn": "bpmn", ".form": "form"}
    files = {(kinds[path.suffix], path.name): path.read_bytes() for path in SMALL.iterdir()}
    return Bundle(process_key="small", files=files)


def looping() -> Bundle:
    """Two user tasks, round and round while `again` is true."""
    return _bundle(
        "looping",
        start(),
        node("exclusiveGateway", "round"),
        user("first"),
        user("second"),
        node("exclusiveGateway", "more", default="more_end"),
        end(),
        flows("start round first second more end"),
        flow("more", "round", "=again"),
    )


def many() -> Bundle:
    """A user task for each of `items`, all at once."""
    loop = each("=items", outputCollection="done", outputElement="=given")
    return _bundle("many", start(), user("each", loop), end(), flows("start each end"))


def waiting() -> Bundle:
    """Waits until `due`."""
    until = node("intermediateCatchEvent", "wait", timer(date="=due"))
    return _bundle("waiting", start(), until, end(), flows("start wait end"))


def queued() -> Bundle:
    """Service tasks with next to nothing to do, one after the other."""
    names = [f"step_{number}" for number in range(QUEUED_STEPS)]
    share = zeebe("ioMapping", zeebe("input", source="=0.5", target="share"))
    steps = [job(name, type_="sample.draw", extensions=share) for name in names]
    return _bundle("queued", start(), *steps, end(), flows(f"start {' '.join(names)} end"))


def _bundle(key: str, *body: str) -> Bundle:
    form = b'{"schemaVersion": 19, "id": "form", "type": "default", "components": []}'
    files = {("bpmn", f"{key}.bpmn"): diagram(*body, process=key), ("form", "form.form"): form}
    return Bundle(process_key=key, files=files)
