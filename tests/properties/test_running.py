"""Properties of the engine alone, for any diagram and any path through it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from engine.bpmn import effects
from tests.bpmn.running import Story, World
from tests.properties.activities import SHARED
from tests.properties.shapes import blocks, draw
from tests.properties.values import PATHS, SEEDS, answer, moves

#: What a random path may run into without anything being wrong with the engine.
EXPECTED_INCIDENTS = {"conflict", "error"}


def choices(story: Story) -> list[tuple[str, int]]:
    """Everything somebody outside could do now, in a stable order."""
    acts = []
    for activity in story.execution.active():
        if activity.incident:
            acts.append(("mend", activity.id))
        elif story.execution.awaited(activity.id):
            acts.append(("complete", activity.id))
            acts += [("throw", activity.id)] * (activity.element_type in ("serviceTask", "callActivity"))
            acts += [("escalate", activity.id)] * (activity.element_type == "callActivity")
        elif activity.element_type == "intermediateCatchEvent":
            acts.append(("correct", activity.id))
    acts += [("timer", t.timer_id) for t in story.all_open(effects.TimerStarted)]
    acts += [("message", m.subscription_id) for m in story.all_open(effects.MessageSubscribed)]
    acts += [("signal", s.subscription_id) for s in story.all_open(effects.SignalSubscribed)]
    return sorted(set(acts))


def act(story: Story, kind: str, id_: int, move: int) -> None:
    execution = story.execution
    match kind:
        case "complete":
            execution.complete(id_, answer(execution.awaited(id_), move))
        case "throw":
            execution.throw_error(id_, "E", "it went wrong", answer("problem", move))
        case "escalate":
            execution.escalate(id_, "S")
        case "timer":
            fired = next(t for t in story.all_open(effects.TimerStarted) if t.timer_id == id_)
            story.log.remove(fired)
            story.world.now = max(story.world.now, fired.due_at)
            execution.environment = story.world  # as each command does: it has a moment of its own
            execution.fire_timer(id_)
        case "message":
            execution.deliver_message(id_, answer("told", move))
        case "signal":
            execution.deliver_signal(id_, answer("heard", move))
        case "correct":
            execution.set_variables({SHARED: ("go", "stop")[move % 2]})
        case "mend":
            incident = next(i for i in story.incidents if i.activity_id == id_)
            if incident.kind == "conflict":
                execution.set_variables({incident.params["variable"]: "agreed"})
            if any(activity.id == id_ for activity in execution.active()):
                execution.retry(id_)
    story.settle()


def run(xml: bytes, seed: int, path: int, *, restore: bool) -> Story:
    world = World(limit=lambda variables: {"most": variables["seed"], "by": [variables.get("shared")]})
    story = Story(xml, seed=seed, shared=None, restore=restore, world=world)
    for move in moves(path):
        possible = choices(story)
        if not possible:
            break
        kind, id_ = possible[move % len(possible)]
        act(story, kind, id_, move // len(possible))
    return story


@given(block=blocks(), seed=SEEDS, path=PATHS)
def test_stopping_and_restoring_after_every_step_equals_running_straight_through(block, seed, path):
    xml = draw(block, called="q")
    straight = run(xml, seed, path, restore=False)
    restored = run(xml, seed, path, restore=True)
    assert restored.log == straight.log
    assert restored.execution.dump() == straight.execution.dump()
    assert restored.variables == straight.variables


@given(block=blocks(), seed=SEEDS, path=PATHS)
def test_an_instance_always_has_something_to_wait_for_until_it_ends(block, seed, path):
    story = run(draw(block, called="q"), seed, path, restore=False)
    assert {incident.kind for incident in story.incidents} <= EXPECTED_INCIDENTS
    assert story.done or choices(story)
    if story.done:
        assert not story.execution.active()
        opened = Counter(type(e).__name__ for e in story.log)
        assert opened["ProcessCompleted"] == 1
        assert not story.all_open(effects.TimerStarted)
        assert not story.all_open(effects.MessageSubscribed)
        assert not story.all_open(effects.SignalSubscribed)


@given(block=blocks(), seed=SEEDS, path=PATHS)
def test_whatever_begins_is_completed_or_terminated_once(block, seed, path):
    story = run(draw(block, called="q"), seed, path, restore=True)
    begun = Counter(e.activity_id for e in story.all(effects.ElementActivated))
    over = Counter(
        e.activity_id
        for e in story.log
        if isinstance(e, effects.ElementCompleted | effects.ElementTerminated)
    )
    assert set(begun.values()) <= {1}
    assert set(over.values()) <= {1}
    assert set(over) <= set(begun)
    if story.done:
        assert set(over) == set(begun)
