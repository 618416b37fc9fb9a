"""Plays: somebody tries a procedure out. Kept are only their moves; each look plays them again on the real engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, select, update

from engine.runtime import deployments, drafts
from engine.runtime.bundles import Bundle
from engine.runtime.context import Context
from engine.runtime.refusals import NotFound, Refusal, Stale
from engine.scenarios import differences, runner
from engine.scenarios.differences import Difference
from engine.scenarios.files import Step, Story
from engine.scenarios.stage import Stage
from engine.scenarios.world import World
from engine.store.database import is_away
from engine.store.tables import HistoryEvent, Play

#: Plays nobody touched for so long go when their owner begins another.
KEPT_FOR = timedelta(days=30)
#: More moves than anybody makes by hand.
MOST_MOVES = 200


class TooManyMoves(Refusal):
    """A play that never ends."""

    code = "too_many_moves"
    sentence = "A play has at most {most} steps. Save it as a scenario, or begin anew."


def begin(
    ctx: Context,
    process_key: str,
    story: Story,
    *,
    definition_id: int | None = None,
    prepared: Mapping[str, Any] | None = None,
) -> Play:
    """Begin to play the open draft, or a version."""
    old = (Play.person == ctx.actor.key) & (Play.updated_at < ctx.now - KEPT_FOR)
    ctx.session.execute(delete(Play).where(old), execution_options={"synchronize_session": False})
    play = Play(
        process_key=process_key,
        definition_id=definition_id,
        person=ctx.actor.key,
        created_at=ctx.now,
        updated_at=ctx.now,
        moves=1,
        story=_plain(story),
        prepared=dict(prepared or {}),
    )
    ctx.session.add(play)
    ctx.session.flush()
    return play


def get(ctx: Context, process_key: str, play_id: int) -> Play:
    """One's own play. Raises `NotFound`."""
    play = ctx.session.get(Play, play_id)
    if play is None or play.person != ctx.actor.key or play.process_key != process_key:
        raise NotFound(what="play", id=play_id)
    return play


def mine(ctx: Context, process_key: str) -> Sequence[Play]:
    """One's own plays of a procedure, the last touched first."""
    query = select(Play).where(Play.person == ctx.actor.key, Play.process_key == process_key)
    return ctx.session.scalars(query.order_by(Play.updated_at.desc()).limit(10)).all()


def story(play: Play) -> Story:
    """What was played so far."""
    return Story.model_validate(play.story)


def bundle(ctx: Context, play: Play) -> Bundle:
    """The files that are played: the open draft, else the version that is current. Raises `NotFound`."""
    id_ = play.definition_id
    if id_ is None:
        draft = drafts.find(ctx, play.process_key)
        if draft is not None:
            return drafts.bundle(ctx, draft)
        id_ = deployments.current(ctx, play.process_key)
    if id_ is None:
        raise NotFound(what="procedure", id=play.process_key)
    return Bundle(process_key=play.process_key, files=deployments.files(ctx, id_))


def keep(ctx: Context, play: Play, told: Story, *, seen: int) -> None:
    """Keep what was played, unless another window went on meanwhile. Raises `Stale`, `TooManyMoves`."""
    if len(told.steps) > MOST_MOVES:
        raise TooManyMoves(most=MOST_MOVES)
    kept = ctx.session.execute(
        update(Play)
        .where(Play.id == play.id, Play.moves == seen)
        .values(story=_plain(told), moves=seen + 1, updated_at=ctx.now)
        .returning(Play.id),
        execution_options={"synchronize_session": False},
    )
    if kept.scalar() is None:
        raise Stale()


def _plain(told: Story) -> dict[str, Any]:
    return orjson.loads(told.model_dump_json(by_alias=True, exclude_unset=True, serialize_as_any=True))


def with_step(told: Story, step: Step) -> Story:
    """One more step."""
    return told.model_copy(update={"steps": [*told.steps, step]})


def back(told: Story, steps: int = 1) -> Story:
    """So many steps back; before the first step comes the registration, before that what was said beforehand."""
    kept = len(told.steps) - steps
    if kept >= 0:
        return told.model_copy(update={"steps": told.steps[:kept]})
    return restarted(told) if told.start is None else told.model_copy(update={"steps": [], "start": None})


def restarted(told: Story) -> Story:
    """From the beginning: the same is given, nobody has registered the case."""
    return told.model_copy(update={"steps": [], "start": None, "before": []})


def instead(told: Story, step: int, plan: Step) -> Story:
    """Step `step` again (0: the registration), this time with a service that behaves as planned; later steps fall away."""
    if step == 0:
        return told.model_copy(update={"before": [*told.before, plan], "steps": []})
    return told.model_copy(update={"steps": [*told.steps[: step - 1], plan, told.steps[step - 1]]})


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A step of earlier that can no longer be done, since the draft was changed."""

    #: Number of the step, from 1; 0 is what was given or the registration.
    step: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Played:
    """A story played as far as it goes."""

    stage: Stage
    #: The last history event before each step, the registration first: which event came of which step.
    marks: Sequence[int]
    #: None: all of it could be played.
    stopped: Stopped | None

    def step_of(self, event_id: int) -> int:
        """The step an event came of; 0 is the registration."""
        return max(sum(mark < event_id for mark in self.marks) - 1, 0)


def play(world: World, told: Story) -> Played:
    """Play a story in a sandbox; it stays there, to be looked at, until the sandbox is left."""
    stage, marks, at = Stage(world, told), [0], 0
    try:
        stage.set_up()
        for step in told.before:
            runner.act(stage, step)
        if told.start is not None:
            stage.start()
        for at, step in enumerate(told.steps, start=1):  # noqa: B007 - where it stopped
            marks.append(_last_event(world))
            runner.act(stage, step)
    except Exception as error:  # whatever a step meets is what stops it
        if is_away(error):
            raise
        return Played(stage=stage, marks=marks, stopped=Stopped(step=at, differences=differences.of(error)))
    return Played(stage=stage, marks=marks, stopped=None)


def _last_event(world: World) -> int:
    with world.session() as session:
        return session.execute(select(func.max(HistoryEvent.id))).scalar() or 0
