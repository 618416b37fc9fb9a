"""The inbox: what one has to do, what one's groups could take, what one follows, what one did."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import preferences
from engine.runtime import user_tasks
from engine.runtime.context import Context
from web import bulk, lists, words
from web.i18n import mark
from web.labels import Labels
from web.lists import Column
from web.queries import followed, people, procedures, step, work
from web.queries import inbox as rows
from web.render import Answer, changed, own_path, render, say
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/inbox")

LIST = "inbox"
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
FOLLOWED_COLUMNS = (
    Column(key="case", label=mark("Case"), sortable=True),
    Column(key="now", label=mark("What happens now"), css="clip"),
    Column(key="customer", label=mark("Customer")),
    Column(key="amount", label=mark("Amount"), sortable=True, numeric=True),
    Column(key="applied", label=mark("Applied"), sortable=True),
    Column(key="due", label=mark("Next step due"), sortable=True),
)


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """The inbox; htmx gets the list alone."""
    query = request.query_params
    tab = query.get("tab") if query.get("tab") in rows.TABS else "mine"
    return render(
        request,
        "inbox/index.html",
        block="list",
        tab=tab,
        counts=work.counts(ctx),
        address=lists.address(request),
        # Around the list: not asked for when the list alone is.
        saved=lambda: preferences.filters(ctx, LIST),
        procedures=lambda: procedures.options(ctx),
        **(_followed(ctx, request) if tab == "following" else _steps(ctx, request, str(tab))),
    )


def _steps(ctx: Context, request: Request, tab: str) -> dict[str, Any]:
    query = request.query_params
    chosen = rows.Filter(
        tab=tab,
        procedure=query.get("procedure", ""),
        step=query.get("step", ""),
        due=query.get("due", ""),
        priority=query.get("priority", ""),
        tier=query.get("tier", ""),
        who=query.get("who", ""),
        text=query.get("q", ""),
    )
    sort = lists.Sort.read(query.get("sort"), tuple(rows.SORTS), "-done" if tab == "done" else "first")
    return {
        "columns": DONE_COLUMNS if tab == "done" else COLUMNS,
        "page": rows.rows(ctx, chosen, sort, after=query.get("after")),
        "chosen": chosen,
        "sort": sort,
        "steps": lambda: rows.steps(ctx, chosen),
        "colleagues": lambda: people.sharing_work(ctx),
        "name_of": lambda row: words.step(ctx, row.definition_id, row.name),
        "procedure_of": lambda row: words.procedure(ctx, row.definition_id),
        "outcome_of": lambda row: words.outcome(ctx, row.definition_id, row.form_id, row.outcome),
    }


def _followed(ctx: Context, request: Request) -> dict[str, Any]:
    query = request.query_params
    chosen = followed.Filter.read(query)
    sort = lists.Sort.read(query.get("sort"), tuple(followed.SORTS), "due")
    return {
        "columns": FOLLOWED_COLUMNS,
        "page": followed.rows(ctx, chosen, sort, after=query.get("after")),
        "chosen": chosen,
        "sort": sort,
        "labels": Labels(ctx),
        "step_of": lambda each: words.step(ctx, each["definition"], each["name"]),
    }


@router.post("/claim")
def claim(request: Request, visitor: Reader, fields: Form) -> Response:
    """Claim what was ticked."""
    done = bulk.each(request, visitor, fields, user_tasks.claim)
    text = bulk.told(visitor, done, say(visitor, mark("Claimed: {n}."), n=done.n))
    mine = {"href": "/inbox?tab=mine", "link": say(visitor, mark("Mine"))} if done.n else {}
    return changed(request, _back(fields), Answer(text=text, tone=done.tone, **mine))


@router.post("/assign")
def assign(request: Request, ctx: Command, visitor: Reader, fields: Form) -> Response:
    """Give what was ticked to a colleague."""
    person = str(fields.get("person", ""))
    if not person:
        text = say(visitor, mark("Choose a colleague first."))
        return changed(request, _back(fields), Answer(text=text, tone="danger"))
    name = step.names(ctx, [person]).get(person, person)
    done = bulk.each(request, visitor, fields, lambda own, task: user_tasks.assign(own, task, person))
    text = say(visitor, mark("Given to {name}: {n}."), name=name, n=done.n)
    return changed(request, _back(fields), Answer(text=bulk.told(visitor, done, text), tone=done.tone))


def _back(fields: Form) -> str:
    """The list as it was filtered."""
    back = str(fields.get("back", ""))
    return back if own_path(back) and back.partition("?")[0] == "/inbox" else "/inbox?tab=groups"
