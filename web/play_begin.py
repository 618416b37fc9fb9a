"""Beginning to try a procedure out: with sample data, like a scenario, or like a past case."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import select

from engine.aftersales import visibility
from engine.aftersales.tables import AftersalesCase
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal
from engine.scenarios import past, playing, trials
from engine.scenarios.files import BadScenario, Scenario, Story
from web.errors import REFUSED, sentence
from web.queries import studio
from web.queries.studio import Desk
from web.render import redirect, render
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/studio/{process_key}/play")

STATES = ("paid", "shipped", "received", "completed", "none")
CHANNELS = ("website", "mall", "store", "wechat")
TIERS = ("standard", "high_value")
#: A play of sample data begins at this hour of the day: people work and customers may be called.
MORNING = time(10)
RECENT = 20


@router.get("")
def page(request: Request, ctx: Command, process_key: str) -> Response:
    """What to begin with, and what one played before."""
    return _page(request, ctx, studio.desk(ctx, process_key))


def _page(request: Request, ctx: Context, desk: Desk, *, refused: str = "", status: int = 200) -> Response:
    return render(
        request,
        "play/begin.html",
        status=status,
        desk=desk,
        name=desk.translate(desk.name, ctx.actor.language),
        scenarios=_scenarios(desk),
        cases=_recent(ctx, desk.key),
        plays=[(play, playing.story(play)) for play in playing.mine(ctx, desk.key)],
        states=STATES,
        channels=CHANNELS,
        tiers=TIERS,
        refused=refused,
    )


def _scenarios(desk: Desk) -> list[Scenario]:
    try:
        return trials.scenarios(desk.bundle)
    except BadScenario:
        return []


def _recent(ctx: Context, process_key: str) -> list[Any]:
    query = (
        select(AftersalesCase.number, AftersalesCase.state, AftersalesCase.applied_at)
        .where(AftersalesCase.process_key == process_key, visibility.cases(ctx))
        .order_by(AftersalesCase.id.desc())
        .limit(RECENT)
    )
    return list(ctx.session.execute(query))


@router.post("")
def begin(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """Begin: the case is not registered yet, but what is asked is filled in where it is known."""
    desk = studio.desk(ctx, process_key)
    try:
        told, prepared = _story(ctx, desk, {name: str(value).strip() for name, value in fields.items()})
    except NotFound as refusal:
        return _page(request, ctx, desk, refused=_said(request, refusal), status=REFUSED)
    live = desk.live if desk.draft is not None and fields.get("of") == "live" else None
    play = playing.begin(ctx, process_key, told, definition_id=live.id if live else None, prepared=prepared)
    return redirect(request, f"/studio/{process_key}/play/{play.id}")


def _said(request: Request, refusal: Refusal) -> str:
    return sentence(request.state.visitor, refusal)


def _story(ctx: Context, desk: Desk, chosen: dict[str, str]) -> tuple[Story, dict[str, Any]]:
    match chosen.get("with"):
        case "case":
            return past.story(ctx, desk.key, chosen.get("case", ""))
        case "scenario":
            return _like(desk, chosen.get("scenario", ""), steps="steps" in chosen)
        case _:
            today = ctx.now.astimezone(ctx.organisation.tzinfo).date()
            clock = datetime.combine(today, MORNING, ctx.organisation.tzinfo)
            return Story(process=desk.key, clock=clock, given=_sample(chosen)), {}


def _like(desk: Desk, name: str, *, steps: bool) -> tuple[Story, dict[str, Any]]:
    found = next((each for each in _scenarios(desk) if each.name == name), None)
    if found is None:
        raise NotFound(what="scenario", id=name)
    told = Story.model_validate(
        found.model_dump(by_alias=True, exclude_unset=True, exclude={"name", "expect", "path"})
    )
    if not steps:
        told = told.model_copy(update={"start": None, "steps": []})
    return told, found.start.model_dump()


def _sample(chosen: dict[str, str]) -> dict[str, Any]:
    tier = chosen.get("tier") if chosen.get("tier") in TIERS else TIERS[0]
    given: dict[str, Any] = {"customer": {"tier": tier}}
    if chosen.get("state") in STATES[:-1]:
        given["order"] = {
            "state": chosen["state"],
            "salesChannel": chosen["channel"] if chosen.get("channel") in CHANNELS else CHANNELS[0],
            "shippingFee": 10,
            "lines": [
                {
                    "sku": "CHAIR-01",
                    "quantity": int(_number(chosen.get("quantity", ""), 1)) or 1,
                    "unitPrice": _number(chosen.get("price", ""), 100),
                }
            ],
        }
        given["stock"] = {"CHAIR-01": 5}
    return given


def _number(text: str, otherwise: float) -> float:
    try:
        return min(max(float(text), 0), 1_000_000)
    except ValueError:
        return otherwise
