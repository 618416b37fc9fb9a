"""A user task's page: the form left; the case, the rules and the way there beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from engine.aftersales import visibility
from engine.forms import FormErrors, FormView, edited, kept, view
from engine.runtime import assignment, task_forms, user_tasks
from engine.runtime.context import Context
from engine.runtime.refusals import NotACandidate, Refusal, UserTaskAlreadyCompleted, UserTaskCancelled
from engine.store.tables import UserTask
from web import calling, formats, refused, submitted, words
from web.access import READ_CASES
from web.errors import INVALID, REFUSED, people_in, sentence
from web.i18n import mark
from web.queries import step
from web.render import Answer, changed, looked_at, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form
from web.visitor import Visitor

router = Screen(prefix="/user-tasks/{user_task_id}")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the page is shown with besides what is stored."""

    #: Fields as typed, instead of the stored draft.
    raw: submitted.Fields | None = None
    errors: tuple[Any, ...] = ()
    files: Any = None
    #: Why completing was refused.
    refused: str = ""


class NotTaken(Exception):
    """Completing was refused; whoever tried sees their form again, as they filled it in."""

    def __init__(self, refusal: Refusal, user_task_id: int, raw: submitted.Fields) -> None:
        super().__init__(str(refusal))
        self.refusal, self.user_task_id, self.raw = refusal, user_task_id, raw


def install(app: FastAPI) -> None:
    """Show a form again whose completing was refused; its transaction is rolled back by then."""
    app.add_exception_handler(NotTaken, _not_taken)


@router.get("")
def page(request: Request, ctx: Command, user_task_id: int) -> Response:
    """The step as it stands, for whoever may do it or look at the case."""
    return _page(request, ctx, user_tasks.get(ctx, user_task_id), Shown())


def _page(request: Request, ctx: Context, task: UserTask, shown: Shown, status: int = 200) -> Response:
    language = ctx.actor.language
    may, why_not = _may(request, ctx, task)
    taken_by = task.assignee if task.assignee not in ctx.actor.keys else None
    definition = task_forms.definition_of(ctx, task)
    element = definition.process.elements[task.element_id]
    beside = step.beside(ctx, task, may=may and task.state == "created")
    in_short, names = beside.in_short, beside.names
    return render(
        request,
        "user_task/page.html",
        status=status,
        task=task,
        title=definition.translate(task.name, language),
        procedure=definition.translate(definition.name, language),
        version=definition.version,
        instructions=definition.translate(str(task.properties.get("instructions") or ""), language),
        alternatives=definition.translate(str(task.properties.get("alternatives") or ""), language),
        form=form_view(ctx, task, shown, readonly=not may or taken_by is not None),
        may=may,
        why_not=why_not,
        taken_by=names.get(taken_by, taken_by) if taken_by else "",
        done_by=names.get(task.completed_by or "", task.completed_by),
        draft_by=names.get(task.draft_by or "", "") if task.draft_by != ctx.actor.key else "",
        refused=shown.refused,
        in_short=in_short,
        before_call=_before_call(ctx, task, in_short),
        able=beside.able,
        groups=words.roles(ctx.organisation, task.candidate_groups, language),
        working_time="working" in (element.schedule.due_date or ""),
        passed=beside.passed,
        step_of=lambda row: words.step(ctx, row.definition_id, row.name),
        outcome_of=lambda row: words.outcome(ctx, row.definition_id, row.form_id, row.outcome),
        next_id=step.next_in_case(ctx, task.root_id) if task.state != "created" else None,
    )


def check_seen(ctx: Context, visitor: Visitor, task: UserTask) -> None:
    """A step is looked at by whoever may do it and whoever sees its case. Raises `NotACandidate`."""
    try:
        assignment.check_candidate(ctx, task)
    except NotACandidate:
        if not (READ_CASES.open_to(visitor.places) and visibility.sees_case(ctx, number=task.business_key)):
            raise


def _may(request: Request, ctx: Context, task: UserTask) -> tuple[bool, str]:
    """Whether the actor may do the step, else why not. Raises `NotACandidate` for those who may not even look."""
    visitor = request.state.visitor
    check_seen(ctx, visitor, task)
    try:
        assignment.check_candidate(ctx, task)
        assignment.check_independent(ctx, task)
    except Refusal as refusal:
        return False, sentence(visitor, refusal)
    return True, ""


def form_view(
    ctx: Context, task: UserTask, shown: Shown = Shown(), *, readonly: bool = False
) -> FormView | None:
    """The form as it looks now: with what was typed, else the draft; what was submitted once the step is done."""
    form = task_forms.form_of(ctx, task)
    if form is None:
        return None
    done = task.state != "created"
    data = step.submitted(ctx, task) if done else task_forms.data_of(ctx, task)
    raw = shown.raw if shown.raw is not None else task.draft
    return view(
        form,
        data=data,
        language=ctx.actor.language,
        translate=words.translator(task_forms.definition_of(ctx, task), ctx.actor.language),
        evaluate=task_forms.evaluator(ctx),
        errors=shown.errors,
        raw=None if done or readonly or not raw else [(str(name), str(text)) for name, text in raw],
        files=shown.files,
        readonly=done or readonly,
        refresh_url=f"/user-tasks/{task.id}/refresh",
        zone=ctx.organisation.zone,
    )


def _before_call(ctx: Context, task: UserTask, in_short: step.InShort) -> calling.BeforeYouCall | None:
    if task.state != "created" or not task.properties.get("call"):
        return None
    case = in_short.case
    return calling.before(
        ctx, case.customer_id if case else None, do_not_call=bool(case and case.do_not_call)
    )


@router.post("/complete")
def complete(request: Request, ctx: Command, user_task_id: int, sent: Form) -> Response:
    """Complete the step. What is missing is shown at its field; a step that is done already says by whom.

    After a step: on with the same case where one may, else back to the inbox.
    """
    fields, files = submitted.fields(sent), None
    try:
        with user_tasks.opened(ctx, user_task_id) as task:
            if (changed_rows := edited(fields)) is not None:
                return _page(request, ctx, task, Shown(raw=changed_rows))
            translate = words.translator(task_forms.definition_of(ctx, task), ctx.actor.language)
            files = submitted.files(ctx, sent)
            task_forms.complete(ctx, task, fields, files=files, translate=translate)
    except FormErrors as wrong:
        shown = Shown(raw=wrong.kept, errors=wrong.errors, files=files)
        return _page(request, ctx, user_tasks.get(ctx, user_task_id), shown, status=INVALID)
    except (UserTaskAlreadyCompleted, UserTaskCancelled):
        raise
    except Refusal as refusal:
        raise NotTaken(refusal, user_task_id, kept(fields)) from refusal
    log.info("user_task_completed", user_task_id=user_task_id, instance_id=task.instance_id)
    text = say(
        request.state.visitor,
        mark("Done: {step} ({case})."),
        step=translate(task.name),
        case=task.business_key,
    )
    answer = Answer(
        text=text, href=f"/cases/{task.business_key}", link=say(request.state.visitor, mark("See the case"))
    )
    next_id = step.next_in_case(ctx, task.root_id)
    return redirect(request, f"/user-tasks/{next_id}" if next_id else "/inbox", answer)


def _not_taken(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotTaken)
    visitor = request.state.visitor
    log.info("refused", code=error.refusal.code, path=request.url.path, actor=visitor.actor.key)
    refused.note(request, visitor, error.refusal)
    with request.app.state.commands.begin(visitor.actor) as ctx:
        task = user_tasks.get(ctx, error.user_task_id)
        said = sentence(visitor, error.refusal, people_in(request, error.refusal))
        shown = Shown(raw=error.raw, refused=said)
        return _page(request, ctx, task, shown, status=REFUSED)


@router.post("/refresh")
def refresh(request: Request, ctx: Command, user_task_id: int, sent: Form) -> Response:
    """The form after a field changed that others depend on, or a row was added or removed."""
    fields = submitted.fields(sent)
    task = user_tasks.get(ctx, user_task_id)
    assignment.check_candidate(ctx, task)
    form = form_view(ctx, task, Shown(raw=edited(fields) or kept(fields)), readonly=False)
    return render(request, "user_task/form.html", block="form", form=form)


@router.post("/draft")
def draft(request: Request, ctx: Command, visitor: Reader, user_task_id: int, sent: Form) -> Response:
    """Keep what was typed so far; the answer says when."""
    user_tasks.save_draft(ctx, user_task_id, kept(submitted.fields(sent)))
    with looked_at(visitor):
        text = say(visitor, mark("Draft saved {moment}"), moment=formats.moment(ctx.now))
    return HTMLResponse(text)


@router.post("/claim")
def claim(request: Request, ctx: Command, visitor: Reader, user_task_id: int) -> Response:
    """Take the step for oneself."""
    user_tasks.claim(ctx, user_task_id)
    answer = Answer(text=say(visitor, mark("The step is yours.")), undo=f"/user-tasks/{user_task_id}/release")
    return changed(request, _back(request, user_task_id), answer)


@router.post("/release")
def release(request: Request, ctx: Command, visitor: Reader, user_task_id: int) -> Response:
    """Give the step back to its group."""
    user_tasks.release(ctx, user_task_id)
    answer = Answer(
        text=say(visitor, mark("The step is free for your group again.")),
        undo=f"/user-tasks/{user_task_id}/claim",
    )
    return changed(request, _back(request, user_task_id), answer)


@router.post("/assign")
def assign(request: Request, ctx: Command, visitor: Reader, user_task_id: int, sent: Form) -> Response:
    """Give the step to a colleague, or take it over."""
    person = str(sent.get("person", ""))
    user_tasks.assign(ctx, user_task_id, person)
    name = step.names(ctx, [person]).get(person, person)
    return changed(
        request,
        _back(request, user_task_id),
        Answer(text=say(visitor, mark("The step is with {name}."), name=name)),
    )


def _back(request: Request, user_task_id: int) -> str:
    """Where a plain form was posted from: the inbox or the step's own page."""
    from_inbox = "/inbox" in request.headers.get("referer", "")
    return "/inbox" if from_inbox else f"/user-tasks/{user_task_id}"
