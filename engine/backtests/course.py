"""The other course of a finished case: its start and its answers given to another version, in memory.

People and handlers are taken to answer as they did and after as long as they did; timers run by the version's own
times; messages come when they came. Decision tables and expressions are evaluated anew.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import orjson

from engine.backtests import questions
from engine.backtests.facts import Asked, Facts, Stop
from engine.backtests.past import Answer, Outside, Past
from engine.bpmn import Execution, UnknownActivity
from engine.bpmn import effects as fx
from engine.runtime.assignment import candidate_groups
from engine.runtime.context import Engine
from engine.runtime.definitions import Definition
from engine.runtime.environment import Environment
from engine.runtime.history import canonical
from engine.runtime.registry import Hindsight

#: More commands than any case takes: timers that fire for ever.
_MOST_COMMANDS = 3000
#: After everything that happened at the same moment.
_LAST = 1 << 30
_UNKNOWN = Hindsight()


def course(past: Past, definition: Definition, engine: Engine) -> Facts:
    """How the case goes through `definition`; it stops where nobody gave the answer it needs."""
    return _Course(past, definition, engine).run()


class _Course:
    def __init__(self, past: Past, definition: Definition, engine: Engine) -> None:
        self._past, self._definition, self._engine = past, definition, engine
        self._now = past.facts.started_at
        self._facts = Facts(started_at=self._now)
        self._answers = {element: deque(answers) for element, answers in past.answers.items()}
        self._fired = {element: deque(firings) for element, firings in past.fired.items()}
        #: What will happen, in time; at the same moment in the order it happened.
        self._ahead: list[tuple[datetime, int, int, Callable[[], None]]] = []
        self._counter = count()
        #: Element -> open subscriptions, and messages or signals that came before there was one.
        self._waiting: dict[str, list[int]] = defaultdict(list)
        self._early: dict[str, deque[Outside]] = defaultdict(deque)
        self._held: dict[str, int] = {}
        self._cancelled: set[int] = set()

    def run(self) -> Facts:
        start = self._start_event()
        if self._asked_anew(start, self._form_of(start), self._past.variables, self._past.variables):
            return self._facts
        try:
            self._execution = Execution.start(
                self._definition.process, self._past.variables, self._environment(), start_event=start
            )
        except LookupError:
            self._stop(start or "", "new_step")
            return self._facts
        for event in self._past.outside:
            self._plan(event.at, event.seq, lambda event=event: self._from_outside(event))
        self._look()
        for _ in range(_MOST_COMMANDS):
            if not self._ahead or self._facts.stop or self._facts.ended_at:
                break
            at, _, _, act = heapq.heappop(self._ahead)
            self._now = max(self._now, at)
            self._execution.environment = self._environment()
            try:
                act()
            except UnknownActivity:
                continue  # It waits no longer: a timer or an error was there before.
            self._look()
        else:
            self._stop("", "endless")
        if not (self._facts.stop or self._facts.ended_at):
            waits = next(
                (each.element_id for each in self._execution.active() if self._execution.awaited(each.id)), ""
            )
            self._stop(waits or next(iter(self._waiting), ""), "unanswered")
        return self._facts

    def _start_event(self) -> str | None:
        """The start event it began at; the only one there is, where that one is gone."""
        starts = [event.id for event in self._definition.process.start_events()]
        if self._past.start_event in starts or len(starts) != 1 or self._past.start_event is None:
            return self._past.start_event
        return starts[0]

    def _environment(self) -> Environment:
        return Environment(self._engine, self._definition, self._now)

    def _plan(self, at: datetime, seq: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._ahead, (max(at, self._now), seq, next(self._counter), act))

    def _stop(self, element: str, why: Any, about: tuple[str, ...] = ()) -> None:
        self._facts.stop = self._facts.stop or Stop(element=element, why=why, about=about)

    # What the case did ----------------------------------------------------------------------------
    def _look(self) -> None:
        for effect in self._execution.take_effects():
            look = _LOOKS.get(type(effect))
            if look is not None:
                look(self, effect)

    def _completed(self, effect: fx.ElementCompleted) -> None:
        if effect.element_type not in ("multiInstanceBody", "loopBody") and not effect.element_type.endswith(
            "Gateway"
        ):
            self._facts.steps[effect.element_id] += 1

    def _user_task(self, effect: fx.UserTaskCreated) -> None:
        self._facts.asked.append(
            Asked(
                element=effect.element_id,
                assignee=effect.assignee,
                groups=tuple(candidate_groups(self._engine.organisation(), effect)),
                people=tuple(effect.candidate_users),
            )
        )
        answer = self._answer(effect.element_id)
        if answer is None:
            self._stop(effect.element_id, "new_step")
        elif answer.how is not None and not self._asked_anew(
            effect.element_id, effect.form_id, answer.values, effect.variables
        ):
            self._give(effect.activity_id, answer, answer.values)

    def _job(self, effect: fx.JobCreated) -> None:
        service = self._engine.registry.service_task(effect.type)
        known = service.hindsight if service is not None else _UNKNOWN
        answer = self._answer(effect.element_id)
        if answer is not None and answer.how is None:
            return
        if answer is not None and answer.payload.get("service") != effect.type:
            answer = None
        if answer is None:
            if known.tells:
                self._give(effect.activity_id, Answer(how="result", seq=_LAST), {})
            else:
                self._stop(effect.element_id, "new_step")
            return
        values: Mapping[str, Any] | None = answer.values
        if answer.inputs is not None and (
            others := self._others(effect.element_id, effect.inputs, answer.inputs)
        ):
            if known.again is not None:
                values = known.again(effect.inputs, answer.inputs, answer.values)
            elif not known.tells:
                values = None
            if values is None:
                self._stop(effect.element_id, "other_inputs", others)
                return
        if answer.how == "result" and known.pays is not None:
            self._facts.pay(effect.type, known.pays(effect.inputs))
        self._give(effect.activity_id, answer, values or {})

    def _call(self, effect: fx.ChildRequested) -> None:
        answer = self._answer(effect.element_id)
        if answer is None:
            self._stop(effect.element_id, "new_step")
        elif answer.how is not None:
            others = self._others(effect.element_id, effect.variables, answer.inputs or {})
            if answer.inputs is not None and others:
                self._stop(effect.element_id, "other_inputs", others)
            else:
                self._give(effect.activity_id, answer, answer.values)

    def _timer(self, effect: fx.TimerStarted) -> None:
        fired = self._fired.get(effect.element_id)
        seq, late = fired.popleft() if fired else (_LAST, None)
        at = effect.due_at + late if late is not None else effect.due_at
        self._plan(at, seq, lambda: self._fire(effect.timer_id))

    def _fire(self, timer_id: int) -> None:
        if timer_id not in self._cancelled:
            self._execution.fire_timer(timer_id)

    def _subscribed(self, effect: fx.MessageSubscribed | fx.SignalSubscribed) -> None:
        self._waiting[effect.element_id].append(effect.subscription_id)
        early = self._early[effect.element_id]
        if early:
            event = early.popleft()
            self._plan(self._now, event.seq, lambda: self._from_outside(event))

    def _unsubscribed(self, effect: fx.MessageUnsubscribed | fx.SignalUnsubscribed) -> None:
        self._waiting[effect.element_id].remove(effect.subscription_id)

    def _incident(self, effect: fx.IncidentRaised) -> None:
        self._held[effect.element_id] = effect.activity_id
        retried = any(
            e.type == "IncidentRetried" and e.element == effect.element_id for e in self._past.outside
        )
        if not retried and not self._facts.ended_at:
            self._stop(effect.element_id, "incident", (effect.message,))

    def _ended(self, _effect: fx.Effect) -> None:
        self._facts.ended_at = self._facts.ended_at or self._now

    # What comes to the case -----------------------------------------------------------------------
    def _answer(self, element: str) -> Answer | None:
        answers = self._answers.get(element)
        return answers.popleft() if answers else None

    def _give(self, activity_id: int, answer: Answer, values: Mapping[str, Any]) -> None:
        def give() -> None:
            if answer.how == "error":
                thrown = answer.payload
                self._execution.throw_error(activity_id, thrown["code"], thrown["message"], values)
            else:
                self._execution.complete(activity_id, values)

        self._plan(self._now + answer.after, answer.seq, give)

    def _from_outside(self, event: Outside) -> None:
        execution, payload = self._execution, event.payload
        match event.type:
            case "MessageCorrelated" | "SignalReceived":
                open_ = self._waiting.get(event.element)
                if not open_:
                    self._early[event.element].append(event)
                elif event.type == "MessageCorrelated":
                    execution.deliver_message(open_[0], payload["variables"])
                else:
                    execution.deliver_signal(open_[0], payload["variables"])
            case "VariablesCorrected":
                execution.set_variables(payload["values"])
            case "IncidentRetried" if event.element in self._held:
                execution.retry(self._held.pop(event.element))
            case "CalledProcessEscalated":
                calls = [each.id for each in execution.active() if each.element_id == event.element]
                if calls:
                    execution.escalate(calls[0], payload["code"])
            case "CancelRequested" | "EndedByCaller":
                execution.terminate()

    # What is asked --------------------------------------------------------------------------------
    def _asked_anew(
        self, element: str | None, form_id: str | None, values: Mapping[str, Any], data: Mapping[str, Any]
    ) -> bool:
        """Whether the step's form asks what the recorded answer does not say; the case stops there then."""
        before = self._past.definition
        old = before.process.elements.get(element or "")
        was = before.forms.get(old.form_id) if old is not None and old.form_id else None
        now = self._definition.forms.get(form_id or "")
        if was == now:
            return False
        fields = questions.unanswered(was, now, values, data, self._evaluate)
        if fields:
            self._stop(element or "", "new_question", fields)
        return bool(fields)

    def _form_of(self, start: str | None) -> str | None:
        element = self._definition.process.elements.get(start or "")
        return element.form_id if element else None

    def _evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self._engine.feel.evaluate(expression, variables, now=self._now)

    def _others(self, element: str, now: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
        """Inputs that are not as recorded. A step without input mappings takes everything: it says nothing of a change."""
        drawn = self._definition.process.elements.get(element)
        if drawn is None or not drawn.inputs:
            return ()
        given: Mapping[str, Any] = orjson.loads(canonical(now))
        return tuple(name for name in dict.fromkeys((*given, *before)) if given.get(name) != before.get(name))


_LOOKS: Mapping[type[fx.Effect], Callable[[_Course, Any], None]] = {
    fx.ElementCompleted: _Course._completed,
    fx.UserTaskCreated: _Course._user_task,
    fx.JobCreated: _Course._job,
    fx.ChildRequested: _Course._call,
    fx.TimerStarted: _Course._timer,
    fx.TimerCancelled: lambda course, effect: course._cancelled.add(effect.timer_id),
    fx.MessageSubscribed: _Course._subscribed,
    fx.MessageUnsubscribed: _Course._unsubscribed,
    fx.SignalSubscribed: _Course._subscribed,
    fx.SignalUnsubscribed: _Course._unsubscribed,
    fx.IncidentRaised: _Course._incident,
    fx.ErrorEscaped: _Course._ended,
    fx.ProcessCompleted: _Course._ended,
    fx.ProcessTerminated: _Course._ended,
}
