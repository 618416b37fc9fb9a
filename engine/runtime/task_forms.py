"""Forms of user tasks and start events: what they may read, and taking what people filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.feel import names
from engine.forms import Evaluate, Form, StoredFile, Submission, Translate, submit, templates
from engine.forms.components import Component, walk
from engine.runtime import user_tasks
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.store.tables import UserTask

#: Reserved variable of forms: who fills them in.
ME = "me"


def evaluator(ctx: Context) -> Evaluate:
    """FEEL at the command's moment, as `engine.forms` wants it."""

    def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
        return ctx.engine.feel.evaluate(expression, variables, now=ctx.now)

    return evaluate


def me(ctx: Context) -> dict[str, Any]:
    """What a form may know of the person in front of it: key, name, roles, what they may promise a customer alone."""
    limit = ctx.organisation.compensation_limit(ctx.actor.roles)
    return {
        "key": ctx.actor.key,
        "name": ctx.actor.name,
        "roles": sorted(ctx.actor.roles),
        "compensationLimit": float(limit),
    }


def definition_of(ctx: Context, task: UserTask) -> Definition:
    """The version a user task belongs to."""
    return ctx.engine.definitions.get(ctx.session, task.definition_id)


def form_of(ctx: Context, task: UserTask) -> Form | None:
    """The form of a user task; None where the step asks nothing."""
    return definition_of(ctx, task).forms.get(task.form_id) if task.form_id else None


def data_of(ctx: Context, task: UserTask) -> dict[str, Any]:
    """What the form of an open user task may read."""
    form = form_of(ctx, task)
    offered = lists(ctx, form, task.process_key) if form is not None else {}
    return {**offered, **user_tasks.variables(ctx, task), ME: me(ctx)}


def lists(ctx: Context, form: Form, process_key: str) -> dict[str, Any]:
    """The lists of the business (return reasons, carriers ...) that this form lets people choose from."""
    named = {name for component in walk(form.components) for name in _named(component)}
    return {
        name: options(ctx, process_key)
        for name, options in ctx.engine.registry.lists.items()
        if name in named
    }


def _named(component: Component) -> frozenset[str]:
    """Every variable a component's choices or texts read."""
    choices, text = component.settings.get("valuesExpression"), component.settings.get("text")
    expressions = [choices.removeprefix("=")] if isinstance(choices, str) else []
    if isinstance(text, str):
        expressions += [text[1:]] if text.startswith("=") else templates.expressions(text)
    return frozenset[str]().union(*(_names(expression.strip()) for expression in expressions))


@lru_cache(maxsize=1024)
def _names(expression: str) -> frozenset[str]:
    return frozenset(names(expression))


def start_form(definition: Definition) -> tuple[str, Form | None]:
    """The plain start event of a procedure and its registration form."""
    event = next(event for event in definition.process.start_events() if not event.events)
    return event.id, definition.forms.get(event.form_id) if event.form_id else None


def complete(
    ctx: Context,
    task: UserTask,
    fields: Sequence[tuple[str, str]],
    *,
    files: Mapping[str, Sequence[StoredFile]] | None = None,
    translate: Translate = str,
) -> UserTask:
    """Check what was filled in and complete the user task with it.

    Raises `engine.forms.FormErrors` and what `user_tasks.complete` raises.
    """
    form = form_of(ctx, task)
    if form is None:
        return user_tasks.complete(ctx, task.id, {})
    data = data_of(ctx, task)
    taken = take(ctx, form, fields, data=data, files=files, translate=translate)
    outcome = None if taken.outcome is None else str(taken.outcome)
    return user_tasks.complete(ctx, task.id, _overlaid(data, taken.values), outcome=outcome)


def _overlaid(data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The form's values, each object completed by what the form did not ask for: a field `request.remark` is one of
    `request`'s, and must not take the others away."""
    return {
        name: {**data[name], **_overlaid(data[name], value)}
        if isinstance(value, Mapping) and isinstance(data.get(name), Mapping)
        else value
        for name, value in values.items()
    }


def take(
    ctx: Context,
    form: Form,
    fields: Sequence[tuple[str, str]],
    *,
    data: Mapping[str, Any],
    files: Mapping[str, Sequence[StoredFile]] | None = None,
    translate: Translate = str,
) -> Submission:
    """Values of a submitted form. Raises `engine.forms.FormErrors`."""
    return submit(
        form,
        fields=fields,
        files=files,
        data=data,
        evaluate=evaluator(ctx),
        translate=translate,
        zone=ctx.organisation.zone,
    )
