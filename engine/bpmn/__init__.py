"""BPMN: parse, lint, execute to the next wait state, dump and load. Pure: no SQL, no HTTP, no clock of its own.

The only package that imports SpiffWorkflow.
"""

from engine.bpmn import effects
from engine.bpmn.blob import NewerState, StateTooLarge, UnreadableState
from engine.bpmn.environment import Environment
from engine.bpmn.execution import Activity, Execution
from engine.bpmn.linting import lint, parse
from engine.bpmn.model import NOBODY_NAMED, Diagram, Element, EventDefinition, Flow, Process
from engine.bpmn.places import Place
from engine.bpmn.problems import InvalidDiagram
from engine.bpmn.rerouting import CannotReroute
from engine.bpmn.trouble import UnknownActivity, UnstorableValue
from engine.bpmn.variables import unstorable
from engine.bpmn.workflow import Limits

__all__ = [
    "NOBODY_NAMED",
    "Activity",
    "CannotReroute",
    "Diagram",
    "Element",
    "Environment",
    "EventDefinition",
    "Execution",
    "Flow",
    "InvalidDiagram",
    "Limits",
    "NewerState",
    "Place",
    "Process",
    "StateTooLarge",
    "UnknownActivity",
    "UnreadableState",
    "UnstorableValue",
    "effects",
    "lint",
    "parse",
    "unstorable",
]
