"""Properties that hold for any diagram and any path through it."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import effects
from tests.bpmn.running import Story
from tests.bpmn.shapes import blocks, draw

MOVES = st.lists(st.integers(min_value=0, max_value=10_000), min_size=60, max_size=60)


def choices(story: Story) -> list[tuple[str, int]]:
    """Everything somebody outside could do now, in a stable order."""
    waiting = ("userTask", "serviceTask")
    acts = [
        ("complete", a.id) for a in story.execution.active() if a.element_type in waiting and not a.incident
    ]
    acts += [("timer", t.timer_id) for t in story.all_open(effects.TimerStarted)]
    acts += [("message", m.subscription_id) for m in story.all_open(effects.MessageSubscribed)]
    acts += [("signal", s.subscription_id) for s in story.all_open(effects.SignalSubscribed)]
    return sorted(set(acts))


def act(story: Story, choice: tuple[str, int]) -> None:
    kind, id_ = choice
    if kind == "complete":
        element = next(a.element_id for a in story.execution.active() if a.id == id_)
        story.execution.complete(id_, {element: id_})
    elif kind == "timer":
        fired = next(t for t in story.all_open(effects.TimerStarted) if t.timer_id == id_)
        story.log.remove(fired)
        story.world.now = max(story.world.now, fired.due_at)
        story.execution.fire_timer(id_)
    elif kind == "message":
        story.execution.deliver_message(id_, {"got": 1})
    else:
        story.execution.deliver_signal(id_, {})
    story.settle()


def run(xml: bytes, seed: int, moves: list[int], *, restore: bool) -> Story:
    story = Story(xml, seed=seed, restore=restore)
    for move in moves:
        possible = choices(story)
        if not possible:
            break
        act(story, possible[move % len(possible)])
    return story


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks(), seed=st.integers(min_value=0, max_value=5), moves=MOVES)
def test_stopping_and_restoring_after_every_step_equals_running_straight_through(block, seed, moves):
    xml = draw(block)
    straight = run(xml, seed, moves, restore=False)
    restored = run(xml, seed, moves, restore=True)
    assert restored.log == straight.log
    assert restored.execution.dump() == straight.execution.dump()
    assert restored.variables == straight.variables


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks(), seed=st.integers(min_value=0, max_value=5), moves=MOVES)
def test_an_instance_always_has_something_to_wait_for_until_it_ends(block, seed, moves):
    story = run(draw(block), seed, moves, restore=False)
    assert not [i for i in story.incidents if i.kind != "conflict"]
    assert story.done or choices(story) or story.incidents
    if story.done:
        assert not story.execution.active()
        opened = Counter(type(e).__name__ for e in story.log)
        assert opened["ProcessCompleted"] == 1
        assert not story.all_open(effects.TimerStarted)
        assert not story.all_open(effects.MessageSubscribed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(block=blocks(), seed=st.integers(min_value=0, max_value=5), moves=MOVES)
def test_whatever_begins_is_completed_or_terminated_once(block, seed, moves):
    story = run(draw(block), seed, moves, restore=True)
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
