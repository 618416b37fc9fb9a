"""What a diagram needs from its forms: a value that steps read and that nothing gives is an error of the draft.

Said of procedures that people register by a form. A value below a variable that forms alone give has to be asked by one of
them; one that a condition reads has to come from somewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from config.problem import Problem
from engine import bpmn, dmn, forms
from engine.feel import paths
from engine.forms.components import Component
from engine.runtime.bundles import Bundle


@dataclass(frozen=True, kw_only=True)
class _Read:
    """One value that an element reads."""

    element: str
    #: As people know the element.
    name: str
    path: str
    #: A condition: without the value nobody knows which way to go.
    decides: bool = False


def lint(process: bpmn.Process, bundle: Bundle, given: Collection[str] = ()) -> list[Problem]:
    """A problem for every value that a step reads and that nothing gives. `given`: names every case has from the start."""
    starts = [each for each in process.start_events() if not each.events]
    if not any(each.form_id for each in starts):
        return []
    asked = _asked(process, bundle)
    other = _given_otherwise(process) | set(given)
    guessed = _unknown_results(process)
    problems = []
    for read in _read(process, bundle):
        root = read.path.split(".")[0]
        forms_of_it = sorted({form for path, form in asked.items() if path.split(".")[0] == root})
        if root in other or any(_covers(path, read.path) for path in asked):
            continue
        if forms_of_it:
            problems.append(_missing(read, ", ".join(forms_of_it)))
        elif read.decides:
            problems.append(_missing(read, ", ".join(sorted(process.forms)), warning=guessed))
    return problems


def _missing(read: _Read, where: str, *, warning: bool = False) -> Problem:
    return Problem(
        element=read.element,
        code="form_field_missing",
        message=f"“{read.name}” needs “{read.path}”, which no form asks for.",
        remedy=f"Add a field with the key {read.path} to a form ({where}), or correct the expression.",
        # A service task without an output mapping may give it.
        severity="warning" if warning else "error",
    )


def _unknown_results(process: bpmn.Process) -> bool:
    return any(
        (each.task_type or each.called_process) and not each.outputs for each in process.elements.values()
    )


def _covers(given: str, path: str) -> bool:
    """Whether a field gives what is read: the very value, something around it, or something in it."""
    return given == path or path.startswith(f"{given}.") or given.startswith(f"{path}.")


def _asked(process: bpmn.Process, bundle: Bundle) -> dict[str, str]:
    """Path of every field of the forms that the diagram shows -> its form."""
    found: dict[str, str] = {}
    for form_id in sorted(process.forms):
        content = bundle.files.get(("form", f"{form_id}.form"))
        try:
            form = forms.load(content) if content else None
        except forms.InvalidForm:
            continue
        for path in _fields((*form.components, *filter(None, [form.outcome]))) if form else ():
            found.setdefault(path, form_id)
    for element in process.elements.values():
        if element.type == "userTask" and element.form_id:
            for each in element.outputs:
                found.setdefault(each.target, element.form_id)
    return found


def _fields(components: tuple[Component, ...]) -> Iterator[str]:
    for component in components:
        if component.path:
            yield ".".join(component.path)
        else:
            yield from _fields(component.components)


def _given_otherwise(process: bpmn.Process) -> set[str]:
    """Names of the variables that anything but a form gives."""
    names = set()
    for element in process.elements.values():
        names |= {each.target.split(".")[0] for each in element.inputs}
        if element.type != "userTask" or not element.form_id:
            names |= {each.target.split(".")[0] for each in element.outputs}
        names |= {each.target.split(".")[0] for each in (*element.data_inputs, *element.data_outputs)}
        names.add(element.result_variable or "")
        if element.loop:
            names |= {element.loop.element or "", element.loop.output_collection or ""}
    return names


def _read(process: bpmn.Process, bundle: Bundle) -> Iterator[_Read]:
    for element in process.elements.values():
        texts = [element.script, element.schedule.due_date, element.schedule.follow_up_date, element.priority]
        texts += [each.source for each in element.inputs]
        texts += [each.source for each in element.outputs] if element.type == "userTask" else []
        texts += [each.timer[1] for each in element.events if each.timer]
        texts += [element.loop.collection] if element.loop else []
        called = element.name or element.id
        for path in dict.fromkeys(path for text in texts for path in _paths(text)):
            yield _Read(element=element.id, name=called, path=path)
        if element.decision_id:
            for path in _decided(bundle, element.decision_id):
                yield _Read(element=element.id, name=called, path=path)
    for flow in process.flows.values():
        source = process.elements[flow.source]
        for path in _paths(flow.condition):
            yield _Read(element=flow.id, name=flow.name or source.name or source.id, path=path, decides=True)


def _decided(bundle: Bundle, decision: str) -> list[str]:
    for table in bundle.tables:
        try:
            decisions = dmn.parse(table.content, table.imports)
        except dmn.InvalidDecision:
            continue
        if decision in decisions.names:
            return dmn.reads(decisions, decision)
    return []


def _paths(text: str | None) -> list[str]:
    """None for an expression with a filter: names in it may be those of the list's entries."""
    if not text or not text.lstrip().startswith("=") or "[" in text:
        return []
    return paths(text.lstrip()[1:])
