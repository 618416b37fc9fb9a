"""The case page: everything about a case, and the step the reader may do, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Row
from starlette.datastructures import UploadFile

from engine.aftersales import attachments, following, messages, notes, prints, sending, visibility
from engine.runtime import user_tasks
from engine.runtime.context import Context
from web import access, lists, mentions, user_task, words
from web.i18n import mark
from web.labels import Labels
from web.queries import case as rows
from web.queries import case_goods, case_history, people
from web.render import Answer, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form
from web.timeline import Teller

router = Screen(prefix="/cases/{number}")
log = structlog.get_logger(__name__)

TABS = ("overview", "timeline", "goods", "messages", "files", "links", "diagram")
#: Entries of the timeline that the overview shows.
_LATEST = 5


@router.get("")
def page(request: Request, ctx: Command, visitor: Reader, number: str) -> Response:
    """The case, one tab of it."""
    query = request.query_params
    tab = query.get("tab") if query.get("tab") in TABS else "overview"
    case = rows.head(ctx, number)
    labels = Labels(ctx)
    data = _TABS[tab](ctx, request, case, labels)
    return render(
        request,
        "case/page.html",
        block="tab",
        case=case,
        tab=tab,
        labels=labels,
        address=lists.address(request),
        procedure=labels.procedure(case.process_key),
        works=access.WORK_ON_CASES.open_to(visitor.places),
        prints=prints.offered(ctx, case.process_key),
        **data,
    )


def _overview(ctx: Context, request: Request, case: Row[Any], labels: Labels) -> dict[str, Any]:
    steps = rows.open_steps(ctx, case.number)
    running = case_history.instances(ctx, case.number)
    lines = case_goods.lines(ctx, case.id)
    return {
        "steps": steps,
        "step_of": lambda row: words.step(ctx, row.definition_id, row.name),
        "groups_of": lambda row: words.roles(ctx.organisation, row.candidate_groups, ctx.actor.language),
        **_to_do(ctx, request, steps),
        "lines": lines,
        "worth": case_goods.worth,
        "returns": rows.returns(ctx, case.id),
        "notes": rows.notes(ctx, case.id),
        "parts_of": mentions.parts,
        "colleagues": people.colleagues(ctx),
        "latest": case_history.timeline(
            ctx, case.number, running, kind="people", size=_LATEST, notes=False
        ).rows,
        "tell": Teller(ctx, running, labels).tell,
    }


def _to_do(ctx: Context, request: Request, steps: Sequence[Row[Any]]) -> dict[str, Any]:
    """The step the reader may do, with its form: the one the address names, else the nearest."""
    possible = [step for step in steps if step.mine]
    named = request.query_params.get("step", "")
    chosen = next((step for step in possible if str(step.id) == named), possible[0] if possible else None)
    if chosen is None:
        return {"to_do": None, "form": None, "instructions": ""}
    task = user_tasks.get(ctx, chosen.id)
    definition = ctx.engine.definitions.get(ctx.session, task.definition_id)
    return {
        "to_do": task,
        "form": user_task.form_view(ctx, task),
        "instructions": definition.translate(
            str(task.properties.get("instructions") or ""), ctx.actor.language
        ),
    }


def _timeline(ctx: Context, request: Request, case: Row[Any], labels: Labels) -> dict[str, Any]:
    query = request.query_params
    running = case_history.instances(ctx, case.number)
    kind = query.get("kind") if query.get("kind") in case_history.KINDS else ""
    return {
        "kind": kind,
        "page": case_history.timeline(
            ctx, case.number, running, kind=str(kind or ""), after=query.get("after")
        ),
        "tell": Teller(ctx, running, labels).tell,
    }


def _goods(ctx: Context, _request: Request, case: Row[Any], _labels: Labels) -> dict[str, Any]:
    computed = (case.variables or {}).get("refund")
    return {
        "lines": case_goods.lines(ctx, case.id),
        "worth": case_goods.worth,
        "money": case_goods.money(ctx, case.id),
        "movements": case_goods.movements(ctx, case.id),
        "returns": rows.returns(ctx, case.id),
        "computed": computed if isinstance(computed, dict) else {},
    }


def _messages(ctx: Context, _request: Request, case: Row[Any], _labels: Labels) -> dict[str, Any]:
    return {
        "messages": rows.messages(ctx, case.id),
        "calls": rows.calls(ctx, case.id),
        "ratings": rows.ratings(ctx, case.id),
        "can_send": lambda message: sending.can_send(ctx.engine.settings, message.channel),
    }


def _files(ctx: Context, _request: Request, case: Row[Any], _labels: Labels) -> dict[str, Any]:
    return {
        "files": rows.attachments(ctx, case.id),
        "accept": ",".join(ctx.organisation.attachments.types),
        "most": ctx.organisation.attachments.max_megabytes,
    }


def _links(ctx: Context, _request: Request, case: Row[Any], _labels: Labels) -> dict[str, Any]:
    return {"linked": rows.linked(ctx, case.id), "others": rows.others(ctx, case)}


def _diagram(ctx: Context, request: Request, case: Row[Any], labels: Labels) -> dict[str, Any]:
    running = case_history.instances(ctx, case.number)
    named = request.query_params.get("instance", "")
    chosen = next((each for each in running if str(each.id) == named), running[0] if running else None)
    return {
        "instances": [(each, labels.procedure(each.process_key)) for each in running],
        "instance": chosen,
        "way": case_history.path(ctx, chosen.id) if chosen else None,
    }


_TABS = {
    "overview": _overview,
    "timeline": _timeline,
    "goods": _goods,
    "messages": _messages,
    "files": _files,
    "links": _links,
    "diagram": _diagram,
}


@router.post("/notes")
def add_note(request: Request, ctx: Command, visitor: Reader, number: str, fields: Form) -> Response:
    """Put a note on the case; whoever was picked is mentioned."""
    visibility.check_case(ctx, number)
    text, mentioned = str(fields.get("text", "")), str(fields.get("mention", ""))
    if mentioned and text.strip() and f"@{mentioned}" not in text:
        text = f"{text.rstrip()} @{mentioned}"
    notes.add(ctx, number, text)
    log.info("note_added", case=number)
    return redirect(request, f"/cases/{number}#notes", Answer(text=say(visitor, mark("The note is kept."))))


@router.post("/follow")
def follow(request: Request, ctx: Command, visitor: Reader, number: str, fields: Form) -> Response:
    """Follow the case, or stop."""
    on = bool(fields.get("following"))
    following.follow(ctx, visibility.check_case(ctx, number), following=on)
    text = mark("You follow this case now.") if on else mark("You do not follow this case any more.")
    return redirect(request, f"/cases/{number}", Answer(text=say(visitor, text)))


@router.post("/messages/{message}/send")
def send_again(request: Request, ctx: Command, visitor: Reader, number: str, message: str) -> Response:
    """Try anew to send a message to the customer."""
    visibility.check_case(ctx, number)
    messages.send_again(ctx, number, message)
    log.info("message_sent_again", case=number, message=message)
    text = say(visitor, mark("The message is on its way again."))
    return redirect(request, f"/cases/{number}?tab=messages", Answer(text=text))


@router.post("/attachments")
def attach(request: Request, ctx: Command, visitor: Reader, number: str, fields: Form) -> Response:
    """Attach files to the case; all of them, or none when one is refused."""
    case_id = visibility.check_case(ctx, number)
    files = [file for file in fields.getlist("files") if isinstance(file, UploadFile) and file.filename]
    for file in files:
        attachments.attach(ctx, case_id, file.filename or "", file.file)
    log.info("attachments_added", case=number, files=len(files))
    text = (
        say(visitor, mark("Attached: {n}."), n=len(files))
        if files
        else say(visitor, mark("Choose a file first."))
    )
    return redirect(
        request, f"/cases/{number}?tab=files", Answer(text=text, tone="ok" if files else "danger")
    )
