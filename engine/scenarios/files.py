"""Scenario files as they are written: YAML, checked when read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.problem import Problem
from engine import safe_yaml
from engine.scenarios import reading

#: Numbers of the given order and customer, unless the scenario gives others.
ORDER = "SO-1"
CUSTOMER = "C-1"


class BadScenario(Exception):
    """A scenario file that cannot be read; the message names file, line and what is expected."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(f"{file}: {first.element}: {first.message}")
        #: Their elements are lines: "line 12".
        self.problems = list(problems)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Start(_Part):
    """Who registers the case, and what they enter."""

    by: str
    form: dict[str, Any] = Field(default_factory=dict)


class Act(_Part):
    """Somebody works a user task."""

    task: str
    by: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    #: "linked": a case that this one started; otherwise the scenario's own.
    case: str | None = None
    #: Which of several open tasks of that element, from 1.
    nth: int = 1
    #: For `refuse`: the code of the refusal that must come.
    because: str | None = None


class MessageStep(_Part):
    """A message arrives."""

    name: str
    #: Correlation key; the case number when left out.
    key: str | None = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Failure(_Part):
    """The next jobs of a type fail."""

    type: str
    #: Only the jobs of this element; None: of any.
    element: str | None = None
    #: A technical failure; the job is retried, then an incident.
    error: str | None = None
    #: A business error of this code, which the diagram may catch.
    bpmn_error: str | None = None
    times: int = Field(default=1, gt=0)

    @model_validator(mode="after")
    def one_way(self) -> Failure:
        """A job fails in one way."""
        if (self.error is None) == (self.bpmn_error is None):
            raise ValueError("a failure is either `error` or `bpmn_error`")
        return self


class Answer(_Part):
    """The next job of a type gives this instead of being run."""

    type: str
    #: Only a job of this element; None: of any.
    element: str | None = None
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class Change(_Part):
    """Something happened outside: to the order, the customer or the stock."""

    order: dict[str, Any] = Field(default_factory=dict)
    customer: dict[str, Any] = Field(default_factory=dict)
    stock: dict[str, int] = Field(default_factory=dict)


class Retry(_Part):
    """An administrator retries an incident."""

    element: str


class Expectation(_Part):
    """What must be so at this point; what is left out is not looked at."""

    tasks: list[str] | None = None
    state: str | None = None
    #: Element with an open incident; "none" for none at all.
    incident: str | None = None
    variables: dict[str, Any] | None = None
    messages: int | None = None
    linked: list[str] | None = None
    due: dict[str, datetime] | None = None


class Step(_Part):
    """One thing that happens; exactly one field is given."""

    complete: Act | None = None
    refuse: Act | None = None
    advance: str | None = None
    message: MessageStep | None = None
    fail: Failure | None = None
    answer: Answer | None = None
    change: Change | None = None
    retry: Retry | None = None
    cancel: str | None = None
    expect: Expectation | None = None

    @model_validator(mode="after")
    def one_thing(self) -> Step:
        """A step is one thing."""
        if len(self.model_fields_set) != 1:
            raise ValueError("a step is exactly one of: " + ", ".join(Step.model_fields))
        return self


class LedgerLine(_Part):
    """One line of the refund ledger."""

    line: int
    quantity: int
    amount: Decimal


class MovementLine(_Part):
    """One movement of stock."""

    type: str
    sku: str
    quantity: int
    direction: str | None = None


class Outcome(Expectation):
    """How it must stand at the end."""

    ended: bool | None = None
    #: End event, or any of several, that the case came to.
    ended_at: str | list[str] | None = None
    ledger: list[LedgerLine] | None = None
    shipping_refunded: Decimal | None = None
    movements: list[MovementLine] | None = None
    #: Ordered subsequence of "Type:element".
    history: list[str] | None = None
    charges: list[Decimal] | None = None
    compensation: Decimal | None = None


class Story(_Part):
    """What is given, who starts and what happens then: a scenario that expects nothing yet."""

    process: str
    clock: AwareDatetime
    given: dict[str, Any] = Field(default_factory=dict)
    #: Steps that hold from the first moment on, such as a failing service.
    before: list[Step] = Field(default_factory=list)
    #: None: nobody registered the case yet.
    start: Start | None = None
    steps: list[Step] = Field(default_factory=list)

    @property
    def order_number(self) -> str | None:
        """Number of the given order; None when there is none."""
        order = self.given.get("order")
        return order.get("number", ORDER) if order else None

    @property
    def customer_number(self) -> str:
        """Number of the given customer."""
        return (self.given.get("customer") or {}).get("number", CUSTOMER)


class Scenario(Story):
    """One story of one procedure, and how it must end."""

    name: str
    start: Start
    expect: Outcome
    path: Path = Path()


def read(folder: Path) -> list[Scenario]:
    """All scenarios of a folder, by file name; a file may hold several documents. Raises `BadScenario`."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        parsed = parse(path.read_text(encoding="utf-8"), path.name)
        found += [scenario.model_copy(update={"path": path}) for scenario in parsed]
    return found


def parse(text: str, file: str) -> list[Scenario]:
    """The scenarios of one file. Raises `BadScenario` with everything that keeps them from being read, by line."""
    try:
        written = safe_yaml.read(text)
    except yaml.YAMLError as error:
        raise BadScenario(file, [reading.unreadable(error)]) from error
    found, problems = [], []
    for node, document in written:
        try:
            found.append(Scenario.model_validate(document).model_copy(update={"path": Path(file)}))
        except ValidationError as error:
            problems += reading.problems(error, node)
    if problems:
        raise BadScenario(file, problems)
    return found


def step(text: str) -> Step:
    """One step as a scenario file has it. Raises `BadScenario`."""
    try:
        node, document = safe_yaml.read_one(text)
    except yaml.YAMLError as error:
        raise BadScenario("", [reading.unreadable(error)]) from error
    if node is None:
        raise BadScenario("", [reading.not_names()])
    try:
        return Step.model_validate(document)
    except ValidationError as error:
        raise BadScenario("", reading.problems(error, node)) from error


def values(text: str) -> dict[str, Any]:
    """Variables typed as YAML or JSON; none for an empty text. Raises `BadScenario`."""
    try:
        found = safe_yaml.read_one(text)[1]
    except yaml.YAMLError as error:
        raise BadScenario("", [reading.unreadable(error)]) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadScenario("", [reading.not_names()])
    try:
        plain: dict[str, Any] = orjson.loads(orjson.dumps(found, default=str))
    except orjson.JSONEncodeError as error:
        # A number beyond 64 bits.
        raise BadScenario("", [reading.unreadable(yaml.YAMLError(str(error)))]) from error
    return plain


def write(scenario: Mapping[str, Any]) -> str:
    """A scenario as a file has it, its keys in the order people read them."""
    ordered = {key: scenario[key] for key in _ORDER if scenario.get(key) not in (None, {}, [])}
    return yaml.dump(
        ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )


def flow(value: Any) -> str:
    """A value on one line, as a scenario file may have it."""
    text = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6, default_flow_style=True
    )
    return text.removesuffix("...\n").strip()


_ORDER = ("name", "process", "clock", "given", "before", "start", "steps", "expect")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(Decimal, lambda dumper, value: dumper.represent_float(float(value)))
