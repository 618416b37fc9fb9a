"""What keeps one instance from being moved: everything it stands at, held against the comparison of the versions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from engine.bpmn import Place
from engine.forms import Form
from engine.forms.components import Component
from engine.forms.raw import ROWS
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.reasons import Reason
from engine.store.tables import UserTask

#: What is asked for anew when an incident is retried before anything was handed out: it need not be as it was.
_ASKED_ANEW = frozenset(["other_service", "other_call", "other_form", "other_loop"])
#: What makes an element of no use that nobody stands at now.
_NOWHERE = frozenset(["gone", "other_kind", "other_scope"])
#: Which row of a list a field of a draft is in.
_ROW = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An instance as far as moving it is concerned."""

    places: Sequence[Place]
    #: Its open user tasks.
    tasks: Sequence[UserTask]
    #: Elements of `Comparison.forgotten` that somebody completed in this case.
    forgotten: Collection[str] = ()


def reasons(comparison: Comparison, standing: Standing) -> list[Reason]:
    """Everything that keeps the instance on its version, each once; none when it can be moved."""
    found: list[Reason] = []
    for reason in _all(comparison, standing):
        if reason not in found:
            found.append(reason)
    return found


def _all(comparison: Comparison, standing: Standing) -> Iterator[Reason]:
    watched = {(place.host_id, place.element_id) for place in standing.places if place.kind == "watch"}
    for place in standing.places:
        if place.kind != "watch":
            yield from _at(comparison, place, watched)
    for task in standing.tasks:
        yield from _draft(comparison, task)
    for element_id in sorted(standing.forgotten):
        yield Reason(code="four_eyes", step=element_id)


def _at(comparison: Comparison, place: Place, watched: Collection[tuple[str, str]]) -> Iterator[Reason]:
    begun = place.kind == "token" and place.phase in ("execute", "wait", "finish")
    for reason in comparison.waiting(place.element_id) if begun else comparison.standing(place.element_id):
        if reason.code == "event_gone" and (place.element_id, reason.params["event"]) not in watched:
            continue  # It has happened, or was never waited for: nothing is lost.
        if reason.code in _ASKED_ANEW and place.stuck and place.phase == "execute":
            continue
        yield reason
    target = comparison.target(place.element_id)
    if place.arrived_by is not None and target is not None and place.arrived_by not in target.incoming:
        yield Reason(code="arrived", step=place.element_id)
    for name in sorted(place.remembers):
        if any(each.code in _NOWHERE for each in comparison.standing(name)):
            yield Reason(code="remembered", step=name)


def _draft(comparison: Comparison, task: UserTask) -> Iterator[Reason]:
    """A field that somebody has begun to fill in and that the new form does not have, or has as something else."""
    old = comparison.old.forms.get(task.form_id or "")
    new = comparison.new.forms.get(form_id(comparison, task) or "")
    if not task.draft or old == new:
        return
    before, now = _fields(old), _fields(new)
    for name in sorted({_ROW.sub("", pair[0].removeprefix(ROWS)) for pair in task.draft}):
        if name in before and before[name] != now.get(name):
            yield Reason(code="draft", step=task.element_id, params={"field": name})


def form_id(comparison: Comparison, task: UserTask) -> str | None:
    """Id of the form that an open user task has on the new version: that of the step it will stand at."""
    old, new = comparison.old.process.elements.get(task.element_id), comparison.target(task.element_id)
    return task.form_id if old is None or new is None or new.form_id == old.form_id else new.form_id


def _fields(form: Form | None) -> dict[str, str]:
    """Name of each field as a draft names it, without its row -> its type."""
    if form is None:
        return {}
    components = (*form.components, form.outcome) if form.outcome else form.components
    return dict(_named(components, ""))


def _named(components: Sequence[Component], prefix: str) -> Iterator[tuple[str, str]]:
    for component in components:
        name = prefix + ".".join(component.path)
        if component.path:
            yield name, component.type
        inside = f"{name}." if component.path and component.components else prefix
        yield from _named(component.components, inside)
