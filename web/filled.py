"""What somebody filled in while playing: values as a scenario has them, taken through the real forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData, UploadFile

from engine.aftersales import registration
from engine.forms import Form, StoredFile
from engine.runtime import task_forms
from engine.runtime.context import Context
from engine.scenarios.scene import OpenTask
from engine.scenarios.stage import Stage, filled
from web import submitted, words

#: Replaces `$order` by the number of the play's order.
placed = filled


def known(ctx: Context, stage: Stage, form: Form, process_key: str) -> dict[str, Any]:
    """What the registration form may read."""
    subject = registration.known(
        ctx, order_number=stage.scenario.order_number, customer_number=stage.scenario.customer_number
    )
    return {**task_forms.lists(ctx, form, process_key), **subject, task_forms.ME: task_forms.me(ctx)}


def values(
    ctx: Context,
    stage: Stage,
    task: OpenTask | None,
    fields: submitted.Fields,
    files: Mapping[str, Sequence[StoredFile]],
) -> dict[str, Any]:
    """What was entered on the form of a step, or of the registration where `task` is None.

    Raises `engine.forms.FormErrors`.
    """
    if task is not None:
        definition = task_forms.definition_of(ctx, task.task)
        form = task_forms.form_of(ctx, task.task)
        data = task_forms.data_of(ctx, task.task) if form else {}
    else:
        definition = ctx.engine.definitions.current(ctx.session, stage.scenario.process)
        _, form = task_forms.start_form(definition)
        data = known(ctx, stage, form, definition.key) if form else {}
    if form is None:
        return {}
    translate = words.translator(definition, ctx.actor.language)
    taken = task_forms.take(ctx, form, fields, data=data, files=files, translate=translate)
    sent = {name for name, _ in fields} | set(files)
    return _entered(taken.values, data, sent, "")


def _entered(tree: Mapping[str, Any], data: Any, sent: set[str], base: str) -> dict[str, Any]:
    """Only what a person entered: nothing the page had not sent, nothing left empty that was empty before."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        path = f"{base}.{name}" if base else name
        before = data.get(name) if isinstance(data, Mapping) else None
        if isinstance(value, Mapping) and path not in sent:
            if inner := _entered(value, before, sent, path):
                found[name] = inner
        elif _rows(value) and path not in sent:
            found[name] = [_told(row) for row in value]
        elif path in sent and not (value in (None, "", []) and before in (None, "", [])):
            found[name] = value
    return found


def _rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def uploads(form: FormData) -> Mapping[str, list[StoredFile]]:
    """Files as a play has them: by name only, their content is kept nowhere."""
    found: dict[str, list[StoredFile]] = defaultdict(list)
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            found[name].append(
                StoredFile(
                    id=f"play-{len(found[name]) + 1}",
                    name=value.filename,
                    type=value.content_type or "application/octet-stream",
                    size=value.size or 0,
                )
            )
    return found
