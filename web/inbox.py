"""The inbox: what one has to do, what one's groups could take, what one did."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from engine.runtime import user_tasks
from engine.runtime.refusals import Refusal
from web import lists, words
from web.deps import Command, Place, Reader
from web.errors import sentence
from web.i18n import mark
from web.lists import Column
from web.queries import inbox as rows
from web.queries import procedures, work
from web.render import Answer, changed, render, say
from web.security import Form

router = APIRouter(dependencies=[Depends(Place("inbox"))])

COLUMNS = (
    Column(key="first", label=mark("What to do"), sortable=True, css="clip"),
    Column(key="case", label=mark("Case"), sortable=True),
    Column(key="customer", label=mark("Customer")),
    Column(key="amount", label=mark("Amount"), sortable=True, numeric=True),
    Column(key="since", label=mark("Waiting"), sortable=True),
    Column(key="due", label=mark("Due"), sortable=True),
    Column(key="who", label=mark("Who")),
)
DONE_COLUMNS = (
    *COLUMNS[:4],
    Column(key="outcome", label=mark("Outcome")),
    Column(key="done", label=mark("Done"), sortable=True),
)


@router.get("/inbox")
def page(request: Request, ctx: Command) -> Response:
    """The inbox; htmx gets the list alone."""
    query = request.query_params
    tab = query.get("tab") if query.get("tab") in rows.TABS else "mine"
    chosen = rows.Filter(
        tab=str(tab),
        procedure=query.get("procedure", ""),
        step=query.get("step", ""),
        due=query.get("due", ""),
        priority=query.get("priority", ""),
        tier=query.get("tier", ""),
        who=query.get("who", ""),
        text=query.get("q", ""),
    )
    sort = lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-done" if tab == "done" else "first")
    return render(
        request,
        "inbox/index.html",
        block="list",
        columns=DONE_COLUMNS if tab == "done" else COLUMNS,
        page=rows.rows(ctx, chosen, sort, after=query.get("after")),
        counts=work.counts(ctx),
        chosen=chosen,
        sort=sort,
        address=lists.address(request),
        procedures=procedures.options(ctx),
        steps=rows.steps(ctx, chosen),
        name_of=lambda row: words.step(ctx, row.definition_id, row.name),
        procedure_of=lambda row: words.procedure(ctx, row.definition_id),
        outcome_of=lambda row: words.outcome(ctx, row.definition_id, row.form_id, row.outcome),
    )


@router.post("/inbox/claim")
def claim(request: Request, visitor: Reader, fields: Form) -> Response:
    """Claim what was ticked, each in a transaction of its own: one that is gone does not keep the others back."""
    chosen = sorted({int(text) for text in fields.getlist("id") if str(text).isdigit()})
    taken, refused = 0, ""
    for user_task_id in chosen:
        try:
            with request.app.state.commands.begin(visitor.actor) as ctx:
                user_tasks.claim(ctx, user_task_id)
            taken += 1
        except Refusal as refusal:
            refused = sentence(visitor, refusal)
    text = say(visitor, mark("Claimed: {n}."), n=taken)
    if refused:
        text += " " + say(visitor, mark("Not claimed: {n}. {why}"), n=len(chosen) - taken, why=refused)
    answer = Answer(
        text=text, tone="ok" if taken else "danger", href="/inbox?tab=mine", link=say(visitor, mark("Mine"))
    )
    return changed(request, "/inbox?tab=groups", answer)
