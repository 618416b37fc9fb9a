"""Procedures of a few steps in a line, for stories about versions."""

from __future__ import annotations

from itertools import pairwise

from tests.bpmn.drawing import diagram, end, flow, start

DAY = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"


def line(*steps: str, top: str = "") -> bytes:
    """Steps one after the other; each is the XML of a node, its id read from it."""
    ids = ["start", *(step.split('id="', 1)[1].split('"', 1)[0] for step in steps), "end"]
    ways = [flow(a, b, id_=f"{a}_{b}") for a, b in pairwise(ids)]
    return diagram(start(), *steps, end(), *ways, top=top)
