"""FEEL inside forms: properties that begin with ``=`` and texts with ``{{ }}``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.forms import templates

#: ``evaluate(expression without "=", variables) -> JSON value``.
Evaluate = Callable[[str, Mapping[str, Any]], Any]


class FormExpressionError(ValueError):
    """An expression of a form failed. A process owner must mend the form."""

    code = "form_expression_failed"

    def __init__(self, expression: str, reason: Exception):
        super().__init__(f"{expression}: {reason}")
        self.expression = expression
        self.reason = reason


def is_expression(text: Any) -> bool:
    """Whether a property holds FEEL rather than a literal."""
    return isinstance(text, str) and text.startswith("=")


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables an expression sees, and who evaluates it."""

    evaluate: Evaluate
    variables: Mapping[str, Any]

    def value(self, text: Any) -> Any:
        """FEEL evaluated, anything else as it is."""
        if not is_expression(text):
            return text
        return self._evaluate(text[1:], self.variables)

    def truth(self, text: bool | str | None) -> bool:
        """Whether a condition holds; null and anything but true counts as false, as in form-js."""
        return text if isinstance(text, bool) else bool(text) and self.value(text) is True

    def text(self, text: str, escape: Callable[[str], str] = str) -> str:
        """A label or text with its ``{{ FEEL }}`` filled in; `escape` is applied to each value put in."""
        if is_expression(text):
            return escape(templates.spoken(self.value(text)))
        if "{{" not in text:
            return text
        return templates.fill(text, self._evaluate, self.variables, escape)

    def inside(self, **variables: Any) -> "Scope":
        """The same scope with more variables."""
        return Scope(self.evaluate, {**self.variables, **variables})

    def _evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        try:
            return self.evaluate(expression.strip(), variables)
        except ValueError as reason:
            raise FormExpressionError(expression, reason) from reason
