"""The stage: one scenario in progress, and the acts it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import isodate
from sqlalchemy import select

from engine.aftersales import cases, numbers
from engine.aftersales.tables import AftersalesCase, CaseLink
from engine.forms import FormErrors
from engine.runtime import identity, incidents, instances, messages, timers
from engine.runtime.context import Actor
from engine.runtime.refusals import Refusal
from engine.scenarios import acting, differences, given
from engine.scenarios.differences import mismatch
from engine.scenarios.failures import Services
from engine.scenarios.files import Act, Change, MessageStep, Story
from engine.scenarios.world import World
from engine.store.tables import Incident, Person, Timer, UserTask
from engine.work import perform

#: A scenario that keeps the engine this busy without anybody acting is in an endless loop.
MOST_STEPS = 2000


class Stage:
    """One scenario being played."""

    def __init__(self, world: World, scenario: Story) -> None:
        self.world = world
        self.scenario = scenario
        self.case_number = ""
        self.services = Services()
        self._commands = world.application.commands

    def set_up(self) -> None:
        """The clock stands, the given world is there, what holds from the first moment on is said."""
        self.world.clock.set(self.scenario.clock)
        self.world.queue.work.clear()
        with self.world.session() as session:
            numbers.restart(session)
            given.create(session, self.scenario.given, now=self.scenario.clock)

    # -- acts -------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Register the case as the web's start page does."""
        start, number = self.scenario.start, self.scenario.order_number
        assert start is not None  # nobody starts what was not registered yet
        values = filled(start.form, number)
        if values.get("orderNumber", number) != number:
            number = None
        with self._commands.begin(self.actor(start.by)) as ctx:
            opened = acting.register(
                ctx,
                self.scenario.process,
                values,
                order_number=number,
                customer_number=self.scenario.customer_number,
            )
            self.case_number = opened.number
        self.work()

    def complete(self, act: Act) -> None:
        """Somebody completes a user task with their form."""
        actor = self.actor(act.by)
        task_id = self._find(act)
        with self._commands.begin(actor) as ctx:
            acting.complete(ctx, task_id, filled(act.with_, self.scenario.order_number))
        self.work()

    def refuse(self, act: Act) -> None:
        """The same, and it must be refused with the code given."""
        try:
            self.complete(act)
        except Refusal as refusal:
            if refusal.code != act.because:
                raise mismatch(
                    differences.REFUSED_OTHERWISE, actual=f"{refusal.code} ({refusal})", expected=act.because
                ) from refusal
        except FormErrors as errors:
            codes = {error.code for error in errors.errors} | {errors.code}
            if act.because not in codes:
                raise mismatch(
                    differences.REFUSED_OTHERWISE, actual=", ".join(sorted(codes)), expected=act.because
                ) from errors
        else:
            raise mismatch(differences.NOT_REFUSED, person=act.by, task=act.task, expected=act.because)

    def advance(self, duration: str) -> None:
        """Move the clock; timers on the way fire each at its own time."""
        self.advance_to(later(self.world.clock.now(), duration))

    def advance_to(self, until: datetime) -> None:
        """Move the clock to a moment; timers on the way fire each at its own time."""
        for _ in range(MOST_STEPS):
            with self.world.session() as session:
                due = session.execute(
                    select(Timer.id, Timer.due_at)
                    .where(Timer.due_at <= until)
                    .order_by(Timer.due_at, Timer.id)
                    .limit(1)
                ).one_or_none()
            if due is None:
                break
            self.world.clock.set(max(due.due_at, self.world.clock.now()))
            with self._commands.begin() as ctx:
                timers.fire(ctx, due.id)
            self.work()
        else:
            raise mismatch(differences.ENDLESS_TIMERS, most=MOST_STEPS, until=until.isoformat())
        self.world.clock.set(until)

    def message(self, step: MessageStep) -> None:
        """A message arrives."""
        with self._commands.begin() as ctx:
            messages.publish(ctx, step.name, step.key or self.case_number, step.with_)
        self.work()

    def change(self, change: Change) -> None:
        """Something happened outside."""
        with self.world.session() as session:
            given.change(
                session,
                change,
                order=self.scenario.order_number,
                customer=self.scenario.customer_number,
                now=self.world.clock.now(),
            )

    def retry(self, element: str) -> None:
        """An administrator retries the incident on an element."""
        with self._commands.begin(self.actor("admin")) as ctx:
            incident = ctx.session.execute(
                select(Incident.id).where(
                    Incident.business_key == self.case_number,
                    Incident.element_id == element,
                    Incident.resolved_at.is_(None),
                )
            ).scalar()
            if incident is None:
                raise mismatch(differences.NO_SUCH_INCIDENT, element=element)
            incidents.retry(ctx, incident, reason="scenario")
        self.work()

    def cancel(self, reason: str) -> None:
        """An administrator cancels the case."""
        with self._commands.begin(self.actor("admin")) as ctx:
            case = cases.by_number(ctx, self.case_number)
            assert case is not None and case.process_instance_id is not None
            instances.cancel(ctx, case.process_instance_id, reason=reason)
        self.work()

    # -- the machinery ----------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Do everything the queue holds, retries at once, until nothing is left that nobody has to decide."""
        queue = self.world.queue
        for _ in range(MOST_STEPS):
            if not queue.work:
                return
            item = queue.work.pop(0)
            with self.services.behaving(self.world, item):
                perform(self._commands, item.kind, item.id)
        raise mismatch(differences.NEVER_RESTS, most=MOST_STEPS)

    def actor(self, key: str) -> Actor:
        """A person of the sample company."""
        with self.world.session() as session:
            person = session.execute(select(Person).where(Person.key == key)).scalar_one_or_none()
        if person is None:
            raise mismatch(differences.NO_SUCH_PERSON, person=key)
        besides = self.scenario.given.get("people", {}).get(key, [])
        actor = identity.actor(person)
        # What they are told is told again in the reader's language.
        return replace(actor, roles=actor.roles | set(besides), language="en")

    def linked(self) -> list[str]:
        """Numbers of cases that this case, or one it started, started; newest last."""
        with self.world.session() as session:
            found: list[str] = []
            frontier = [self.case_number]
            while frontier:
                query = (
                    select(AftersalesCase.number)
                    .join(CaseLink, CaseLink.to_case_id == AftersalesCase.id)
                    .where(
                        CaseLink.kind == "started",
                        CaseLink.from_case_id.in_(
                            select(AftersalesCase.id).where(AftersalesCase.number.in_(frontier))
                        ),
                    )
                    .order_by(AftersalesCase.id)
                )
                frontier = [number for number in session.execute(query).scalars() if number not in found]
                found += frontier
        return found

    def _find(self, act: Act) -> int:
        numbers = self.linked() if act.case else [self.case_number]
        with self.world.session() as session:
            query = (
                select(UserTask.id)
                .where(
                    UserTask.business_key.in_(numbers),
                    UserTask.element_id == act.task,
                    UserTask.state == "created",
                )
                .order_by(UserTask.id)
            )
            ids = list(session.execute(query).scalars())
        if len(ids) < act.nth:
            waiting = ", ".join(self.open_tasks()) or "none"
            raise mismatch(differences.NOT_WAITING, task=act.task, waiting=waiting)
        return ids[act.nth - 1]

    def open_tasks(self, *, linked: bool = False) -> list[str]:
        """Element ids of the open user tasks of the case, sorted; with `linked` those of cases it started instead."""
        numbers = self.linked() if linked else [self.case_number]
        with self.world.session() as session:
            query = select(UserTask.element_id).where(
                UserTask.business_key.in_(numbers), UserTask.state == "created"
            )
            return sorted(session.execute(query).scalars())


def later(moment: datetime, duration: str) -> datetime:
    """A moment moved on by an ISO 8601 duration, calendar months and years included."""
    parsed = isodate.parse_duration(duration)
    return moment + (parsed if isinstance(parsed, timedelta) else parsed.totimedelta(moment))


def filled(values: Any, order_number: str | None) -> Any:
    """Values with `$order` replaced by the number of the scenario's order."""
    if isinstance(values, dict):
        return {key: filled(value, order_number) for key, value in values.items()}
    if isinstance(values, list):
        return [filled(value, order_number) for value in values]
    return order_number if values == "$order" else values
