"""The shop floor: the sample company's people work the cases of the picks, with clock and queue by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import select

from engine.aftersales import orders
from engine.aftersales.tables import AftersalesCase, CaseLink
from engine.bootstrap import Application
from engine.proving import answers
from engine.proving.picks import REFUND_ONLY, Pick
from engine.proving.reckoning import Answered
from engine.runtime import assignment, identity, timers
from engine.runtime.clock import HandClock
from engine.runtime.context import Actor
from engine.runtime.queue import HandQueue
from engine.runtime.refusals import FourEyesViolation, InvolvedInCase
from engine.scenarios import acting
from engine.store.tables import Incident, Person, UserTask
from engine.worker import perform

#: A case that is open so long after the last application will not end by itself.
LONGEST = timedelta(days=90)


class Stuck(Exception):
    """A case that does not come to its end; the message says which and where."""


class Floor:
    """Runs picks to their ends."""

    def __init__(self, app: Application, clock: HandClock, queue: HandQueue) -> None:
        self._app, self._clock, self._queue = app, clock, queue
        self._picks: dict[str, Pick] = {}
        self.answered: dict[str, list[Answered]] = defaultdict(list)
        self._asked: Counter[tuple[str, str]] = Counter()
        with app.database.begin() as session:
            people = session.scalars(select(Person).order_by(Person.key))
            self._people: Sequence[Actor] = [identity.actor(person) for person in people]

    def run(self, picks: Sequence[Pick], hours: dict[str, int], *, told: Callable[[int, int], None]) -> None:
        """Run all picks side by side, day by day, to their ends. Raises `Stuck`."""
        events: list[tuple[datetime, int, Callable[[], Any]]] = []
        for at, act in chain(
            self._of_orders(picks, hours), ((p.at, partial(self._register, p)) for p in picks)
        ):
            events.append((at, len(events), act))
        events.sort(key=lambda event: event[:2])
        day = events[0][0].replace(hour=15, minute=0, second=0, microsecond=0)
        last = events[-1][0]
        while events or self._open():
            if day > last + LONGEST:
                raise Stuck(f"still open: {', '.join(self._open()[:5])}")
            while events and events[0][0] <= day:
                at, _, act = events.pop(0)
                self._advance(at)
                act()
                self._work()
            self._advance(day)
            self._answer_all()
            told(len(self._picks) - len(self._open()), len(picks))
            day += timedelta(days=1)

    def outcome(self) -> list[tuple[Pick, list[Answered]]]:
        """Every pick with what people answered in its case."""
        return [(pick, self.answered[number]) for number, pick in self._picks.items()]

    def _of_orders(
        self, picks: Sequence[Pick], hours: dict[str, int]
    ) -> Iterator[tuple[datetime, Callable[[], Any]]]:
        """What happens to the orders that are returned or exchanged: shipped, and received; once each."""
        happened: set[tuple[Callable[..., None], str]] = set()
        for pick in picks:
            if pick.procedure == REFUND_ONLY:
                continue
            moments = [(orders.mark_shipped, "shipped"), (orders.mark_received, "received")]
            for command, name in moments if pick.received else moments[:1]:
                if (command, pick.sale.invoice) not in happened:
                    happened.add((command, pick.sale.invoice))
                    yield pick.sale.at + timedelta(hours=hours[name]), partial(self._order, command, pick)

    def _order(self, command: Callable[..., None], pick: Pick) -> None:
        with self._app.commands.begin() as ctx:
            command(ctx, pick.sale.invoice)

    def _register(self, pick: Pick) -> None:
        clerk = next(person for person in self._people if "customer_service" in person.roles)
        with self._app.commands.begin(clerk) as ctx:
            case = acting.register(
                ctx, pick.procedure, answers.application(pick), order_number=pick.sale.invoice
            )
            self._picks[case.number] = pick

    def _answer_all(self) -> None:
        """Everybody does what waits for them, until nothing waits that somebody answers."""
        left_alone: set[int] = set()
        while True:
            with self._app.database.begin() as session:
                waiting = session.execute(
                    select(UserTask.id, UserTask.element_id, UserTask.business_key)
                    .where(UserTask.state == "created", UserTask.id.not_in(left_alone))
                    .order_by(UserTask.id)
                ).all()
            if not waiting:
                return
            for task_id, element_id, case_number in waiting:
                root = self._root(case_number)
                asked = self._asked[case_number, element_id]
                values = answers.answer(self._picks[root], element_id, asked)
                if values is None:
                    left_alone.add(task_id)
                    continue
                self._complete(task_id, values)
                self._asked[case_number, element_id] += 1
                self.answered[root].append((element_id, values))
                self._work()

    def _root(self, case_number: str) -> str:
        """The case of a pick that started this one, directly or not."""
        while case_number not in self._picks:
            with self._app.database.begin() as session:
                to_case = select(AftersalesCase.id).where(AftersalesCase.number == case_number)
                case_number = session.scalars(
                    select(AftersalesCase.number)
                    .join(CaseLink, CaseLink.from_case_id == AftersalesCase.id)
                    .where(CaseLink.to_case_id == to_case.scalar_subquery(), CaseLink.kind == "started")
                ).one()
        return case_number

    def _complete(self, task_id: int, values: dict[str, Any]) -> None:
        """The first of those it is for who may do it."""
        for person in self._people:
            try:
                with self._app.commands.begin(person) as ctx:
                    groups = set(ctx.session.get_one(UserTask, task_id).candidate_groups)
                    if assignment.works_for(ctx, person) & groups:
                        acting.complete(ctx, task_id, values)
                        return
            except (FourEyesViolation, InvolvedInCase):
                continue
        raise Stuck(f"nobody may do user task {task_id}")

    def _advance(self, until: datetime) -> None:
        """Move the clock; timers on the way fire each at its own time."""
        while True:
            with self._app.database.begin() as session:
                due = timers.due(session, until, limit=1)
            if not due:
                break
            with self._app.database.begin() as session:
                self._clock.set(max(self._clock.now(), timers.due_at(session, due[0])))
            perform(self._app.commands, "timer", due[0])
            self._work()
        self._clock.set(max(self._clock.now(), until))

    def _work(self) -> None:
        while self._queue.work:
            item = self._queue.work.pop(0)
            perform(self._app.commands, item.kind, item.id)

    def _open(self) -> list[str]:
        """Numbers of cases that have not ended. Raises `Stuck` for an incident: nobody here mends one."""
        with self._app.database.begin() as session:
            incident = session.execute(
                select(Incident.business_key, Incident.element_id, Incident.message)
                .where(Incident.resolved_at.is_(None))
                .limit(1)
            ).one_or_none()
            if incident is not None:
                raise Stuck(
                    f"case {incident.business_key} is stuck at {incident.element_id}: {incident.message}"
                )
            return list(
                session.scalars(
                    select(AftersalesCase.number)
                    .where(AftersalesCase.closed_at.is_(None))
                    .order_by(AftersalesCase.id)
                )
            )
