"""DMN: decision tables and the other expressions of the standard, over FEEL."""

from engine.dmn.analysis import Finding, analyse
from engine.dmn.decisions import DecisionFailed, DecisionResult, Decisions, evaluate, lint, parse
from engine.dmn.imports import imported
from engine.dmn.problems import InvalidDecision
from engine.dmn.variables import reads

__all__ = [
    "DecisionFailed",
    "DecisionResult",
    "Decisions",
    "Finding",
    "InvalidDecision",
    "analyse",
    "evaluate",
    "imported",
    "lint",
    "parse",
    "reads",
]
