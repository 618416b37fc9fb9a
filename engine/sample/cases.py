"""Cases of the sample: the shipped scenarios, stopped in the middle so that every step of every procedure is open somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import func, select

from engine.forms import FormErrors
from engine.runtime import identity, user_tasks
from engine.runtime.definitions import Definition
from engine.runtime.queue import Deferred, Queue
from engine.runtime.refusals import Refusal
from engine.sample import casting
from engine.sample.casting import Cast
from engine.sample.catalogue import Article, Buyer
from engine.scenarios import given
from engine.scenarios.files import Scenario, Step
from engine.scenarios.runner import act
from engine.scenarios.stage import Mismatch, Stage
from engine.scenarios.world import World
from engine.store.tables import Incident, Person, ProcessDefinition, Timer, UserTask

#: What has to be open somewhere: (process key, element id of a user task), or an incident.
Target = tuple[str, str]
INCIDENT: Target = ("", "incident")
#: So many scenarios are tried for one step before it is given up.
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """The first steps of a scenario; after them something is open."""

    scenario: Scenario
    steps: int


@dataclass(kw_only=True)
class Loaded:
    """What was loaded."""

    in_flight: int = 0
    finished: int = 0
    #: Steps that are open nowhere: no shipped scenario leads to them.
    missing: list[Target] = field(default_factory=list)


class Company:
    """The sample company while its cases are being played."""

    def __init__(
        self,
        world: World,
        scenarios: Sequence[Scenario],
        *,
        data: Mapping[str, Any],
        articles: Sequence[Article],
        buyers: Iterator[Buyer],
        now: datetime,
    ) -> None:
        self._world, self._scenarios, self._articles, self._buyers = world, scenarios, articles, buyers
        self._rules, self._now = data["cases"], now
        self._random = Random(data["seed"])
        self._numbers = count(1)

    def finished(self, told: Callable[[int], None]) -> int:
        """Play short scenarios to their end, weeks ago, in turn of the procedures; how many."""
        done = 0
        for prefix in _in_turn(self._scenarios):
            if done == self._rules["finished"]:
                break
            ago = timedelta(days=self._random.uniform(1, self._rules["finished_days"]))
            if self._play(prefix, until=self._now - ago):
                done += 1
                told(done)
        return done

    def in_flight(self, told: Callable[[int, int], None]) -> tuple[int, list[Target]]:
        """Play until every step is open somewhere; (cases, steps that no scenario leaves open)."""
        with self._world.session() as session:
            definitions = _definitions(self._world, session)
        ways = _ways(self._scenarios, definitions)
        wanted = {target for target in ways if target == INCIDENT or target[0] in definitions}
        wanted |= {(d.key, task.id) for d in definitions.values() for task in d.process.of_type("userTask")}
        missing: list[Target] = []
        played, open_ = 0, self._open()
        for target in sorted(wanted, key=lambda target: (len(ways[target]), target)):
            if target in open_:
                continue
            for prefix in ways[target][:_TRIES]:
                if self._leave_open(prefix, target):
                    played += 1
                    open_ = self._open()
                    told(len(open_ & wanted), len(wanted))
                    break
            else:
                missing.append(target)
        return played, missing

    def _leave_open(self, prefix: Prefix, target: Target) -> bool:
        """Play a prefix so that the target is still open now; with luck overdue, at least open."""
        late = timedelta(days=self._rules["late_days"])
        moments = [(self._now, False), (self._now, True)]
        if self._random.random() < self._rules["late"]:
            moments.insert(0, (self._now - late, False))
        return any(
            self._play(prefix, until=until, exactly=exactly, open_=target) for until, exactly in moments
        )

    def _play(
        self, prefix: Prefix, *, until: datetime, exactly: bool = False, open_: Target | None = None
    ) -> bool:
        """Play it; undone again, and False, when it does not go as written or does not leave `open_` open."""
        cast = Cast(number=next(self._numbers), buyer=next(self._buyers), articles=self._articles)
        scenario = casting.cast(prefix.scenario, prefix.steps, cast, until=until, exactly=exactly)
        world = self._world
        world.clock.set(scenario.clock)
        world.queue.work.clear()
        stage = Stage(world, scenario)
        with world.connection.begin_nested() as attempt:
            try:
                with world.session() as session:
                    given.create(session, scenario.given, now=scenario.clock)
                for step in scenario.before:
                    act(stage, step)
                stage.start()
                for step in scenario.steps:
                    if not (step.expect or step.refuse):
                        act(stage, step)
                stage.advance_to(max(self._now, world.clock.now()))
            except (Mismatch, Refusal, FormErrors, LookupError):
                attempt.rollback()
                return False
            if open_ is not None and open_ not in self._open(stage):
                attempt.rollback()
                return False
        return True

    def _open(self, stage: Stage | None = None) -> set[Target]:
        """What is open, in one case and those it started, or in all."""
        with self._world.session() as session:
            tasks = select(UserTask.process_key, UserTask.element_id).where(UserTask.state == "created")
            incidents = select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None))
            if stage is not None:
                numbers = [stage.case_number, *stage.linked()]
                tasks = tasks.where(UserTask.business_key.in_(numbers))
                incidents = incidents.where(Incident.business_key.in_(numbers))
            found = {(process, element) for process, element in session.execute(tasks)}
            return found | ({INCIDENT} if session.scalar(incidents) else set())

    def claim_some(self) -> int:
        """Let people claim a share of what is open to them; how much."""
        with self._world.session() as session:
            people = list(session.scalars(select(Person).where(Person.active).order_by(Person.key)))
            tasks = list(
                session.scalars(
                    select(UserTask.id)
                    .where(UserTask.state == "created", UserTask.assignee.is_(None))
                    .order_by(UserTask.id)
                )
            )
        self._world.clock.set(self._now)
        claimed = 0
        for task_id in tasks:
            if self._random.random() < self._rules["claimed"]:
                claimed += self._claim(task_id, self._random.sample(people, len(people)))
        return claimed

    def _claim(self, task_id: int, people: Sequence[Person]) -> bool:
        for person in people:
            try:
                with self._world.application.commands.begin(identity.actor(person)) as ctx:
                    user_tasks.claim(ctx, task_id)
                return True
            except Refusal:
                continue
        return False

    def hand_over(self, queue: Queue) -> int:
        """Put every timer that still runs into the real queue; how many."""
        with self._world.session() as session:
            timers = session.execute(select(Timer.id, Timer.due_at)).all()
            queue.defer(session, [Deferred(kind="timer", id=id_, at=due_at) for id_, due_at in timers])
        return len(timers)


def _in_turn(scenarios: Sequence[Scenario]) -> Iterator[Prefix]:
    """Whole scenarios, the shortest first, one procedure after the other, over and over."""
    by_process: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in sorted(scenarios, key=lambda scenario: len(scenario.steps)):
        if scenario.expect.ended and not scenario.before:
            by_process[scenario.process].append(scenario)
    for turn in range(1000):
        for _, stories in sorted(by_process.items()):
            story = stories[turn % min(len(stories), 8)]
            yield Prefix(scenario=story, steps=len(story.steps))


def _definitions(world: World, session: Any) -> dict[str, Definition]:
    ids = session.scalars(select(ProcessDefinition.id).where(ProcessDefinition.is_current))
    found = [world.application.engine.definitions.get(session, id_) for id_ in ids]
    return {definition.key: definition for definition in found}


def _ways(scenarios: Sequence[Scenario], definitions: Mapping[str, Definition]) -> dict[Target, list[Prefix]]:
    """Target -> prefixes after which it should be open: those of whole procedures first, then the shortest."""
    called = {key for definition in definitions.values() for key in definition.process.called_processes}
    owners: dict[str, list[str]] = defaultdict(list)
    for definition in definitions.values():
        for task in definition.process.of_type("userTask"):
            owners[task.id].append(definition.key)
    ways: dict[Target, list[Prefix]] = defaultdict(list)
    for scenario in scenarios:
        for steps, step in enumerate(scenario.steps):
            for element in _open_before(step):
                for process in owners[element]:
                    ways[process, element].append(Prefix(scenario=scenario, steps=steps))
            if step.retry:
                ways[INCIDENT].append(Prefix(scenario=scenario, steps=steps))
    for prefixes in ways.values():
        prefixes.sort(key=lambda prefix: (prefix.scenario.process in called, prefix.steps))
    return ways


def _open_before(step: Step) -> list[str]:
    """Elements whose user tasks must be open for this step to be possible."""
    if step.complete or step.refuse:
        return [(step.complete or step.refuse).task]  # type: ignore[union-attr]
    return [*(step.expect.tasks or []), *(step.expect.linked or [])] if step.expect else []
