"""Sub-processes: embedded, started by events, transactions, ad hoc."""

import pytest

from engine.bpmn import effects
from tests.bpmn.drawing import (
    boundary,
    condition,
    diagram,
    end,
    event,
    flow,
    flows,
    job,
    mappings,
    message,
    node,
    script,
    start,
    subprocess,
    timer,
    user,
    zeebe,
)
from tests.bpmn.running import Story


def test_a_subprocess_hands_on_what_it_changed():
    inner = subprocess("sub", start("s"), user("a"), flows("s a"))
    story = Story(diagram(start(), inner, user("b"), flows("start sub b")), x=1, restore=True)
    assert story.active == ["a", "sub"]
    assert story.complete("a", x=2, y=3).variables == {"x": 2, "y": 3}
    assert story.active == ["b"]


def test_input_mappings_of_a_subprocess_are_its_own_variables():
    inner = subprocess(
        "sub",
        start("s"),
        script("a", "=mine + 1", "mine"),
        user("u"),
        flows("s a u"),
        extensions=mappings(input=("=x", "mine")),
    )
    story = Story(diagram(start(), inner, user("b"), flows("start sub b")), x=1).complete("u", y=2)
    assert story.variables == {"x": 1, "y": 2}


def test_output_mappings_of_a_subprocess_see_its_own_variables():
    inner = subprocess(
        "sub",
        start("s"),
        script("a", "=mine + 1", "mine"),
        flows("s a"),
        extensions=mappings(input=("=x", "mine"), output=("=mine", "result")),
    )
    assert Story(diagram(start(), inner, user("b"), flows("start sub b")), x=1).variables == {
        "x": 1,
        "result": 2,
    }


def test_a_subprocess_without_start_and_end_begins_everywhere():
    inner = subprocess("sub", user("a"), user("b"))
    story = Story(diagram(start(), inner, user("c"), flows("start sub c")), restore=True)
    assert story.active == ["a", "b", "sub"]
    assert story.complete("a", a=1).complete("b", b=2).active == ["c"]
    assert story.variables == {"a": 1, "b": 2}


def test_terminate_ends_its_own_level_only():
    inner = subprocess(
        "sub", start("s"), user("a"), job("b"), end("stop", event("terminate")), flows("s a stop", "s b")
    )
    story = Story(diagram(start(), inner, user("after"), flows("start sub after")), restore=True).complete(
        "a"
    )
    assert story.active == ["after"]
    assert [e.element_id for e in story.all(effects.JobCancelled)] == ["b"]


def listener(kind: str, *, interrupting: bool = True, top: str = "") -> bytes:
    """A process whose event sub-process ``beside`` waits for ``kind``."""
    beside = subprocess(
        "beside",
        start("heard", kind, isInterrupting=str(interrupting).lower()),
        user("answer"),
        flows("heard answer"),
        triggeredByEvent="true",
    )
    body = start(), user("work"), job("send"), user("more"), flows("start work send more"), beside
    return diagram(*body, top=top)


MESSAGE = listener(event("message", messageRef="m"), top=message("m"))
MESSAGE_BESIDE = listener(event("message", messageRef="m"), interrupting=False, top=message("m"))
SIGNAL_BESIDE = listener(
    event("signal", signalRef="s"), interrupting=False, top=node("signal", "s", name="stop")
)
ERROR = listener(event("error", errorRef="e"), top=node("error", "e", errorCode="BAD"))


def test_an_interrupting_event_subprocess_takes_over():
    story = Story(MESSAGE, key="1", restore=True).deliver("heard", why="called")
    assert story.active == ["answer", "beside"]
    assert [e.element_id for e in story.all(effects.UserTaskCancelled)] == ["work"]
    assert story.complete("answer").done
    assert story.variables == {"key": "1", "why": "called"}


def test_a_non_interrupting_event_subprocess_runs_each_time_beside_the_flow():
    story = Story(MESSAGE_BESIDE, key="1", restore=True).deliver("heard").deliver("heard")
    assert story.active == ["answer", "answer", "beside", "beside", "work"]
    story.complete("answer").complete("answer").complete("work").complete("send")
    assert story.active == ["more"]
    assert story.complete("more").done


def test_what_a_side_path_wrote_is_seen_by_the_main_flow_once_it_ended():
    story = Story(SIGNAL_BESIDE, restore=True).signal("stop")
    story.complete("answer", doNotCall=True).complete("work")
    assert story.execution.variables(story.activity("send")) == {"doNotCall": True}


def test_a_side_path_yields_to_what_the_main_flow_wrote_meanwhile():
    story = Story(SIGNAL_BESIDE, restore=True).signal("stop")
    story.complete("work", answer="main").complete("answer", answer="side")
    assert story.variables["answer"] == "main"
    assert not story.incidents


def test_an_error_starts_its_event_subprocess_only_when_it_happens():
    story = Story(ERROR, restore=True)
    assert story.active == ["work"]
    story.complete("work", seen=1).throw("send", "BAD")
    assert story.active == ["answer", "beside"]
    assert story.variables == {"seen": 1}


def test_another_error_does_not_start_it():
    assert Story(ERROR).complete("work").throw("send", "OTHER").incidents[0].kind == "error"


def test_two_instances_of_one_diagram_do_not_touch_each_other():
    """The library marks its shared specification when an event sub-process starts."""
    first = Story(MESSAGE, key="1")
    second = Story(MESSAGE, key="2")
    second.process = first.process
    first.deliver("heard")
    assert second.active == ["work"]


def test_a_timer_in_a_subprocess_starts_its_event_subprocess():
    beside = subprocess(
        "beside",
        start("late", timer("PT1H"), isInterrupting="false"),
        script("note", "=true", "late"),
        flows("late note"),
        triggeredByEvent="true",
    )
    inner = subprocess("sub", start("s"), user("a"), flows("s a"), beside)
    story = Story(diagram(start(), inner, user("b"), flows("start sub b")), restore=True).wait(hours=1)
    assert story.complete("a").variables == {"late": True}
    assert story.active == ["b"]


def test_a_condition_starts_its_event_subprocess_when_it_becomes_true():
    story = Story(listener(condition("=alarm"), interrupting=False), alarm=False, restore=True)
    assert story.active == ["work"]
    assert story.complete("work", alarm=True).active == ["answer", "beside", "send"]


def escalating(interrupting: str) -> bytes:
    inner = subprocess(
        "sub",
        start("s"),
        user("a"),
        node("intermediateThrowEvent", "shout", event("escalation", escalationRef="esc")),
        user("b"),
        flows("s a shout b"),
    )
    on_border = boundary(
        "heard", "sub", event("escalation", escalationRef="esc"), cancelActivity=interrupting
    )
    body = start(), inner, on_border, user("boss"), user("after"), flows("start sub after", "heard boss")
    return diagram(*body, top=node("escalation", "esc", escalationCode="LATE"))


@pytest.mark.parametrize(("interrupting", "active"), [("true", ["boss"]), ("false", ["b", "boss", "sub"])])
def test_an_escalation_is_heard_on_the_border(interrupting, active):
    story = Story(escalating(interrupting), restore=True).complete("a", x=1)
    assert story.active == active
    assert story.execution.variables(story.activity("boss")) == {"x": 1}


def test_an_escalation_nobody_hears_is_told_and_the_flow_goes_on():
    shout = node("intermediateThrowEvent", "shout", event("escalation", escalationRef="esc"))
    body = start(), shout, user("b"), flows("start shout b")
    story = Story(diagram(*body, top=node("escalation", "esc", escalationCode="LATE")))
    assert story.all(effects.EscalationEscaped)[0].code == "LATE"
    assert story.active == ["b"]


def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event():
    association = '<bpmn:association id="as" sourceRef="undo_a" targetRef="undo"/>'
    inner = node(
        "transaction",
        "tx",
        start("s"),
        user("a"),
        boundary("undo_a", "a", event("compensate")),
        user("undo", isForCompensation="true"),
        association,
        node("exclusiveGateway", "g", default="g_fine"),
        end("fine"),
        end("off", event("cancel")),
        flows("s a g fine"),
        flow("g", "off", "=bad"),
    )
    body = (
        start(),
        inner,
        boundary("cancelled", "tx", event("cancel")),
        user("b"),
        user("c"),
        flows("start tx b", "cancelled c"),
    )
    assert Story(diagram(*body)).complete("a", bad=False).active == ["b"]
    story = Story(diagram(*body), restore=True).complete("a", bad=True)
    assert story.active == ["off", "tx", "undo"]
    assert story.complete("undo").active == ["c"]


def test_compensation_undoes_what_was_completed_last_first():
    def task(name: str) -> str:
        return (
            user(name)
            + boundary(f"on_{name}", name, event("compensate"))
            + user(f"undo_{name}", isForCompensation="true")
            + f'<bpmn:association id="as_{name}" sourceRef="on_{name}" targetRef="undo_{name}"/>'
        )

    throw = node("intermediateThrowEvent", "undo", event("compensate"))
    body = (
        start(),
        task("a"),
        task("b"),
        task("never"),
        throw,
        user("after"),
        flows("start a b undo after never"),
    )
    story = Story(diagram(*body), restore=True).complete("a").complete("b")
    assert story.active == ["undo", "undo_b"]
    assert story.complete("undo_b", undone=1).active == ["undo", "undo_a"]
    assert story.complete("undo_a").active == ["after"]
    assert story.variables == {"undone": 1}


@pytest.mark.parametrize(
    ("ordering", "first"), [("Parallel", ["a", "b", "sub"]), ("Sequential", ["a", "sub"])]
)
def test_an_ad_hoc_subprocess_runs_its_activities(ordering, first):
    inner = node(
        "adHocSubProcess",
        "sub",
        user("a"),
        user("b"),
        ordering=ordering,
        extensions=zeebe("adHoc", activeElementsCollection='=["a", "b"]'),
    )
    story = Story(diagram(start(), inner, user("after"), flows("start sub after")), restore=True)
    assert story.active == first
    assert story.complete("a").complete("b").active == ["after"]


def test_links_go_on_at_the_other_end():
    body = (
        start(),
        node("intermediateThrowEvent", "out", event("link", name="next")),
        node("intermediateCatchEvent", "in", event("link", name="next")),
        user("a"),
        flows("start out", "in a"),
    )
    story = Story(diagram(*body))
    assert (story.active, story.taken) == (["a"], ["start_out", "in_a"])


def test_an_ad_hoc_sub_process_with_nothing_to_do_is_left_at_once():
    nothing = zeebe("adHoc", activeElementsCollection="=[]")
    inner = node("adHocSubProcess", "sub", user("a"), extensions=nothing)
    assert Story(diagram(start(), inner, user("b"), flows("start sub b")), restore=True).active == ["b"]


def test_a_sub_process_whose_last_token_has_ended_starts_nothing_any_more():
    """What the last step wrote fulfils the condition of an event sub-process: too late, the scope is over."""
    beside = subprocess(
        "beside",
        start("heard", condition("=done"), isInterrupting="false"),
        user("answer"),
        flows("heard answer"),
        triggeredByEvent="true",
    )
    inner = subprocess("sub", start("s"), user("a"), flows("s a"), beside)
    story = Story(diagram(start(), inner, user("b"), flows("start sub b")), done=False, restore=True)
    assert story.complete("a", done=True).active == ["b"]
    assert story.complete("b").done
