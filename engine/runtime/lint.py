"""Deploy-time checks over a whole bundle: what no single file can know."""

from __future__ import annotations

from collections.abc import Collection

import orjson

from config.organisation import Organisation
from config.problem import Problem
from engine import bpmn, dmn, forms
from engine.feel import check
from engine.runtime import lint_forms
from engine.runtime.assignment import FOUR_EYES, names
from engine.runtime.bundles import Bundle


def lint(
    bundle: Bundle,
    *,
    organisation: Organisation,
    service_task_types: Collection[str],
    process_keys: Collection[str],
    given: Collection[str] = (),
) -> list[Problem]:
    """All problems of a bundle, errors first. An error refuses the deployment.

    `process_keys`: procedures that exist or are being deployed together with this one.
    `given`: names of the variables every case has from its registration.
    """
    problems = list(bpmn.lint(bundle.diagram, check_expression=_not_feel))
    for (kind, _), content in bundle.files.items():
        if kind == "form":
            problems += forms.lint(orjson.loads(content))
    for table in bundle.tables:
        problems += dmn.lint(table.content, table.imports)
    try:
        process = bpmn.parse(bundle.diagram).processes.get(bundle.process_key)
    except bpmn.InvalidDiagram:
        return _sorted(problems)
    if process is None:
        return _sorted([*problems, _renamed(bundle.process_key)])
    problems += _lanes(process, organisation)
    problems += _references(process, bundle)
    problems += _called(process, service_task_types, process_keys)
    problems += _exclusions(process)
    problems += lint_forms.lint(process, bundle, given)
    return _sorted(problems)


def _renamed(process_key: str) -> Problem:
    return Problem(
        element=process_key,
        code="process_id_changed",
        message=f"The diagram no longer holds the process “{process_key}”.",
        remedy=f"Give the process its id “{process_key}” back; its name may be anything.",
    )


def _not_feel(expression: str) -> str | None:
    """What keeps a text from being FEEL, for the diagram's own linter."""
    return next((problem.message for problem in check(expression)), None)


def _sorted(problems: list[Problem]) -> list[Problem]:
    distinct = {(problem.element, problem.code, problem.message): problem for problem in problems}
    return sorted(distinct.values(), key=lambda problem: problem.severity != "error")


def _lanes(process: bpmn.Process, organisation: Organisation) -> list[Problem]:
    known = ", ".join(role.name for role in organisation.roles.values())
    needed = {
        element.lane for element in process.of_type("userTask") if element.assignment == bpmn.NOBODY_NAMED
    }
    problems = [
        Problem(
            element=lane.id,
            code="lane_without_role",
            message=f"The lane “{lane.name}” is not a role of the organisation.",
            remedy=f"Name it after one of: {known}.",
            # Only a user task without an assignment of its own asks its lane who may do it.
            severity="error" if lane.name in needed else "warning",
        )
        for lane in process.lanes
        if organisation.role_of_lane(lane.name) is None
    ]
    for element in process.elements.values():
        for group in names(element.assignment.candidate_groups):
            if group not in organisation.roles:
                problems.append(
                    Problem(
                        element=element.id,
                        code="unknown_candidate_group",
                        message=f"The candidate group “{group}” is not a role of the organisation.",
                        remedy=f"Use one of: {', '.join(organisation.roles)}.",
                    )
                )
    return problems


def _references(process: bpmn.Process, bundle: Bundle) -> list[Problem]:
    form_names = {name.removesuffix(".form") for kind, name in bundle.files if kind == "form"}
    decisions: set[str] = set()
    for table in bundle.tables:
        try:
            decisions |= set(dmn.parse(table.content, table.imports).ids)
        except dmn.InvalidDecision:
            continue
    problems = []
    for element in process.elements.values():
        if element.form_id and element.form_id not in form_names:
            problems.append(
                Problem(
                    element=element.id,
                    code="form_missing",
                    message=f"The form “{element.form_id}” of “{element.name or element.id}” does not exist.",
                    remedy="Draw the form, or pick one that exists.",
                )
            )
        decision = element.decision_id
        if decision and not decision.startswith("=") and decision not in decisions:
            problems.append(
                Problem(
                    element=element.id,
                    code="decision_missing",
                    message=f"The decision “{decision}” of “{element.name or element.id}” does not exist.",
                    remedy="Draw the decision table, or pick one that exists.",
                )
            )
    return problems


def _called(
    process: bpmn.Process, service_task_types: Collection[str], process_keys: Collection[str]
) -> list[Problem]:
    problems = []
    for element in process.elements.values():
        if (
            element.task_type
            and not element.task_type.startswith("=")
            and element.task_type not in service_task_types
        ):
            problems.append(
                Problem(
                    element=element.id,
                    code="service_task_type_unknown",
                    message=f"Nothing here does service tasks of type “{element.task_type}”.",
                    remedy="Pick a template from the catalogue, or have a job worker take this type.",
                    severity="error",
                )
            )
        called = element.called_process if element.called_task is None else None
        if called and not called.startswith("=") and called not in process_keys:
            problems.append(
                Problem(
                    element=element.id,
                    code="called_process_missing",
                    message=f"The procedure “{called}” that “{element.name or element.id}” calls does not exist.",
                    remedy="Deploy that procedure first, or call one that exists.",
                )
            )
    return problems


def _exclusions(process: bpmn.Process) -> list[Problem]:
    """Four-eyes names elements; a renamed element must not silently lift the exclusion."""
    problems = []
    for element in process.elements.values():
        for name in names(element.properties.get(FOUR_EYES)):
            if name not in process.elements:
                problems.append(
                    Problem(
                        element=element.id,
                        code="four_eyes_unknown_element",
                        message=f"Four-eyes of “{element.name or element.id}” names “{name}”, which is not in the diagram.",
                        remedy="Name the id of a user task or of the start event.",
                    )
                )
    return problems
