"""Forms of a procedure on their owner's desk: where each is shown, and how it looks to staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from config.problem import Problem
from engine import bpmn
from engine.forms import FormExpressionError, FormView, InvalidForm, load, view
from engine.runtime import task_forms
from engine.runtime.context import Context
from engine.store.tables import ProcessInstance
from web import i18n
from web.queries.studio import Desk

DATA_REMEDY = i18n.mark("Mend the expression, or give the data it needs beside the preview.")


@dataclass(frozen=True, kw_only=True)
class Used:
    """One form and the steps that show it."""

    id: str
    file: str
    #: Names of user tasks and start events, in the source language.
    steps: tuple[str, ...]
    fields: int


def used(desk: Desk) -> list[Used]:
    """The forms of a procedure, sorted by id."""
    try:
        process = bpmn.parse(desk.bundle.diagram).processes.get(desk.key)
    except bpmn.InvalidDiagram:
        process = None
    elements = process.elements.values() if process else ()
    found = []
    for file in desk.names("form"):
        id_ = file.removesuffix(".form")
        steps = tuple(each.name or each.id for each in elements if each.form_id == id_)
        found.append(Used(id=id_, file=file, steps=steps, fields=_fields(desk.file("form", file))))
    return found


def _fields(content: bytes) -> int:
    return sum(1 for each in _components(orjson.loads(content)) if each.get("key"))


def _components(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = []
    for each in node.get("components") or ():
        found += [each, *_components(each)]
    return found


def sample(ctx: Context, process_key: str) -> dict[str, Any]:
    """Variables of the newest case of the procedure, to fill a preview with something real."""
    newest = (
        select(ProcessInstance.variables)
        .where(ProcessInstance.process_key == process_key)
        .order_by(ProcessInstance.id.desc())
        .limit(1)
    )
    return ctx.session.execute(newest).scalar() or {}


def preview(
    ctx: Context, desk: Desk, content: bytes, *, language: str, data: Mapping[str, Any]
) -> FormView | list[Problem]:
    """The form as staff will see it with `data`, or what keeps it from being shown."""
    try:
        form = load(content)
    except InvalidForm as invalid:
        return list(invalid.problems)
    words, interface = desk.words(language), i18n.words(language)
    try:
        return view(
            form,
            data={**task_forms.lists(ctx, form, desk.key), task_forms.ME: task_forms.me(ctx), **data},
            language=language,
            translate=lambda text: words.get(text) or (interface.gettext(text) if text else text),
            evaluate=task_forms.evaluator(ctx),
            zone=ctx.organisation.zone,
        )
    except FormExpressionError as error:
        return [Problem(element="", code="expression", message=str(error), remedy=DATA_REMEDY)]
