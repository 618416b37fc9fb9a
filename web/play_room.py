"""The room a play is looked at in: its sandbox for one request, and the page of what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from engine.forms import FormView, fields_of, view
from engine.runtime import drafts, task_forms
from engine.runtime.bundles import Bundle
from engine.runtime.context import Actor, Context
from engine.runtime.definitions import Definition
from engine.scenarios import playing, sandbox, scene
from engine.scenarios.playing import Played
from engine.scenarios.scene import OpenTask, Scene
from engine.scenarios.world import World
from engine.store.tables import Play
from web import filled, scenario_words, submitted, words
from web.labels import Labels
from web.queries import case_history
from web.render import looked_at, render
from web.start import may_start
from web.timeline import Teller

#: Entries of the history beside the diagram.
HISTORY = 60
#: Units the clock is moved by, as ISO 8601 durations.
UNITS = {"minutes": "PT{n}M", "hours": "PT{n}H", "days": "P{n}D"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the page is shown with besides what was played."""

    #: Fields as typed.
    raw: submitted.Fields | None = None
    errors: tuple[Any, ...] = ()
    files: Any = None
    #: Why the last move was not possible.
    refused: tuple[str, ...] = ()
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Room:
    """A play in its sandbox, for one request."""

    play: Play
    bundle: Bundle
    world: World
    played: Played
    #: A command of the sandbox, in the visitor's name.
    ctx: Context

    def acting(self, key: str) -> Context:
        """The same command in the name of somebody in the sandbox, in the visitor's language."""
        actor: Actor = replace(self.played.stage.actor(key), language=self.ctx.actor.language)
        return replace(self.ctx, actor=actor)

    @property
    def definition(self) -> Definition:
        """What is played."""
        return self.ctx.engine.definitions.current(self.ctx.session, self.play.process_key)


@contextmanager
def opened(ctx: Context, process_key: str, play_id: int) -> Iterator[Room]:
    """The play in a sandbox, played as far as it goes."""
    play = playing.get(ctx, process_key, play_id)
    bundle = playing.bundle(ctx, play)
    with sandbox.opened(ctx, bundle) as world:
        played = playing.play(world, playing.story(play))
        with world.application.commands.begin(ctx.actor) as inner:
            yield Room(play=play, bundle=bundle, world=world, played=played, ctx=inner)


def page(request: Request, ctx: Context, room: Room, shown: Shown = Shown()) -> Response:
    """The page of a play as it stands."""
    now = room.world.clock.now()
    # Moments are told as the play's clock sees them.
    request.state.visitor = replace(request.state.visitor, now=now)
    language, number = ctx.actor.language, room.played.stage.case_number
    there = scene.look(replace(room.ctx, now=now), room.played)
    running = case_history.instances(room.ctx, number) if number else []
    task = chosen(request, there)
    who = able(request, room, task)
    at = _instance(request, running, task)
    definition = room.definition

    def element(definition_id: int, element_id: str) -> str:
        found = room.ctx.engine.definitions.get(room.ctx.session, definition_id)
        known = found.process.elements.get(element_id)
        return " ".join(found.translate(known.name, language).split()) if known and known.name else element_id

    told: list[Any] = []
    if number:
        rows = case_history.timeline(room.ctx, number, running, size=HISTORY).rows
        with looked_at(request.state.visitor):
            told = Teller(room.ctx, running, Labels(ctx)).tell(rows)
    story = room.played.stage.scenario
    return render(
        request,
        "play/page.html",
        status=shown.status,
        play=room.play,
        drafted=room.play.definition_id is None and drafts.find(ctx, room.play.process_key) is not None,
        name=definition.translate(definition.name, language),
        story=story,
        started=story.start is not None,
        scene=there,
        task=task,
        task_name=lambda each: element(each.task.definition_id, each.task.element_id),
        who=who,
        roles=lambda keys: words.roles(ctx.organisation, keys, language),
        why_not=lambda refusal: scenario_words.refusal(request.state.visitor, refusal),
        form=form_view(request, room, task, acting_key(request, room, task, who), shown),
        acting=acting_key(request, room, task, who),
        instances=[room.ctx.engine.definitions.get(room.ctx.session, each.definition_id) for each in running],
        instance=at,
        diagram_of=running[at].process_key if running else room.play.process_key,
        way=case_history.path(room.ctx, running[at].id) if running else None,
        element=element,
        services=_services(room),
        stopped=room.played.stopped,
        stopped_told=scenario_words.differences(
            request.state.visitor, room.played.stopped.differences if room.played.stopped else ()
        ),
        instructions=_instructions(room, task, language),
        refused=shown.refused,
        entries=told,
        can_keep=bool(number) and room.played.stopped is None,
        units=list(UNITS),
        pretty=_pretty,
    )


def _instructions(room: Room, task: OpenTask | None, language: str) -> str:
    text = str(task.task.properties.get("instructions") or "") if task else ""
    return task_forms.definition_of(room.ctx, task.task).translate(text, language) if task and text else ""


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


def chosen(request: Request, there: Scene) -> OpenTask | None:
    """The task the address names, else the first that is open."""
    wanted = request.query_params.get("task", "")
    return next((each for each in there.tasks if each.address == wanted), next(iter(there.tasks), None))


def able(request: Request, room: Room, task: OpenTask | None) -> list[scene.Able]:
    """Who could do what is next."""
    if task is not None:
        return scene.able(room.ctx, room.played, task.task)
    if room.played.stage.scenario.start is None:
        found = [
            scene.Able(key=each.key, name=each.name, roles=sorted(each.roles))
            for each in scene.people(room.ctx)
        ]
        may = {each.key for each in found if may_start(room.acting(each.key), room.definition)}
        return sorted(found, key=lambda each: each.key not in may)
    return []


def acting_key(request: Request, room: Room, task: OpenTask | None, who: list[scene.Able]) -> str:
    """Who acts: chosen on the page, else who did before, else the first who may."""
    keys = [each.key for each in who]
    wanted = request.query_params.get("as") or ("" if task else str(room.play.prepared.get("by", "")))
    return wanted if wanted in keys else next(iter(keys), "")


def _instance(request: Request, running: list[Any], task: OpenTask | None) -> int:
    """Which of the case's procedures is drawn: chosen, else the one of the step, else the outermost."""
    wanted = request.query_params.get("in", "")
    if wanted.isdigit() and int(wanted) < len(running):
        return int(wanted)
    ids = [each.id for each in running]
    return ids.index(task.task.instance_id) if task and task.task.instance_id in ids else 0


def _services(room: Room) -> list[tuple[int, str, str]]:
    """(definition id, element, type) of the service tasks of what is played."""
    definition = room.definition
    return [
        (definition.id, each.id, each.task_type)
        for each in definition.process.elements.values()
        if each.task_type and not each.task_type.startswith("=")
    ]


def form_view(request: Request, room: Room, task: OpenTask | None, key: str, shown: Shown) -> FormView | None:
    """The form of the step, or the registration's, as `key` sees it."""
    if room.played.stopped or not key:
        return None
    acting = room.acting(key)
    base = f"/studio/{room.play.process_key}/play/{room.play.id}"
    if task is not None:
        definition = task_forms.definition_of(acting, task.task)
        form = task_forms.form_of(acting, task.task)
        data: Mapping[str, Any] = task_forms.data_of(acting, task.task) if form else {}
        raw = shown.raw
    elif room.played.stage.scenario.start is None:
        definition = room.definition
        _, form = task_forms.start_form(definition)
        data = filled.known(acting, room.played.stage, form, definition.key) if form else {}
        raw = shown.raw
        if raw is None and form is not None and room.play.prepared.get("form"):
            values = filled.placed(room.play.prepared["form"], room.played.stage.scenario.order_number)
            raw = fields_of(form, values, zone=acting.organisation.zone)
    else:
        return None
    if form is None:
        return None
    return view(
        form,
        data=data,
        language=acting.actor.language,
        translate=words.translator(definition, acting.actor.language),
        evaluate=task_forms.evaluator(replace(acting, now=room.world.clock.now())),
        errors=shown.errors,
        raw=raw,
        files=shown.files,
        refresh_url=f"{base}/refresh?{request.query_params}",
        zone=acting.organisation.zone,
    )
