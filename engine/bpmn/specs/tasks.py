"""Tasks: work for a person, a job worker, a rule or an expression."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn import effects, schedules
from engine.bpmn.expressions import texts, value
from engine.bpmn.model import Element
from engine.bpmn.specs.base import ElementSpec
from engine.bpmn.token import Token
from engine.bpmn.trouble import Trouble
from engine.bpmn.variables import changes

if TYPE_CHECKING:
    from engine.bpmn.compiler import ProcessSpec

DEFAULT_PRIORITY = 50
DEFAULT_RETRIES = 3


class PassSpec(ElementSpec):
    """Tasks without work for the engine: ``task``, ``manualTask``."""


class UserTaskSpec(ElementSpec):
    """Work for a person, offered until somebody completes it."""

    answered = True

    def execute(self, token: Token) -> None:
        element, environment, variables = self.element, token.workflow.environment, token.visible
        assignment, schedule = element.assignment, element.schedule
        assignee = value(environment, assignment.assignee or "", variables)
        token.workflow.emit(
            effects.UserTaskCreated(
                activity_id=token.id,
                element_id=element.id,
                name=element.name,
                form_id=value(environment, element.form_id or "", variables) or None,
                assignee=str(assignee) if assignee not in (None, "") else None,
                candidate_groups=texts(environment, assignment.candidate_groups, variables),
                candidate_users=texts(environment, assignment.candidate_users, variables),
                due_at=self._instant(token, schedule.due_date),
                follow_up_at=self._instant(token, schedule.follow_up_date),
                priority=self._priority(token),
                lane=element.lane,
                properties={
                    name: value(environment, text, variables) for name, text in element.properties.items()
                },
                variables=variables,
            )
        )

    def withdraw(self, token: Token) -> None:
        token.workflow.emit(effects.UserTaskCancelled(token.id, self.element.id))

    def _instant(self, token: Token, text: str | None) -> datetime | None:
        environment = token.workflow.environment
        given = value(environment, text or "", token.visible)
        return None if given in (None, "") else schedules.instant(given, environment.zone)

    def _priority(self, token: Token) -> int:
        if not self.element.priority:
            return DEFAULT_PRIORITY
        return integer(
            self.element.priority, value(token.workflow.environment, self.element.priority, token.visible)
        )


class JobSpec(ElementSpec):
    """Work for a job worker: service and send tasks, and whatever else carries a task definition."""

    def __init__(self, wf_spec: "ProcessSpec", element: Element, name: str | None = None):
        super().__init__(wf_spec, element, name)
        self.answered = element.task_type is not None

    def execute(self, token: Token) -> dict[str, Any] | None:
        element, environment, variables = self.element, token.workflow.environment, token.visible
        type_ = value(environment, element.task_type or "", variables)
        if not isinstance(type_, str) or not type_:
            raise Trouble(
                "expression",
                f"the job type {element.task_type} gives {type_!r}",
                expression=element.task_type,
            )
        retries = element.retries or str(DEFAULT_RETRIES)
        token.workflow.emit(
            effects.JobCreated(
                activity_id=token.id,
                element_id=element.id,
                type=type_,
                retries=integer(retries, value(environment, retries, variables)),
                inputs=token.local if element.inputs else variables,
                headers=element.headers,
            )
        )
        return None

    def withdraw(self, token: Token) -> None:
        token.workflow.emit(effects.JobCancelled(token.id, self.element.id))


class ScriptSpec(ElementSpec):
    """One FEEL expression."""

    def execute(self, token: Token) -> dict[str, Any]:
        result = value(token.workflow.environment, self.element.script or "", token.visible)
        return {self.element.result_variable: result} if self.element.result_variable else {}


class DecisionSpec(ElementSpec):
    """A decision table (or another decision of the same deployment)."""

    def execute(self, token: Token) -> dict[str, Any]:
        element, workflow = self.element, token.workflow
        decision_id = value(workflow.environment, element.decision_id or "", token.visible)
        try:
            result, trace = workflow.environment.decide(decision_id, token.visible)
        except Exception as reason:
            raise Trouble("decision", f"{decision_id}: {reason}", decision=decision_id) from reason
        workflow.emit(effects.DecisionEvaluated(token.id, element.id, decision_id, result, trace))
        return {element.result_variable: result} if element.result_variable else {}


class CallActivitySpec(ElementSpec):
    """Another process, run as an instance of its own."""

    answered = True

    def execute(self, token: Token) -> None:
        element, workflow = self.element, token.workflow
        process_id = value(workflow.environment, element.called_process or "", token.visible)
        if not isinstance(process_id, str) or not process_id:
            raise Trouble("expression", f"{element.called_process} gives {process_id!r}, no process id")
        variables = token.visible if element.propagate_parent else token.local
        workflow.emit(effects.ChildRequested(token.id, element.id, process_id, variables))

    def withdraw(self, token: Token) -> None:
        token.workflow.emit(effects.ChildCancelled(token.id, self.element.id))

    def results(self, token: Token, result: dict[str, Any]) -> dict[str, Any]:
        if not self.element.outputs and not self.element.propagate_child:
            return {}
        if self.element.outputs:
            return super().results(token, result)
        # The called process hands back all it was given too: only what it changed is its result.
        changed = changes(token.visible, result, without=token.local)
        return super().results(token, changed)


def integer(text: str, given: Any) -> int:
    """A whole number, written out or as the value of an expression."""
    try:
        return int(given)
    except (TypeError, ValueError):
        raise Trouble("expression", f"{text} gives {given!r}, no whole number", expression=text) from None
