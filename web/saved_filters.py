"""Filters of lists saved under a name: a list's address, for oneself, for a role or for everybody."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.aftersales import preferences
from web.i18n import mark
from web.render import Answer, own_path, redirect, say
from web.screen import Command, Reader, Screen, WrongPlace
from web.security import Form
from web.visitor import Visitor

router = Screen(prefix="/filters")

#: List -> (its address, the place it is in).
LISTS = {"inbox": ("/inbox", "inbox"), "ledger": ("/cases", "cases"), "audit": ("/audit", "audit")}
#: The choice that shares with everybody; any other is a role.
EVERYBODY = "all"


@router.post("/{list_key}")
def keep(request: Request, ctx: Command, visitor: Reader, list_key: str, fields: Form) -> Response:
    """Save the filter of the address the form was opened on."""
    back = _back(visitor, list_key, fields)
    name, share = str(fields.get("name", "")), str(fields.get("share", ""))
    preferences.keep_filter(
        ctx,
        list_key,
        name,
        back.partition("?")[2],
        shared=share == EVERYBODY,
        role=share if share and share != EVERYBODY else None,
    )
    text = say(visitor, mark("The filter “{name}” is saved."), name=name)
    return redirect(request, back, Answer(text=text))


@router.post("/{list_key}/{filter_id}/forget")
def forget(
    request: Request, ctx: Command, visitor: Reader, list_key: str, filter_id: int, fields: Form
) -> Response:
    """Remove a saved filter of one's own."""
    back = _back(visitor, list_key, fields)
    preferences.forget_filter(ctx, filter_id)
    return redirect(request, back, Answer(text=say(visitor, mark("The filter is removed."))))


def _back(visitor: Visitor, list_key: str, fields: Form) -> str:
    """The list's address as the form carries it. Raises `WrongPlace`."""
    address, place = LISTS.get(list_key, ("", list_key))
    if place not in visitor.places or not address:
        raise WrongPlace
    back = str(fields.get("back", ""))
    return back if own_path(back) and back.partition("?")[0] == address else address
