"""Starting a procedure: what does the customer want, whom and what is it about, then the registration form."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response

from engine.aftersales import cases, customers, registration
from engine.forms import FormErrors, FormView, edited, kept, view
from engine.runtime import task_forms
from engine.runtime.assignment import works_for
from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.refusals import NotAllowed, Refusal
from web import submitted, words
from web.errors import INVALID, REFUSED, sentence
from web.i18n import mark
from web.queries import procedures, subjects
from web.render import Answer, redirect, render, say
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/start")
log = structlog.get_logger(__name__)

#: Properties of a process that speak to whoever starts it; see processes/README.md.
WISH, ICON, STARTED_BY, ORDER = "wish", "icon", "startedBy", "order"
EVERYBODY = "everybody"


class NotOpened(Exception):
    """The case was not opened; whoever tried sees their form again, as they filled it in."""

    def __init__(self, refusal: Refusal, raw: submitted.Fields) -> None:
        super().__init__(str(refusal))
        self.refusal, self.raw = refusal, raw


def install(app: FastAPI) -> None:
    """Show a registration form again that was refused; its transaction is rolled back by then."""
    app.add_exception_handler(NotOpened, _not_opened)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Cards by what the customer wants."""
    cards = [_card(ctx, definition) for definition in procedures.current(ctx) if _may_start(ctx, definition)]
    cards.sort(key=lambda card: (card["order"], card["title"]))
    return render(request, "start/index.html", cards=cards)


def _card(ctx: Context, definition: Definition) -> dict[str, Any]:
    properties, language = definition.process.properties, ctx.actor.language
    return {
        "key": definition.key,
        "title": definition.translate(properties.get(WISH) or definition.name, language),
        "name": definition.translate(definition.name, language),
        "text": definition.translate(definition.process.documentation, language),
        "icon": properties.get(ICON, "flow"),
        "order": int(properties.get(ORDER, "50")),
    }


def _may_start(ctx: Context, definition: Definition) -> bool:
    """Whether the actor may register a case: by the start event's lane, or by who the process says starts it."""
    event = next((each for each in definition.process.start_events() if not each.events), None)
    if event is None or event.form_id is None:
        return False
    said = event.properties.get(STARTED_BY) or definition.process.properties.get(STARTED_BY, "")
    roles = {role.strip() for role in said.split(",") if role.strip()}
    if not roles and event.lane:
        roles = {ctx.organisation.role_of_lane(event.lane) or event.lane}
    return not roles or EVERYBODY in roles or not roles.isdisjoint(works_for(ctx, ctx.actor))


@router.get("/{process_key}")
def form(request: Request, ctx: Command, process_key: str) -> Response:
    """Find whom and what it is about; once that is chosen, the registration form."""
    definition = _definition(ctx, process_key)
    query = request.query_params
    if query.get("order") or query.get("customer") or "without" in query:
        return _form_page(request, ctx, definition, raw=None)
    text = query.get("q", "").strip()
    return render(
        request,
        "start/subject.html",
        block="found",
        card=_card(ctx, definition),
        text=text,
        orders=subjects.orders(ctx, text) if text else (),
        customers=customers.find(ctx, text) if text else (),
    )


def _definition(ctx: Context, process_key: str) -> Definition:
    definition = ctx.engine.definitions.current(ctx.session, process_key)
    if not _may_start(ctx, definition):
        raise NotAllowed(
            actor=ctx.actor.name, roles=definition.translate(definition.name, ctx.actor.language)
        )
    return definition


def _form_page(
    request: Request,
    ctx: Context,
    definition: Definition,
    *,
    raw: submitted.Fields | None,
    errors: tuple[Any, ...] = (),
    files: Any = None,
    refused: str = "",
    key: str = "",
    status: int = 200,
) -> Response:
    query = request.query_params
    data = _data(ctx, definition, query)
    return render(
        request,
        "start/form.html",
        status=status,
        card=_card(ctx, definition),
        form=_view(request, ctx, definition, data, raw=raw, errors=errors, files=files),
        subject=data,
        refused=refused,
        open_cases=subjects.open_cases(ctx, query["order"]) if query.get("order") else (),
        # The same registration sent twice opens one case.
        key=key or secrets.token_urlsafe(16),
        action=f"{request.url.path.removesuffix('/refresh')}?{query}",
        procedure_of=dict(procedures.options(ctx)),
    )


def _data(ctx: Context, definition: Definition, query: Mapping[str, str]) -> dict[str, Any]:
    """What the registration form may read: customer and order, as the procedure will have them."""
    _, form = task_forms.start_form(definition)
    known = registration.known(ctx, order_number=query.get("order"), customer_number=query.get("customer"))
    offered = task_forms.lists(ctx, form, definition.key) if form is not None else {}
    return {**offered, **known, task_forms.ME: task_forms.me(ctx)}


def _view(
    request: Request,
    ctx: Context,
    definition: Definition,
    data: Mapping[str, Any],
    *,
    raw: submitted.Fields | None,
    errors: tuple[Any, ...] = (),
    files: Any = None,
) -> FormView:
    _, form = task_forms.start_form(definition)
    assert form is not None  # _may_start
    path = request.url.path.removesuffix("/refresh")
    return view(
        form,
        data=data,
        language=ctx.actor.language,
        translate=words.translator(definition, ctx.actor.language),
        evaluate=task_forms.evaluator(ctx),
        errors=errors,
        raw=raw,
        files=files,
        refresh_url=f"{path}/refresh?{request.query_params}",
        zone=ctx.organisation.zone,
    )


@router.post("/{process_key}/refresh")
def refresh(request: Request, ctx: Command, process_key: str, sent: Form) -> Response:
    """The form after a field changed that others depend on, or a row was added or removed."""
    fields = submitted.fields(sent)
    definition = _definition(ctx, process_key)
    data = _data(ctx, definition, request.query_params)
    shown = _view(request, ctx, definition, data, raw=edited(fields) or kept(fields))
    return render(request, "user_task/form.html", block="form", form=shown)


@router.post("/{process_key}")
def start(request: Request, ctx: Command, process_key: str, sent: Form) -> Response:
    """Register the case: it gets its number and runs to its first steps."""
    fields = submitted.fields(sent)
    key = str(sent.get("_key", ""))
    definition = _definition(ctx, process_key)
    if (changed_rows := edited(fields)) is not None:
        return _form_page(request, ctx, definition, raw=changed_rows, key=key)
    event_id, form = task_forms.start_form(definition)
    assert form is not None  # _definition
    query = request.query_params
    files: Any = None
    try:
        files = submitted.files(ctx, sent)
        taken = task_forms.take(
            ctx,
            form,
            fields,
            data=_data(ctx, definition, query),
            files=files,
            translate=words.translator(definition, ctx.actor.language),
        )
        case = cases.open_case(
            ctx,
            process_key,
            taken.values,
            order_number=query.get("order"),
            customer_number=query.get("customer"),
            about=query.get("about"),
            idempotency_key=f"start:{ctx.actor.key}:{key}" if key else None,
            start_event=event_id,
        )
    except FormErrors as wrong:
        return _form_page(
            request,
            ctx,
            definition,
            raw=wrong.kept,
            errors=wrong.errors,
            files=files,
            key=key,
            status=INVALID,
        )
    except Refusal as refusal:
        raise NotOpened(refusal, kept(fields)) from refusal
    log.info("case_opened", case=case.number, process=process_key)
    text = say(request.state.visitor, mark("Case {case} is registered."), case=case.number)
    return redirect(request, f"/cases/{case.number}", Answer(text=text))


def _not_opened(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotOpened)
    visitor = request.state.visitor
    log.info("refused", code=error.refusal.code, path=request.url.path, actor=visitor.actor.key)
    with request.app.state.commands.begin(visitor.actor) as ctx:
        definition = _definition(ctx, request.path_params["process_key"])
        said = sentence(visitor, error.refusal)
        return _form_page(request, ctx, definition, raw=error.raw, refused=said, status=REFUSED)
