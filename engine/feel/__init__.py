"""FEEL on bpmn.io's grammar in an embedded QuickJS: compiled once, limited in time and memory."""

from engine.feel.errors import FeelError, SyntaxProblem
from engine.feel.expressions import Call, Explanation, Feel
from engine.feel.syntax import check, names, paths

__all__ = ["Call", "Explanation", "Feel", "FeelError", "SyntaxProblem", "check", "names", "paths"]
