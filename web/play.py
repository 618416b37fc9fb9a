"""A play: the diagram with its tokens, the form of a step as its role sees it, clock, services and messages to the hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import isodate
import structlog
from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError

from engine.forms import FormErrors, edited, kept
from engine.runtime import drafts
from engine.runtime.bundles import SCENARIO
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Stale
from engine.scenarios import differences, files, keeping, playing, runner, scene
from engine.scenarios.files import BadScenario, Start, Step, Story
from engine.scenarios.scene import OpenTask
from engine.scenarios.stage import Stage
from engine.store.database import is_away
from engine.store.tables import Play
from web import filled, play_room, scenario_words, submitted
from web.definitions import translated
from web.errors import INVALID, REFUSED
from web.i18n import mark
from web.play_room import Room, Shown
from web.queries import studio
from web.render import Answer, redirect, render, say
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/studio/{process_key}/play/{play_id}")
log = structlog.get_logger(__name__)


@router.get("")
def page(request: Request, ctx: Command, process_key: str, play_id: int) -> Response:
    """The play as it stands."""
    with play_room.opened(ctx, process_key, play_id) as room:
        return play_room.page(request, ctx, room)


@router.get("/diagram/{name}.bpmn")
def diagram(ctx: Command, process_key: str, play_id: int, name: str) -> Response:
    """The diagram of the procedure that is played, or of a live one it calls."""
    play = playing.get(ctx, process_key, play_id)
    if name == process_key:
        desk = studio.desk(ctx, process_key)
        xml, language = playing.bundle(ctx, play).diagram, ctx.actor.language
        body = translated(xml, lambda text: desk.translate(text, language))
    else:
        definition = ctx.engine.definitions.current(ctx.session, name)
        body = translated(definition.bpmn_xml, lambda text: definition.translate(text, ctx.actor.language))
    return Response(body, media_type="application/xml")


@router.post("/refresh")
def refresh(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """The form after a field changed that others depend on, or a row was added or removed."""
    fields = submitted.fields(sent)
    with play_room.opened(ctx, process_key, play_id) as room:
        there = scene.look(room.ctx, room.played)
        task = play_room.chosen(request, there)
        key = play_room.acting_key(request, room, task, play_room.able(request, room, task))
        form = play_room.form_view(request, room, task, key, Shown(raw=edited(fields) or kept(fields)))
        if form is None:
            raise Stale()
        return render(request, "user_task/form.html", block="form", form=form)


@router.post("/do")
def do(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Register the case or complete the step with what was filled in."""
    fields = submitted.fields(sent)
    with play_room.opened(ctx, process_key, play_id) as room:
        if _seen(sent) != room.play.moves:
            raise Stale()
        there = scene.look(room.ctx, room.played)
        task = play_room.chosen(request, there)
        key = play_room.acting_key(request, room, task, play_room.able(request, room, task))
        if (changed_rows := edited(fields)) is not None:
            return play_room.page(request, ctx, room, Shown(raw=changed_rows))
        uploads = filled.uploads(sent)
        acting = replace(room.acting(key), now=room.world.clock.now())
        try:
            values = filled.values(acting, room.played.stage, task, fields, uploads)
        except FormErrors as wrong:
            return play_room.page(
                request, ctx, room, Shown(raw=wrong.kept, errors=wrong.errors, files=uploads, status=INVALID)
            )
        story, stage = room.played.stage.scenario, room.played.stage
        try:
            told = _done(stage, task, key, values)
        except Exception as error:  # whatever keeps it from being done is told, and the form shown again
            if is_away(error):
                raise
            stage.scenario = story
            said = scenario_words.differences(request.state.visitor, differences.of(error))
            return play_room.page(request, ctx, room, Shown(raw=kept(fields), refused=said, status=REFUSED))
        playing.keep(ctx, room.play, told, seen=_seen(sent))
    return _on(request, room.play)


def _done(stage: Stage, task: OpenTask | None, key: str, values: Mapping[str, Any]) -> Story:
    """Do it; the story with it."""
    story = stage.scenario
    if task is None:
        if story.start is not None:
            raise Stale()
        stage.scenario = story.model_copy(update={"start": Start(by=key, form=dict(values))})
        stage.start()
        return stage.scenario
    act: dict[str, Any] = {"task": task.task.element_id, "by": key}
    act |= {"with": values} if values else {}
    act |= {"case": "linked"} if task.linked else {}
    act |= {"nth": task.nth} if task.nth > 1 else {}
    step = Step.model_validate({"complete": act})
    runner.act(stage, step)
    return playing.with_step(story, step)


def _seen(sent: Form) -> int:
    text = str(sent.get("_seen", ""))
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _on(request: Request, play: Play) -> Response:
    return redirect(request, f"/studio/{play.process_key}/play/{play.id}")


def _step(
    request: Request,
    ctx: Context,
    process_key: str,
    play_id: int,
    sent: Form,
    document: Mapping[str, Any] | Callable[[Room], Mapping[str, Any]],
) -> Response:
    """One more step, tried before it is kept."""
    with play_room.opened(ctx, process_key, play_id) as room:
        story = room.played.stage.scenario
        try:
            step = Step.model_validate(document(room) if callable(document) else document)
            runner.act(room.played.stage, step)
        except Exception as error:  # whatever keeps it from being done is told
            if is_away(error):
                raise
            said = scenario_words.trouble(request.state.visitor, error)
            return play_room.page(request, ctx, room, Shown(refused=said, status=REFUSED))
        playing.keep(ctx, room.play, playing.with_step(story, step), seen=_seen(sent))
    return _on(request, room.play)


@router.post("/advance")
def advance(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Move the clock: to a moment, or on by a time. What falls due on the way happens."""

    def by(room: Room) -> dict[str, Any]:
        if until := str(sent.get("until", "")):
            away = datetime.fromisoformat(until) - room.world.clock.now()
            seconds = timedelta(seconds=max(math.ceil(away.total_seconds()), 0))
            return {"advance": isodate.duration_isoformat(seconds)}
        text, unit = str(sent.get("n", "")), str(sent.get("unit", ""))
        n = int(text) if text.isdigit() and len(text) < 5 else 1
        return {"advance": play_room.UNITS.get(unit, play_room.UNITS["days"]).format(n=n)}

    return _step(request, ctx, process_key, play_id, sent, by)


@router.post("/message")
def message(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """A message arrives."""

    def arrives(room: Room) -> dict[str, Any]:
        told = {"name": str(sent.get("name", "")), "with": files.values(str(sent.get("values", "")))}
        key = str(sent.get("key", ""))
        return {"message": told | ({"key": key} if key != room.played.stage.case_number else {})}

    return _step(request, ctx, process_key, play_id, sent, arrives)


@router.post("/retry")
def retry(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """An administrator tries again what went wrong."""
    return _step(
        request, ctx, process_key, play_id, sent, {"retry": {"element": str(sent.get("element", ""))}}
    )


@router.post("/other")
def other(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Any other step, written as a scenario file has it."""

    def written(_room: Room) -> dict[str, Any]:
        step = files.step(str(sent.get("step", "")))
        return step.model_dump(mode="json", by_alias=True, exclude_unset=True)

    return _step(request, ctx, process_key, play_id, sent, written)


@router.post("/service")
def service(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Say how a service behaves: the next time it runs, or instead of what it did in an earlier step."""
    of = {"type": str(sent.get("type", "")), "element": str(sent.get("element", ""))}
    with play_room.opened(ctx, process_key, play_id) as room:
        story = room.played.stage.scenario
        try:
            match sent.get("how"):
                case "error":
                    plan = Step.model_validate({"fail": {**of, "bpmn_error": str(sent.get("code", ""))}})
                case "failure":
                    times = str(sent.get("times", ""))
                    failure = {**of, "error": str(sent.get("why") or "out of order")}
                    plan = Step.model_validate(
                        {"fail": {**failure, "times": int(times) if times.isdigit() else 3}}
                    )
                case _:
                    answer = {**of, "with": files.values(str(sent.get("result", "")))}
                    plan = Step.model_validate({"answer": answer})
        except (BadScenario, ValidationError) as error:
            said = scenario_words.trouble(request.state.visitor, error)
            return play_room.page(request, ctx, room, Shown(refused=said, status=INVALID))
        text = str(sent.get("instead", ""))
        if text.isdigit() and int(text) <= len(story.steps):
            told = playing.instead(story, int(text), plan)
        elif story.start is None:
            told = story.model_copy(update={"before": [*story.before, plan]})
        else:
            told = playing.with_step(story, plan)
        playing.keep(ctx, room.play, told, seen=_seen(sent))
    return _on(request, room.play)


@router.post("/back")
def back(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Back by one step or several."""
    play = playing.get(ctx, process_key, play_id)
    text = str(sent.get("steps", "1"))
    playing.keep(
        ctx, play, playing.back(playing.story(play), int(text) if text.isdigit() else 1), seen=_seen(sent)
    )
    return _on(request, play)


@router.post("/restart")
def restart(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """From the beginning, with the same data."""
    play = playing.get(ctx, process_key, play_id)
    playing.keep(ctx, play, playing.restarted(playing.story(play)), seen=_seen(sent))
    return _on(request, play)


@router.post("/keep")
def keep(request: Request, ctx: Command, process_key: str, play_id: int, sent: Form) -> Response:
    """Keep what was done as a scenario of the draft; it runs at once, as with every save."""
    visitor = request.state.visitor
    with play_room.opened(ctx, process_key, play_id) as room:
        if room.played.stopped or not room.played.stage.case_number:
            raise NotFound(what="played case", id=play_id)
        name = str(sent.get("name", "")).strip() or say(visitor, mark("What was played"))
        text = keeping.text(room.ctx, room.played, name)
    desk = studio.desk(ctx, process_key)
    file = keeping.file_name(process_key, name, desk.names(SCENARIO))
    drafts.keep(ctx, process_key, {(SCENARIO, file): text.encode()}, seen=desk.seen)
    log.info("scenario_kept", process=process_key, file=file, actor=ctx.actor.key)
    told = say(visitor, mark("Kept as the scenario “{name}”. It runs now."), name=name)
    return redirect(request, f"/studio/{process_key}/scenarios", Answer(text=told))
