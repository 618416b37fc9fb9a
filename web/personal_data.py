"""Personal data: what is held of one customer, handed over as a ZIP, and erased on request with a receipt."""

from __future__ import annotations

from dataclasses import replace

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select

from engine.aftersales import customers
from engine.aftersales.personal_data import erasing, exporting
from engine.aftersales.tables import Customer
from engine.runtime.context import Context
from engine.runtime.refusals import Refusal
from web import downloads, i18n, sealed_pages
from web.errors import sentence
from web.i18n import mark
from web.render import Answer, environment, looked_at, redirect, render, say
from web.screen import Command, Reader, Screen
from web.security import Form
from web.visitor import Visitor

router = Screen(prefix="/personal-data")
log = structlog.get_logger(__name__)

HOME = "/personal-data"
#: Erased customers that are listed, and customers a search finds.
_LISTED, _FOUND = 50, 20


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Find a customer; whose data was erased."""
    wanted = request.query_params.get("q", "").strip()
    erased = select(Customer).where(Customer.receipt.is_not(None)).order_by(Customer.receipt.desc())
    return render(
        request,
        "personal_data/index.html",
        q=wanted,
        found=customers.find(ctx, wanted, limit=_FOUND),
        erased=list(ctx.session.scalars(erased.limit(_LISTED))),
    )


@router.get("/{number}")
def file(request: Request, ctx: Command, number: str) -> Response:
    """What is held of a customer, and what can be done with it."""
    customer = customers.by_number(ctx, number)
    return render(request, "personal_data/customer.html", customer=customer, held=erasing.held(ctx, customer))


@router.post("/{number}/export")
def export(ctx: Command, number: str) -> Response:
    """Everything that is held of a customer, to be handed to them; noted in the history."""
    file = downloads.written(lambda into: exporting.write(ctx, number, into, _pages(ctx, number)))
    log.info("personal_data_exported", customer=number, actor=ctx.actor.key, bytes=file.tell())
    return downloads.zipped(f"{number}.zip", file)


def _pages(ctx: Context, number: str) -> dict[str, bytes]:
    """The same to read, in each language: one page on the customer, one a case."""
    document = exporting.document(ctx, number)
    pages: dict[str, bytes] = {}
    for language in i18n.LANGUAGES:
        reading = replace(ctx, actor=replace(ctx.actor, language=language))
        visitor = Visitor(
            actor=reading.actor, language=language, theme="light", now=ctx.now, organisation=ctx.organisation
        )
        with looked_at(visitor):
            text = (
                environment()
                .get_template("personal_data/export.html")
                .render(number=number, language=language, document=document)
            )
        pages[f"customer.{language}.html"] = text.encode()
    for each in document["cases"]:
        for name, content in sealed_pages.pages(ctx, each["number"], sealed_pages.UNSEALED).items():
            pages[f"cases/{each['number']}{name.removeprefix('case')}"] = content
    return pages


@router.post("/{number}/erase")
def erase(request: Request, ctx: Command, visitor: Reader, fields: Form, number: str) -> Response:
    """Erase what is personal of a customer."""
    try:
        receipt = erasing.erase(ctx, number, reason=str(fields.get("reason", "")))
    except Refusal as refusal:
        return redirect(request, f"{HOME}/{number}", Answer(text=sentence(visitor, refusal), tone="danger"))
    log.info("personal_data_erased", customer=number, actor=ctx.actor.key, receipt=receipt.number)
    text = say(visitor, mark("Erased with receipt {receipt}."), receipt=receipt.number)
    return redirect(request, f"{HOME}/{number}", Answer(text=text))
