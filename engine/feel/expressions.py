"""Evaluating FEEL, the one expression language of gateways, timers, scripts, mappings, tables and forms."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
import quickjs

from engine.feel import values
from engine.feel.errors import FeelError
from engine.feel.functions import Function
from engine.feel.machine import Compiled, Machine, Pool

_INTERPOLATION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
#: One evaluation asks Python at most so often: a loop over a list may, an endless one may not.
QUESTIONS_ALLOWED = 1000


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function of our own that an expression called."""

    name: str
    #: As the function takes them.
    arguments: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A result with what FEEL found odd on the way: unknown names, values of the wrong type."""

    value: Any
    #: Each with `type`, `message` and `start`, `end` into the expression.
    warnings: tuple[Mapping[str, Any], ...]
    #: Functions of our own that it called, in order.
    calls: tuple[Call, ...] = ()


class Feel:
    """Evaluates expressions; one per process, safe for all threads.

    `functions` maps a FEEL name such as `add working time` to a Python callable (see `Function`); `zone` is
    the business zone in which now() and today() are told; `machines` is how many evaluators stay ready; `seconds`
    (processor time) and `megabytes` bound one evaluation.
    """

    def __init__(
        self,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        zone: str = "Asia/Shanghai",
        machines: int | None = None,
        *,
        seconds: float = 1,
        megabytes: int = 64,
    ):
        self.zone = ZoneInfo(zone)
        self._functions = {name: Function.of(call) for name, call in (functions or {}).items()}
        declared = {name: tuple(function.parameters) for name, function in self._functions.items()}
        self._pool = Pool(
            lambda: Machine(declared, seconds=seconds, megabytes=megabytes), machines or os.cpu_count() or 2
        )

    @property
    def functions(self) -> Mapping[str, tuple[str, ...]]:
        """The functions besides FEEL's own: name and parameters."""
        return {name: tuple(function.parameters) for name, function in self._functions.items()}

    def evaluate(self, expression: str, variables: Mapping[str, Any], *, now: datetime) -> Any:
        """The value of an expression (without a leading `=`) as JSON; an unknown variable is null.

        Raises FeelError for a syntax error, and where time or memory run out.
        """
        return self._run("expression", expression, variables, now).value

    def evaluate_boolean(self, expression: str, variables: Mapping[str, Any], *, now: datetime) -> bool:
        """A condition. Raises FeelError if it is neither true nor false: a wrong name must not pick a branch."""
        result = self._run("expression", expression, variables, now)
        if not isinstance(result.value, bool):
            reasons = "; ".join(warning["message"] for warning in result.warnings)
            message = f"The condition is {_told(result.value)}, neither true nor false"
            raise FeelError(expression, f"{message} ({reasons})" if reasons else message)
        return result.value

    def value(self, text: Any, variables: Mapping[str, Any], *, now: datetime) -> Any:
        """`=expression` evaluated; anything else stands for itself."""
        if isinstance(text, str) and text.lstrip().startswith("="):
            return self.evaluate(text.lstrip()[1:], variables, now=now)
        return text

    def unary_test(self, test: str, value: Any, variables: Mapping[str, Any], *, now: datetime) -> bool:
        """Whether `value` passes a test as decision tables write it: `> 5`, `"a", "b"`, `not(1)`, `-`."""
        return self._run("tests", test, {**variables, "?": value}, now).value is True

    def template(
        self,
        text: str,
        variables: Mapping[str, Any],
        *,
        now: datetime,
        translate: Callable[[str], str] = str,
    ) -> str:
        """Text with each `{{ expression }}` replaced by its value; null leaves nothing.

        `translate` is asked for every value that is a text: a decision table's answer in the reader's language.
        """

        def told(found: re.Match[str]) -> str:
            value = self.evaluate(found[1].strip(), variables, now=now)
            return translate(value) if isinstance(value, str) else _told(value, null="")

        return _INTERPOLATION.sub(told, text)

    def explain(self, expression: str, variables: Mapping[str, Any], *, now: datetime) -> Explanation:
        """Like `evaluate`, with the warnings and the functions of our own that were called."""
        return self._run("expression", expression, variables, now, explain=True)

    def instant(self, value: str) -> datetime:
        """A date, or date and time, that an expression gave as an aware datetime; raises ValueError.

        A date is its midnight. What has no offset is meant in the business zone.
        """
        return values.instant(value, self.zone)

    def compiled(self, kind: str, expression: str) -> Compiled:
        """Parse only; `kind` is `expression` or `tests`. Raises FeelError."""
        return self._with_machine(expression, lambda machine: machine.compile(kind, expression, ""))

    def load(self, plan: str) -> list[dict[str, Any]]:
        """What is no FEEL in a decision model (the plan that engine.dmn makes), by element. Raises FeelError."""
        return self._with_machine("The decision model", lambda machine: machine.load(plan)["problems"])

    def decide(
        self, key: str, plan: str, decision: str, variables: Mapping[str, Any], *, now: datetime
    ) -> dict[str, Any]:
        """`value`, `trace` and `errors` of a decision; `key` identifies the plan. Raises FeelError.

        Decisions are evaluated next to expressions, so that dates, ranges and functions stay what they are on
        their way from one decision to the next.
        """
        encoded = _encoded(decision, variables)

        def run(machine: Machine, milliseconds: float, offset: int, answers: str) -> Any:
            return machine.decide(key, plan, decision, encoded, milliseconds, offset, answers)

        return self._asking(decision, now, run).value

    def _run(
        self,
        kind: str,
        expression: str,
        variables: Mapping[str, Any],
        now: datetime,
        *,
        explain: bool = False,
    ) -> Explanation:
        def run(machine: Machine, milliseconds: float, offset: int, answers: str) -> Any:
            compiled, encoded = _prepared(machine, kind, expression, variables)
            return machine.run(compiled, encoded, milliseconds, offset, answers)

        return self._asking(expression, now, run, explain=explain)

    def _asking(
        self, subject: str, now: datetime, run: Callable[..., Any], *, explain: bool = False
    ) -> Explanation:
        """Run until there is nothing left to ask Python; the warnings where null or `explain` wants them."""
        milliseconds = now.timestamp() * 1000
        offset = int(now.astimezone(self.zone).utcoffset() / timedelta(minutes=1))

        def ask(machine: Machine) -> Explanation:
            answers: dict[str, Any] = {}
            result = run(machine, milliseconds, offset, "")
            while isinstance(result, str) and result[0] == "a":
                self._answer(subject, result[1:], answers)
                result = run(machine, milliseconds, offset, orjson.dumps(answers).decode())
            warnings = machine.notes() if explain or result is None else ()
            calls = self._calls(answers) if explain else ()
            return Explanation(value=values.unpack(result), warnings=tuple(warnings), calls=calls)

        return self._with_machine(subject, ask)

    def _with_machine(self, subject: str, work: Callable[[Machine], Any]) -> Any:
        try:
            with self._pool.machine() as machine:
                return work(machine)
        except quickjs.JSException as failure:
            raise FeelError(subject, _failure(failure)) from failure

    def _calls(self, questions: Iterable[str]) -> tuple[Call, ...]:
        asked = (orjson.loads(question) for question in questions)
        return tuple(
            Call(name=name, arguments=tuple(self._functions[name].taken(arguments, self.zone)))
            for name, *arguments in asked
            if name in self._functions
        )

    def _answer(self, expression: str, question: str, answers: dict[str, Any]) -> None:
        """Answer what the last run asked: an offset of a time zone, or a function of our own."""
        if len(answers) >= QUESTIONS_ALLOWED:
            raise FeelError(expression, f"More than {QUESTIONS_ALLOWED} calls of functions in one evaluation")
        name, *arguments = orjson.loads(question)
        if name == "zone offset":
            answers[question] = _zone_offset(*arguments)
            return
        try:
            answers[question] = self._functions[name].answer(arguments, self.zone)
        except (TypeError, ValueError, ArithmeticError, AttributeError) as failure:
            raise FeelError(expression, f"{name}: {failure}") from failure


def _prepared(
    machine: Machine, kind: str, expression: str, variables: Mapping[str, Any]
) -> tuple[Compiled, str]:
    """The compiled expression, and the JSON of those variables alone that it names."""
    if all(name.isidentifier() or name == "?" for name in variables):
        compiled = machine.compile(kind, expression, "")
        variables = {name: variables[name] for name in (*compiled.names, "?") if name in variables}
    encoded = _encoded(expression, variables)
    shape = orjson.dumps(values.shape(variables)).decode() if values.has_special_keys(encoded) else ""
    return machine.compile(kind, expression, shape), encoded


def _encoded(subject: str, variables: Mapping[str, Any]) -> str:
    try:
        return values.dump(variables)
    except TypeError as failure:
        raise FeelError(subject, str(failure)) from failure


def _zone_offset(zone: str, clock: str, epoch: float) -> int | None:
    """Seconds that a zone is ahead of UTC at a moment, told in UTC or as the zone's own clock shows it.

    None for an unknown zone. Years that Python's calendar has not are taken for its first or last.
    """
    first, last = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
    moment = datetime.fromtimestamp(min(max(epoch, first.timestamp()), last.timestamp()), UTC)
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    there = moment.astimezone(known) if clock == "utc" else moment.replace(tzinfo=known)
    return int(there.utcoffset().total_seconds())


def _failure(failure: quickjs.JSException) -> str:
    if isinstance(failure, quickjs.StackOverflow):
        return "The expression is nested too deeply"
    text = str(failure).strip().splitlines()
    if text and "interrupted" in text[0]:
        return "The expression takes too long"
    if not text or text[0] == "null" or "out of memory" in text[0]:
        return "The expression needs too much memory"
    return text[0]


def _told(value: Any, null: str = "null") -> str:
    if value is None:
        return null
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(_told(element, null) for element in value)
    return orjson.dumps(value).decode()
