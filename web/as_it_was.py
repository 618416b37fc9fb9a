"""A case as it was: a moment of its past with diagram, variables and the form somebody had before them, by replay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Row

from engine.forms import FormView, view
from engine.runtime import as_it_was, identity, task_forms
from engine.runtime.as_it_was import Asked, Standing
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.history import UnreadablePayload
from engine.runtime.refusals import NotFound
from engine.runtime.replay import Diverged
from web import masking, words
from web.facts import Difference, differences, facts_of
from web.labels import Labels
from web.queries import acts as rows
from web.queries import case as cases
from web.queries import case_history
from web.queries.acts import Act, Reached
from web.render import render
from web.screen import Command, Screen
from web.timeline import Teller

router = Screen(prefix="/audit")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What the page shows of the chosen moment."""

    standing: Standing
    changed: Sequence[Difference]
    variables: Sequence[tuple[str, str]]
    #: (activity id, name) of the steps of people that waited.
    waiting: Sequence[tuple[int, str]]
    form: FormView | None
    #: Name of the step the form belongs to, and who filled it in; "" where it waited.
    step: str
    by: str
    activity_id: int | None


@router.get("/{number}/as-it-was")
def page(request: Request, ctx: Command, number: str) -> Response:
    """The case after one of the commands that moved it on: `at=<history>.<event>` or the n-th. Raises `NotFound`."""
    query = request.query_params
    head = cases.head(ctx, number)
    all_acts = rows.of_case(ctx, number)
    if not all_acts:
        raise NotFound(what="history", id=number)
    chosen = all_acts[_chosen(ctx, number, all_acts, query) - 1]
    reached = rows.reached(all_acts[: chosen.number])
    since = _number(query.get("since"))
    since = min(since if since is not None else chosen.number - 1, chosen.number - 1)
    stream = _number(query.get("of"))
    stream = stream if stream in reached else chosen.first.stream
    running = [
        replace(each, definition_id=reached[each.id].definition_id)
        for each in case_history.instances(ctx, number)
        if each.id in reached
    ]
    labels = Labels(ctx)
    following = all_acts[chosen.number].inputs[0].id if chosen.number < len(all_acts) else None
    events = case_history.during(ctx, number, running, first=chosen.inputs[0].id, before=following)
    moment, trouble = None, ""
    try:
        moment = _moment(ctx, all_acts, chosen, since, stream, reached, _number(query.get("form")))
        trouble = str(moment.standing.diverged or "")
    except (Diverged, UnreadablePayload) as error:
        trouble = str(error)
    return render(
        request,
        "audit/as_it_was.html",
        block="moment",
        case=head,
        labels=labels,
        acts=all_acts,
        chosen=chosen,
        since=all_acts[since - 1] if since else None,
        events=events,
        tell=Teller(ctx, running, labels).tell,
        instances=[(each, labels.procedure(each.process_key)) for each in running],
        instance=next(each for each in running if each.id == stream),
        moment=moment,
        trouble=trouble,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 19 else None


def _chosen(ctx: Context, number: str, acts: Sequence[Act], query: Mapping[str, str]) -> int:
    """The number of the act asked for; the last one without."""
    stream, _, seq = query.get("at", "").partition(".")
    if stream.isdigit() and seq.isdigit():
        event = rows.event_id(ctx, number, int(stream), int(seq))
        if event is None:
            raise NotFound(what="event", id=f"{stream}.{seq}")
        # What belongs to no instance stands before the first.
        return max((act.number for act in acts if act.inputs[0].id <= event), default=1)
    asked = _number(query.get("n")) or len(acts)
    return min(max(asked, 1), len(acts))


def _moment(
    ctx: Context,
    acts: Sequence[Act],
    chosen: Act,
    since: int,
    stream: int,
    reached: Mapping[int, Reached],
    wanted: int | None,
) -> Moment:
    earlier = rows.reached(acts[:since]).get(stream)
    filled_in = next((row for row in chosen.inputs if row.stream == stream and _is_form(row)), None)
    before = _before(acts, filled_in) if filled_in else None
    found = as_it_was.standing(
        ctx.session,
        ctx.engine,
        stream,
        upto=reached[stream].seq,
        since=earlier.seq if earlier else None,
        asked=Asked(activity_id=filled_in.activity_id, after=before) if filled_in and before else None,
    )
    definition = ctx.engine.definitions.get(ctx.session, found.definition_id)
    translate = words.translator(definition, ctx.actor.language)
    hidden = masking.hidden(ctx)
    elements = definition.process.elements
    waiting = [
        (each.id, " ".join(translate(elements[each.element_id].name).split()) or each.element_id)
        for each in found.active
        if each.element_type == "userTask"
    ]
    form, step, by, activity_id = None, "", "", None
    if filled_in is not None and wanted is None:
        form, step = _filled(ctx, definition, filled_in, found.asked, hidden)
        by, activity_id = filled_in.who, filled_in.activity_id
    elif waiting:
        activity_id, step = next((each for each in waiting if each[0] == wanted), waiting[0])
        element_id = next(each.element_id for each in found.active if each.id == activity_id)
        form = _form(ctx, definition, element_id, found.seen[activity_id], {}, hidden)
    return Moment(
        standing=found,
        changed=[_masked(each, hidden) for each in differences(found.before, found.variables)],
        variables=[
            (path, masking.shown(value, masking.field_of(path), hidden))
            for path, value in facts_of(found.variables)
        ],
        waiting=waiting,
        form=form,
        step=step,
        by=by,
        activity_id=activity_id,
    )


def _is_form(row: Row[Any]) -> bool:
    return row.type in ("UserTaskCompleted", "ProcessInstanceStarted")


def _before(acts: Sequence[Act], row: Row[Any]) -> int | None:
    """The input of its instance before this one."""
    earlier = [
        each.seq for act in acts for each in act.inputs if each.stream == row.stream and each.seq < row.seq
    ]
    return max(earlier, default=None)


def _filled(
    ctx: Context,
    definition: Definition,
    row: Row[Any],
    saw: Mapping[str, Any] | None,
    hidden: Collection[str],
) -> tuple[FormView | None, str]:
    """The form as it was filled in, and the name of its step."""
    said = orjson.loads(rows.payload(ctx, row.id))
    values = said.get("values") if row.type == "UserTaskCompleted" else said.get("variables")
    element = definition.process.elements.get(row.element_id or "")
    if element is None:
        return None, row.element_id or ""
    name = definition.translate(element.name, ctx.actor.language)
    then = replace(ctx, now=row.at, actor=_actor(ctx, row.actor))
    return _form(then, definition, element.id, saw or {}, values or {}, hidden), " ".join(name.split())


def _actor(ctx: Context, key: str) -> Any:
    """Whoever filled it in, as they are today, reading the reader's language; the reader for somebody who left."""
    try:
        return replace(identity.acting(ctx, key), language=ctx.actor.language)
    except NotFound:
        return ctx.actor


def _form(
    ctx: Context,
    definition: Definition,
    element_id: str,
    saw: Mapping[str, Any],
    values: Mapping[str, Any],
    hidden: Collection[str],
) -> FormView | None:
    element = definition.process.elements[element_id]
    form = definition.forms.get(element.form_id) if element.form_id else None
    if form is None:
        return None
    data = {
        **task_forms.lists(ctx, form, definition.key),
        **masking.masked({**saw, **values}, hidden),
        task_forms.ME: task_forms.me(ctx),
    }
    return view(
        form,
        data=data,
        language=ctx.actor.language,
        translate=words.translator(definition, ctx.actor.language),
        evaluate=task_forms.evaluator(ctx),
        readonly=True,
        zone=ctx.organisation.zone,
    )


def _masked(each: Difference, hidden: Collection[str]) -> Difference:
    field = masking.field_of(each.path)
    old, new = (text and masking.shown(text, field, hidden) for text in (each.old, each.new))
    return replace(each, old=old, new=new)
