"""People at work without a page: registering a case, completing a user task, each through the real forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.aftersales import cases, registration
from engine.aftersales.tables import AftersalesCase
from engine.forms import StoredFile, fields_of
from engine.runtime import task_forms
from engine.runtime.context import Context
from engine.store.tables import UserTask


def register(
    ctx: Context,
    process_key: str,
    values: Mapping[str, Any],
    *,
    order_number: str | None,
    customer_number: str | None = None,
) -> AftersalesCase:
    """Register a case as the web's start page does.

    Raises `engine.forms.FormErrors` and what `cases.open_case` raises.
    """
    definition = ctx.engine.definitions.current(ctx.session, process_key)
    event_id, form = task_forms.start_form(definition)
    taken: dict[str, Any] = {}
    if form is not None:
        offered = task_forms.lists(ctx, form, process_key)
        known = registration.known(ctx, order_number=order_number, customer_number=customer_number)
        data = {**offered, **known, task_forms.ME: task_forms.me(ctx)}
        fields = fields_of(form, values, zone=ctx.organisation.zone)
        taken = dict(task_forms.take(ctx, form, fields, data=data, files=files_in(values)).values)
    return cases.open_case(
        ctx,
        process_key,
        taken,
        order_number=order_number,
        customer_number=customer_number,
        start_event=event_id,
    )


def complete(ctx: Context, user_task_id: int, values: Mapping[str, Any]) -> None:
    """Complete a user task with values its form asks for.

    Raises `engine.forms.FormErrors` and what `user_tasks.complete` raises.
    """
    task = ctx.session.get_one(UserTask, user_task_id)
    form = task_forms.form_of(ctx, task)
    fields = fields_of(form, values, zone=ctx.organisation.zone) if form is not None else []
    task_forms.complete(ctx, task, fields, files=files_in(values))


def files_in(values: Any) -> dict[str, list[StoredFile]]:
    """Files named in values, `photos: [{attachment: photo-1, name: a.jpg}]`, as if they were uploaded."""
    found: dict[str, list[StoredFile]] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, list):
            files = [item for item in value if isinstance(item, Mapping) and "attachment" in item]
            if files:
                found[path] = [
                    StoredFile(
                        id=str(item["attachment"]),
                        name=item.get("name", "photo.jpg"),
                        type=item.get("type", "image/jpeg"),
                        size=item.get("size", 1000),
                    )
                    for item in files
                ]
            else:
                for index, inner in enumerate(value):
                    walk(inner, f"{path}[{index}]")

    walk(values, "")
    return found
