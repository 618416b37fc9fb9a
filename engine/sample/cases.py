"""Cases of the sample: the shipped scenarios, stopped in the middle, so that every step is open somewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from random import Random
from typing import Any

from sqlalchemy import func, select

from engine.forms import FormErrors
from engine.runtime import identity, user_tasks
from engine.runtime.definitions import Definition
from engine.runtime.refusals import Refusal
from engine.sample import casting, papers
from engine.sample.casting import Cast
from engine.sample.catalogue import Article, Buyer
from engine.scenarios import given
from engine.scenarios.differences import Mismatch
from engine.scenarios.files import Scenario, Step
from engine.scenarios.runner import act
from engine.scenarios.stage import Stage
from engine.scenarios.world import World
from engine.store.tables import Incident, Person, ProcessDefinition, UserTask

#: What has to be open somewhere: (process key, element id of a user task), or an incident.
Target = tuple[str, str]
INCIDENT: Target = ("", "incident")
#: So many scenarios are tried for one step before it is given up.
_TRIES = 3
#: Finished cases repeat so many scenarios of each procedure: there have to be many cases, not many kinds.
_SHORTEST = 4


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """The first steps of a scenario; after them something is open."""

    scenario: Scenario
    steps: int


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
        with world.session() as session:
            self._definitions = _definitions(world, session)

    def finished(self, told: Callable[[int, int], None]) -> int:
        """Play short scenarios to their end, weeks ago, in turn of the procedures; how many."""
        done, wanted = 0, self._rules["finished"]
        for prefix in islice(_in_turn(self._scenarios, _called(self._definitions)), 2 * wanted):
            ago = timedelta(days=self._random.uniform(1, self._rules["finished_days"]))
            if self._play(prefix, until=self._now - ago) is not None:
                done += 1
                told(done, wanted)
            if done == wanted:
                break
        return done

    def in_flight(self, told: Callable[[int, int], None]) -> tuple[int, list[Target]]:
        """Play until every step is open somewhere; (cases, steps that no scenario leaves open)."""
        definitions = self._definitions
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
        """Play a prefix so that the target is still open now, some of them long enough ago to be overdue."""
        moments = [(self._now, False), (self._now, True)]
        if self._random.random() < self._rules["late"]:
            moments.insert(0, (self._now - timedelta(days=self._rules["late_days"]), False))
        for until, exactly in moments:
            with self._world.connection.begin_nested() as attempt:
                stage = self._play(prefix, until=until, exactly=exactly)
                if stage is not None and target in self._open(stage):
                    return True
                attempt.rollback()
            if stage is None:
                return False
        return False

    def _play(self, prefix: Prefix, *, until: datetime, exactly: bool = False) -> Stage | None:
        """Play it, and what falls due up to now; None, and undone, when it does not go as written."""
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
                self._put_papers(stage, scenario.start.by, scenario.start.form)
                stage.start()
                for step in scenario.steps:
                    if step.complete:
                        self._put_papers(stage, step.complete.by, step.complete.with_)
                    if not (step.expect or step.refuse):
                        act(stage, step)
                stage.advance_to(max(self._now, world.clock.now()))
            except (Mismatch, Refusal, FormErrors, LookupError):
                attempt.rollback()
                return None
        return stage

    def _put_papers(self, stage: Stage, by: str, values: dict[str, Any]) -> None:
        with self._world.application.commands.begin(stage.actor(by)) as ctx:
            papers.put(ctx, values, case_number=stage.case_number)

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


def _in_turn(scenarios: Sequence[Scenario], called: set[str]) -> Iterator[Prefix]:
    """Whole scenarios, the shortest of each procedure that people start, one procedure after the other, over and over."""
    by_process: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in sorted(scenarios, key=lambda scenario: len(scenario.steps)):
        if scenario.expect.ended and not scenario.before and scenario.process not in called:
            by_process[scenario.process].append(scenario)
    for turn in count() if by_process else ():
        for _, stories in sorted(by_process.items()):
            story = stories[turn % min(len(stories), _SHORTEST)]
            yield Prefix(scenario=story, steps=len(story.steps))


def _definitions(world: World, session: Any) -> dict[str, Definition]:
    ids = session.scalars(select(ProcessDefinition.id).where(ProcessDefinition.is_current))
    found = [world.application.engine.definitions.get(session, id_) for id_ in ids]
    return {definition.key: definition for definition in found}


def _called(definitions: Mapping[str, Definition]) -> set[str]:
    """Procedures that others call: nobody starts them by hand."""
    return {key for definition in definitions.values() for key in definition.process.called_processes}


def _within(key: str, definitions: Mapping[str, Definition]) -> set[str]:
    """A procedure and all that it calls, directly or not."""
    found: set[str] = set()
    frontier = {key}
    while frontier:
        found |= frontier
        frontier = {
            called
            for each in frontier & set(definitions)
            for called in definitions[each].process.called_processes
        } - found
    return found


def _ways(scenarios: Sequence[Scenario], definitions: Mapping[str, Definition]) -> dict[Target, list[Prefix]]:
    """Target -> prefixes after which it should be open: those of whole procedures first, then the shortest."""
    called = _called(definitions)
    within = {key: _within(key, definitions) for key in definitions}
    owners: dict[str, set[str]] = defaultdict(set)
    for definition in definitions.values():
        for task in definition.process.of_type("userTask"):
            owners[task.id].add(definition.key)
    ways: dict[Target, list[Prefix]] = defaultdict(list)
    for scenario in scenarios:
        own = within.get(scenario.process, set())
        for steps, step in enumerate(scenario.steps):
            prefix = Prefix(scenario=scenario, steps=steps)
            for element, linked in _open_before(step):
                # A procedure that a service task starts within the same case is not among those called.
                likely = owners[element] - own if linked else owners[element] & own
                for process in likely or owners[element]:
                    ways[process, element].append(prefix)
            if step.retry:
                ways[INCIDENT].append(prefix)
    for prefixes in ways.values():
        prefixes.sort(key=lambda prefix: (prefix.scenario.process in called, prefix.steps))
    return ways


def _open_before(step: Step) -> list[tuple[str, bool]]:
    """(element whose user task must be open for this step to be possible, whether in a case that this one started)."""
    act = step.complete or step.refuse
    if act is not None:
        return [(act.task, act.case is not None)]
    if step.expect is None:
        return []
    own, linked = step.expect.tasks or [], step.expect.linked or []
    return [(element, False) for element in own] + [(element, True) for element in linked]
