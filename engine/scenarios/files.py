"""Scenario files as they are written: YAML, checked when read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

#: Numbers of the given order and customer, unless the scenario gives others.
ORDER = "SO-1"
CUSTOMER = "C-1"


class BadScenario(Exception):
    """A scenario file that cannot be read; the message names file, place and what is expected."""


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


class Scenario(_Part):
    """One story of one procedure."""

    name: str
    process: str
    clock: datetime
    given: dict[str, Any] = Field(default_factory=dict)
    #: Steps that hold from the first moment on, such as a failing service.
    before: list[Step] = Field(default_factory=list)
    start: Start
    steps: list[Step] = Field(default_factory=list)
    expect: Outcome
    path: Path = Path()

    @property
    def order_number(self) -> str | None:
        """Number of the given order; None when there is none."""
        order = self.given.get("order")
        return order.get("number", ORDER) if order else None

    @property
    def customer_number(self) -> str:
        """Number of the given customer."""
        return (self.given.get("customer") or {}).get("number", CUSTOMER)


def read(folder: Path) -> list[Scenario]:
    """All scenarios of a folder, by file name; a file may hold several documents. Raises `BadScenario`."""
    scenarios = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if document is not None:
                    scenario = Scenario.model_validate(document)
                    scenarios.append(scenario.model_copy(update={"path": path}))
        except yaml.YAMLError as error:
            raise BadScenario(f"{path.name}: not readable as YAML: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise BadScenario(f"{path.name}: {place}: {first['msg']}") from error
    return scenarios
