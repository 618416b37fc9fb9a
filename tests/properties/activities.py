"""The smallest shapes: one activity or event, with what may sit on it or beside it."""

from __future__ import annotations

from collections.abc import Callable

from tests.bpmn.drawing import (
    boundary,
    condition,
    each,
    end,
    event,
    flow,
    flows,
    job,
    mappings,
    node,
    script,
    start,
    subprocess,
    timer,
    user,
    zeebe,
)
from tests.properties.pencil import Drawing, Way

Shape = Callable[[Drawing], Way]

TIMER, MESSAGE = timer("PT7M"), event("message", messageRef="m")
SIGNAL, CONDITION = event("signal", signalRef="sig"), condition('=shared = "go"')
ERROR, ESCALATION = event("error", errorRef="err"), event("escalation", escalationRef="esc")
#: Sets the variable that every branch writes to, so that branches contradict each other now and then.
SHARED = "shared"


def _single(letter: str, make: Callable[[str], str]) -> Shape:
    def drawn(d: Drawing) -> Way:
        id_ = d.new(letter)
        d.add(make(id_))
        return id_, id_

    return drawn


def _catch(definition: str) -> Shape:
    return _single("c", lambda id_: node("intermediateCatchEvent", id_, definition))


def _throw(definition: str) -> Shape:
    return _single("h", lambda id_: node("intermediateThrowEvent", id_, definition))


def _script(id_: str) -> str:
    return script(id_, f'="{id_}"', id_)


def _note(id_: str) -> str:
    return script(id_, f'=if {SHARED} = null then "{id_}" else {SHARED}', f"seen_{id_}")


def _beside(definition: str, *, host: Callable[[str], str] = user) -> Shape:
    """A boundary event that does not interrupt, and a script behind it."""

    def drawn(d: Drawing) -> Way:
        task, ring, note = d.new("u"), d.new("ring"), d.new("s")
        d.add(host(task), boundary(ring, task, definition, cancelActivity="false"))
        d.add(_note(note), flow(ring, note))
        return task, task

    return drawn


def _instead(definition: str, *, host: Callable[[str], str] = user) -> Shape:
    """An interrupting boundary event whose way meets the normal one again."""

    def drawn(d: Drawing) -> Way:
        task, off, note, join = d.new("u"), d.new("off"), d.new("s"), d.new("x")
        d.add(host(task), boundary(off, task, definition), _note(note), node("exclusiveGateway", join))
        d.add(flow(task, join), flow(off, note), flow(note, join))
        return task, join

    return drawn


def _ending(d: Drawing, definition: str) -> tuple[str, str]:
    """A sub-process with a branch that may end in ``definition`` beside one that goes on; (its id, its XML)."""
    sub, s, g, a, b, x, bad, fine = (d.new(letter) for letter in "psguuxee")
    xml = subprocess(
        sub,
        start(s),
        node("parallelGateway", g),
        user(a),
        user(b),
        node("exclusiveGateway", x, default=f"{x}_{fine}"),
        end(bad, definition),
        end(fine),
        flows(f"{s} {g} {a} {x} {fine}", f"{g} {b}"),
        flow(x, bad, f'={SHARED} = "go" or modulo(seed, 2) = 0'),
    )
    return sub, xml


def _left_by(definition: str, *, interrupting: bool = True) -> Shape:
    """A sub-process whose inner error or escalation is caught on its border."""

    def drawn(d: Drawing) -> Way:
        sub, xml = _ending(d, definition)
        off, note, join = d.new("off"), d.new("s"), d.new("x")
        d.add(xml, boundary(off, sub, definition, cancelActivity=str(interrupting).lower()), _note(note))
        d.add(node("exclusiveGateway", join), flow(sub, join), flow(off, note))
        if interrupting:
            d.add(flow(note, join))
        return sub, join

    return drawn


def _terminated(d: Drawing) -> Way:
    sub, xml = _ending(d, event("terminate"))
    d.add(xml)
    return sub, sub


def _listening(definition: str, *, interrupting: bool = True) -> Shape:
    """A sub-process with an event sub-process inside."""

    def drawn(d: Drawing) -> Way:
        sub, s, a, inner, heard, answer, note = (d.new(letter) for letter in "psuphus")
        listener = subprocess(
            inner,
            start(heard, definition, isInterrupting=str(interrupting).lower()),
            user(answer),
            _note(note),
            flows(f"{heard} {answer} {note}"),
            triggeredByEvent="true",
        )
        thrower = ""
        last = a
        if definition in (ERROR, ESCALATION):
            last = d.new("h")
            thrower = end(last, definition) + flow(a, last)
        d.add(subprocess(sub, start(s), user(a), flow(s, a), thrower, listener))
        return sub, sub

    return drawn


def _undoable(d: Drawing) -> str:
    """A job with the job that undoes it; returns its id."""
    task, undo = d.new("j"), d.new("undo")
    d.add(job(task), boundary(f"on_{task}", task, event("compensate")), job(undo, isForCompensation="true"))
    d.add(f'<bpmn:association id="as_{task}" sourceRef="on_{task}" targetRef="{undo}"/>')
    return task


def _compensated(d: Drawing) -> Way:
    outside, d.body = d.body, []
    first, second = _undoable(d), _undoable(d)
    sub, s, g, x, back, join, fine = (d.new(letter) for letter in "psgxhxe")
    d.add(start(s), node("parallelGateway", g), node("parallelGateway", x), end(fine))
    d.add(node("intermediateThrowEvent", back, event("compensate")), node("exclusiveGateway", join))
    d.add(flows(f"{s} {g} {first} {x} {back} {join} {fine}", f"{g} {second} {x}"))
    inside, d.body = d.body, outside
    d.add(subprocess(sub, *inside))
    return sub, sub


def _transaction(d: Drawing) -> Way:
    outside, d.body = d.body, []
    task = _undoable(d)
    tx, s, a, x, fine, off, cancelled, join = (d.new(letter) for letter in "psuxeeox")
    d.add(start(s), user(a), node("exclusiveGateway", x, default=f"{x}_{fine}"), end(fine))
    d.add(end(off, event("cancel")), flows(f"{s} {task} {a} {x} {fine}"))
    d.add(flow(x, off, f'={SHARED} = "go" or modulo(seed, 2) = 1'))
    inside, d.body = d.body, outside
    d.add(node("transaction", tx, *inside), boundary(cancelled, tx, event("cancel")))
    d.add(node("exclusiveGateway", join), flow(tx, join), flow(cancelled, join))
    return tx, join


def _linked(d: Drawing) -> Way:
    throw, catch = d.new("h"), d.new("c")
    link = event("link", name=catch)
    d.add(node("intermediateThrowEvent", throw, link), node("intermediateCatchEvent", catch, link))
    return throw, catch


def _called(*, alone: bool = True, definition: str = "") -> Shape:
    def call(d: Drawing, id_: str) -> str:
        if d.called is None:
            return job(id_)
        work = zeebe("calledElement", processId=d.called, propagateAllChildVariables=str(alone).lower())
        return node("callActivity", id_, extensions=work)

    def drawn(d: Drawing) -> Way:
        if definition:
            return _instead(definition, host=lambda id_: call(d, id_))(d)
        id_ = d.new("call")
        d.add(call(d, id_))
        return id_, id_

    return drawn


def _collecting(make: Callable[..., str], *, sequential: bool = False, until: str = "") -> Shape:
    def drawn(d: Drawing) -> Way:
        id_, out = d.new("n"), d.new("out")
        condition_ = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
        repeated = each(
            "=[1, {n: 2}, null]",
            condition_,
            sequential=sequential,
            outputCollection=out,
            outputElement=f"=[item, {SHARED}]",
        )
        d.add(make(id_, repeated))
        return id_, id_

    return drawn


def _again(d: Drawing) -> Way:
    id_ = d.new("l")
    d.add(
        user(
            id_,
            node(
                "standardLoopCharacteristics",
                d.new("lc"),
                f'<bpmn:loopCondition>={SHARED} != "go"</bpmn:loopCondition>',
                loopMaximum="3",
            ),
        )
    )
    return id_, id_


def _mapped(d: Drawing) -> Way:
    id_ = d.new("j")
    extra = mappings(input=("=seed + 1", "mine.number"), output=(f"=[mine, {SHARED}]", f"got.{id_}"))
    d.add(job(id_, extensions=extra))
    return id_, id_


def _decided(d: Drawing) -> Way:
    id_ = d.new("d")
    asked = zeebe("calledDecision", decisionId="limit", resultVariable=id_)
    d.add(node("businessRuleTask", id_, extensions=asked))
    return id_, id_


SHAPES: dict[str, Shape] = {
    "user": _single("u", user),
    "job": _single("j", job),
    "mapped job": _mapped,
    "script": _single("s", _script),
    "decision": _decided,
    "timer": _catch(timer("PT10M")),
    "date timer": _catch(timer(date='=now() + duration("PT1H")')),
    "message": _single("r", lambda id_: node("receiveTask", id_, messageRef="m")),
    "message event": _catch(MESSAGE),
    "signal": _catch(SIGNAL),
    "condition": _catch(CONDITION),
    "throw signal": _throw(SIGNAL),
    "throw escalation": _throw(ESCALATION),
    "link": _linked,
    "cycle beside": _beside(timer(cycle="R2/PT5M")),
    "timer beside": _beside(TIMER),
    "message beside": _beside(MESSAGE),
    "signal beside": _beside(SIGNAL),
    "condition beside": _beside(CONDITION),
    "timer instead": _instead(TIMER),
    "message instead": _instead(MESSAGE),
    "signal instead": _instead(SIGNAL),
    "condition instead": _instead(CONDITION),
    "error instead": _instead(ERROR, host=job),
    "left by error": _left_by(ERROR),
    "left by escalation": _left_by(ESCALATION),
    "escalation beside": _left_by(ESCALATION, interrupting=False),
    "terminated": _terminated,
    "message inside": _listening(MESSAGE),
    "message inside beside": _listening(MESSAGE, interrupting=False),
    "timer inside": _listening(TIMER),
    "cycle inside beside": _listening(timer(cycle="R2/PT5M"), interrupting=False),
    "signal inside": _listening(SIGNAL),
    "condition inside beside": _listening(CONDITION, interrupting=False),
    "error inside": _listening(ERROR),
    "escalation inside": _listening(ESCALATION),
    "escalation inside beside": _listening(ESCALATION, interrupting=False),
    "compensated": _compensated,
    "transaction": _transaction,
    "call": _called(),
    "call for nothing": _called(alone=False),
    "call error instead": _called(definition=ERROR),
    "call escalation instead": _called(definition=ESCALATION),
    "call timer instead": _called(definition=TIMER),
    "users at once": _collecting(user),
    "users one by one": _collecting(user, sequential=True),
    "users until": _collecting(user, until="=numberOfCompletedInstances &gt;= 2"),
    "jobs at once": _collecting(job),
    "again": _again,
}
