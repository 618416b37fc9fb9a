"""What the engine has to run, each construct in the smallest diagram that shows it."""

from tests.bpmn.drawing import (
    boundary,
    condition,
    each,
    end,
    event,
    flow,
    flows,
    job,
    node,
    script,
    start,
    subprocess,
    timer,
)
from tests.conformance.drawn import Story, log, process, processes, publishing

TRIGGERS = {
    "message": event("message", messageRef="msg"),
    "timer": timer("PT5S"),
    "signal": event("signal", signalRef="sig"),
    "error": event("error", errorRef="err"),
    "escalation": event("escalation", escalationRef="esc"),
    "conditional": condition("=x = 1"),
}


def catch(id_: str, definition: str, **attributes: str) -> str:
    return node("intermediateCatchEvent", id_, definition, **attributes)


def throw(id_: str, definition: str) -> str:
    return node("intermediateThrowEvent", id_, definition)


def pause(id_: str, duration: str = "PT1S") -> str:
    return catch(id_, timer(duration))


def user(id_: str) -> str:
    """Somebody who never does anything."""
    return node("userTask", id_)


def waits(seconds: int) -> str:
    """The inside of a sub-process that takes its time."""
    return start("in") + pause("long", f"PT{seconds}S") + flows("in long")


def loop(condition_: str = "", **attributes: str) -> str:
    inside = f"<bpmn:loopCondition>{condition_}</bpmn:loopCondition>" if condition_ else ""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<bpmn:standardLoopCharacteristics{given}>{inside}</bpmn:standardLoopCharacteristics>"


def times(count: str, stop: str = "", sequential: bool = False) -> str:
    ends = f"<bpmn:completionCondition>{stop}</bpmn:completionCondition>" if stop else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>{ends}</bpmn:multiInstanceLoopCharacteristics>"
    )


def _raising(kind: str) -> str:
    """Something inside the main flow that makes the trigger happen, and time to listen afterwards."""
    if kind == "error":
        return end("raise", event("error", errorRef="err")) + flows("start raise")
    raised = {
        "message": job("raise", type_="{name}_job"),
        "timer": pause("raise", "PT10S"),
        "signal": throw("raise", event("signal", signalRef="sig")),
        "escalation": throw("raise", event("escalation", escalationRef="esc")),
        "conditional": script("raise", "=1", "x"),
    }[kind]
    return raised + pause("rest") + log("went_on") + end() + flows("start raise rest went_on end")


def event_subprocess(kind: str, interrupting: bool) -> Story:
    name = f"event_subprocess_{kind}_{'interrupting' if interrupting else 'beside'}"
    begin = start("begin", TRIGGERS[kind], isInterrupting=str(interrupting).lower())
    inner = begin + log("caught") + end("done") + flows("begin caught done")
    body = start() + _raising(kind).format(name=name) + subprocess("esp", inner, triggeredByEvent="true")
    more = publishing("raise", f"{name}_job", "msg") if kind == "message" else {}
    tokens = ["caught"] if interrupting else ["caught", "went_on"]
    if kind == "conditional":
        tokens = [*tokens, "raise"]
    return Story(name=name, xml=process(name, body), trace=tokens, more=more)


def on_the_border(kind: str, interrupting: bool) -> Story:
    name = f"boundary_{kind}_{'interrupting' if interrupting else 'beside'}"
    inner = start() + _raising(kind).format(name=name)
    border = boundary("border", "sub", TRIGGERS[kind], cancelActivity=str(interrupting).lower())
    body = (
        start("first")
        + subprocess("sub", inner)
        + border
        + log("caught")
        + log("after")
        + flows("first sub after", "border caught")
    )
    more = publishing("raise", f"{name}_job", "msg") if kind == "message" else {}
    tokens = ["caught"] if interrupting else ["caught", "went_on", "after"]
    if kind == "conditional":
        tokens = [*tokens, "raise"]
    return Story(name=name, xml=process(name, body), trace=tokens, more=more)


def _catching() -> list[Story]:
    stories = [event_subprocess(kind, True) for kind in TRIGGERS] + [on_the_border(k, True) for k in TRIGGERS]
    beside = [kind for kind in TRIGGERS if kind != "error"]
    return stories + [event_subprocess(k, False) for k in beside] + [on_the_border(k, False) for k in beside]


def story(name: str, *body: str, trace: str, **more: object) -> Story:
    outcome = str(more.pop("outcome", "completed"))
    return Story(name=name, xml=process(name, *body), trace=trace.split(), outcome=outcome, more=dict(more))


def _boundaries() -> list[Story]:
    reminded = user("wait") + boundary("ring", "wait", timer(cycle="R3/PT2S"), cancelActivity="false")
    signals = (
        subprocess("sub", waits(9))
        + boundary("heard", "sub", event("signal", signalRef="sig"), cancelActivity="false")
        + throw("once", event("signal", signalRef="sig"))
        + pause("between")
        + throw("twice", event("signal", signalRef="sig"))
        + log("caught")
        + log("after")
    )
    several = subprocess("sub", waits(9), each("=[1, 2, 3]"))
    return [
        story(
            "repeated_reminders",
            start(),
            reminded,
            log("rung"),
            flows("start wait", "ring rung"),
            trace="rung rung rung",
            outcome="waiting",
        ),
        story(
            "signals_are_heard_each_time",
            start(),
            node("parallelGateway", "split"),
            pause("ready"),
            signals,
            flows("start split sub after", "split ready once between twice", "heard caught"),
            trace="caught caught after",
        ),
        story(
            "boundary_on_multi_instance",
            start(),
            several,
            boundary("late", "sub", timer("PT3S")),
            log("cut"),
            log("whole"),
            flows("start sub whole", "late cut"),
            trace="cut",
        ),
        story(
            "error_in_one_repetition_ends_all",
            start(),
            subprocess(
                "sub",
                start("in"),
                node("exclusiveGateway", "which", default="which_fine"),
                end("bad", event("error", errorRef="err")),
                log("fine"),
                flow("in", "which"),
                flow("which", "bad", "=item = 2"),
                flow("which", "fine"),
                each("=[1, 2, 3]", sequential=True),
            ),
            boundary("caught_it", "sub", event("error", errorRef="err")),
            log("mended"),
            flows("start sub", "caught_it mended"),
            trace="fine mended",
        ),
        story(
            "several_definitions_on_a_border",
            start(),
            subprocess("sub", waits(9)),
            boundary("any", "sub", timer("PT3S") + event("signal", signalRef="sig")),
            log("cut"),
            flows("start sub", "any cut"),
            trace="cut",
        ),
        story(
            "all_definitions_on_a_border",
            start(),
            node("parallelGateway", "split"),
            subprocess("sub", waits(9)),
            boundary("all", "sub", timer("PT3S") + event("signal", signalRef="sig"), parallelMultiple="true"),
            pause("ready"),
            throw("call", event("signal", signalRef="sig")),
            log("early"),
            log("cut"),
            flows("start split sub", "split ready call early", "all cut"),
            trace="early cut",
        ),
        story(
            "nearest_catches_the_code_it_names",
            start(),
            subprocess(
                "outer",
                start("o"),
                subprocess("inner", start("i"), end("boom", event("error", errorRef="other")), flows("i boom")),
                boundary("wrong_code", "inner", event("error", errorRef="err")),
                log("inside"),
                flows("o inner", "wrong_code inside"),
            ),
            boundary("right_code", "outer", event("error")),
            log("outside"),
            flows("start outer", "right_code outside"),
            trace="outside",
        ),
    ]


def _compensation() -> list[Story]:
    def undone(task: str) -> str:
        return (
            boundary(f"undo_{task}", task, event("compensate"))
            + log(f"un{task}", isForCompensation="true")
            + node("association", f"as_{task}", sourceRef=f"undo_{task}", targetRef=f"un{task}")
        )

    both = log("a") + undone("a") + log("b") + undone("b")
    inside = subprocess("sub", start("in"), both, end("out"), flows("in a b out"))
    recover = start("rec", event("compensate")) + log("recovered") + flows("rec recovered")
    return [
        story(
            "compensation_by_a_throw",
            start(), both, throw("undo", event("compensate")), log("after"), flows("start a b undo after"),
            trace="a b unb una after",
        ),
        story(
            "compensation_of_one_activity",
            start(), both, throw("undo", event("compensate", activityRef="a")), flows("start a b undo"),
            trace="a b una",
        ),
        story(
            "compensation_by_an_end_event",
            start(), both, end("undo", event("compensate")), flows("start a b undo"),
            trace="a b unb una",
        ),
        story(
            "compensation_of_a_subprocess",
            start(), inside, throw("undo", event("compensate", activityRef="sub")), flows("start sub undo"),
            trace="a b unb una",
        ),
        story(
            "compensation_event_subprocess",
            start(),
            subprocess("sub", start("in"), both, end("out"), flows("in a b out"),
                       subprocess("esp", recover, triggeredByEvent="true")),
            throw("undo", event("compensate", activityRef="sub")),
            flows("start sub undo"),
            trace="a b recovered",
        ),
        story(
            "compensation_event_subprocess_undoes_inside",
            start(),
            subprocess("sub", start("in"), both, end("out"), flows("in a b out"),
                       subprocess("esp", recover, throw("deeper", event("compensate")),
                                  flows("recovered deeper"), triggeredByEvent="true")),
            throw("undo", event("compensate", activityRef="sub")),
            flows("start sub undo"),
            trace="a b recovered unb una",
        ),
        story(
            "a_cancelled_transaction",
            start(),
            node("transaction", "sub", start("in"), both, end("stop", event("cancel")), flows("in a b stop")),
            boundary("cancelled", "sub", event("cancel")),
            log("after"),
            log("never"),
            flows("start sub never", "cancelled after"),
            trace="a b unb una after",
        ),
        story(
            "compensation_of_repetitions",
            start(),
            log("a", times("=2")), undone("a"), throw("undo", event("compensate")), flows("start a undo"),
            trace="a a una",
        ),
        story(
            "nothing_to_compensate",
            start(), throw("early", event("compensate")), both, flows("start early a b"),
            trace="a b",
        ),
    ]  # fmt: skip


def _repeating() -> list[Story]:
    count = "=if n = null then 1 else n + 1"
    return [
        story("loop_maximum", start(), log("a", loop(loopMaximum="3")), flows("start a"), trace="a a a"),
        story(
            "loop_asks_first", start(), log("a", loop("=false", testBefore="true")), log("b"),
            flows("start a b"), trace="b",
        ),
        story(
            "loop_asks_after", start(), log("a", loop("=false", testBefore="false")), log("b"),
            flows("start a b"), trace="a b",
        ),
        story(
            "loop_condition_before_maximum", start(), script("a", count, "n", loop("=n &lt; 2", loopMaximum="5")),
            flows("start a"), trace="a a",
        ),
        story(
            "loop_of_a_subprocess", start(),
            subprocess("sub", start("in"), script("a", count, "n"), flows("in a"), loop("=n &lt; 3")), log("b"),
            flows("start sub b"), trace="a a a b",
        ),
        story("cardinality", start(), log("a", times("=1 + 2")), flows("start a"), trace="a a a"),
        story("cardinality_in_digits", start(), log("a", times("3", sequential=True)), flows("start a"), trace="a a a"),
        story("cardinality_of_none", start(), log("a", times("0")), log("b"), flows("start a b"), trace="b"),
        story(
            "completion_condition", start(),
            log("a", times("5", "=numberOfCompletedInstances >= 2", sequential=True)), log("b"),
            flows("start a b"), trace="a a b",
        ),
        story(
            "completion_condition_ends_the_rest", start(),
            subprocess("sub", start("in"), user("wait"), flows("in wait"),
                       each("=[1, 2]", "<bpmn:completionCondition>=numberOfCompletedInstances &gt; 0</bpmn:completionCondition>")),
            boundary("late", "sub", timer("PT2S")), log("cut"), flows("start sub", "late cut"), trace="cut",
        ),
    ]  # fmt: skip


def _calls() -> list[Story]:
    call = node("callActivity", "call", calledElement="{name}_called")

    def calling(name: str, caller: str, called: str, trace: str, **more: object) -> Story:
        xml = processes(**{name: caller.replace("{name}", name), f"{name}_called": called})
        return Story(name=name, xml=xml, trace=trace.split(), more=dict(more))

    fails = start("in") + end("boom", event("error", errorRef="err")) + flows("in boom")
    escalates = start("in") + end("tell", event("escalation", escalationRef="esc")) + flows("in tell")
    works = start("in") + log("inside") + flows("in inside")
    ends_all = (
        start("in") + node("parallelGateway", "split") + user("wait") + pause("soon")
        + end("all", event("terminate")) + flows("in split wait", "split soon all")
    )  # fmt: skip
    recursive = (
        start() + script("a", "=if n = null then 1 else n + 1", "n")
        + node("exclusiveGateway", "again", default="again_end") + end()
        + node("callActivity", "call", calledElement="recursion") + log("back")
        + flow("start", "a") + flow("a", "again") + flow("again", "call", "=n &lt; 3") + flow("again", "end")
        + flow("call", "back")
    )  # fmt: skip
    return [
        calling("called", start() + call + log("b") + flows("start call b"), works, "inside b"),
        calling(
            "error_of_a_called_process",
            start() + call + boundary("caught", "call", event("error", errorRef="err")) + log("mended") + log("no")
            + flows("start call no", "caught mended"), fails, "mended",
        ),
        calling(
            "error_of_a_called_process_in_an_event_subprocess",
            start() + call + log("no") + flows("start call no")
            + subprocess("esp", start("b", event("error")), log("mended"), flows("b mended"), triggeredByEvent="true"),
            fails, "mended",
        ),
        calling(
            "escalation_of_a_called_process",
            start() + call + boundary("heard", "call", event("escalation", escalationRef="esc"), cancelActivity="false")
            + log("noted") + log("b") + flows("start call b", "heard noted"), escalates, "noted b",
        ),
        calling("termination_stays_inside", start() + call + log("b") + flows("start call b"), ends_all, "b"),
        calling(
            "a_timer_ends_a_called_process",
            start() + call + boundary("late", "call", timer("PT3S")) + log("cut") + flows("start call", "late cut"),
            start("in") + user("wait") + flows("in wait"), "cut",
        ),
        calling(
            "called_once_for_each",
            start() + node("callActivity", "call", each("=[1, 2, 3]"), calledElement="called_once_for_each_called")
            + log("b") + flows("start call b"), works, "inside inside inside b",
        ),
        calling(
            "called_for_each_in_turn",
            start()
            + node("callActivity", "call", each("=[1, 2]", sequential=True), calledElement="called_for_each_in_turn_called")
            + log("b") + flows("start call b"), works, "inside inside b",
        ),
        Story(name="recursion", xml=process("recursion", recursive), trace="a a a back back".split()),
        Story(
            name="a_global_task",
            xml=process(
                "a_global_task", start(), node("callActivity", "call", calledElement="glob"), log("b"),
                flows("start call b"), top=node("globalTask", "glob"),
            ),
            trace=["b"],
        ),
    ]  # fmt: skip


def _starting() -> list[Story]:
    throws = start() + throw("call", event("signal", signalRef="{}")) + log("a") + flows("start call a")
    listens = start("begun", event("signal", signalRef="{}")) + log("b") + flows("begun b")
    told = start("begun", event("message", messageRef="msg")) + log("b") + flows("begun b")
    receives = node("receiveTask", "begun", messageRef="msg", instantiate="true") + log("b") + flows("begun b")
    either = (
        start("plain") + start("begun", event("message", messageRef="msg")) + log("b") + flows("plain b", "begun b")
    )
    asks = start() + job("raise", type_="{}") + flows("start raise")

    def messages(name: str, other: str) -> Story:
        xml = processes(**{name: asks.replace("{}", f"{name}_job"), f"{name}_other": other})
        return Story(name=name, xml=xml, trace=["b"], more=publishing("raise", f"{name}_job", "msg"))

    return [
        Story(
            name="signal_start",
            xml=processes(signal_start=throws.replace("{}", "sig"), signal_started=listens.replace("{}", "sig")),
            trace=["a", "b"],
        ),
        messages("message_start", told),
        messages("receive_task_start", receives),
        messages("one_of_several_starts", either),
        story(
            "a_message_is_kept_until_somebody_waits", start(), job("raise", type_="kept_job"), pause("later"),
            catch("take", event("message", messageRef="msg")), log("b"), flows("start raise later take b"),
            trace="b", **publishing("raise", "kept_job", "msg"),
        ),
    ]  # fmt: skip


def _flowing() -> list[Story]:
    anonymous = "".join(
        f'<bpmn:sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in (("start", "a"), ("a", "b"), ("b", "end"))
    )
    sig = event("signal", signalRef="sig")
    race = (
        start() + node("eventBasedGateway", "wait") + catch("late", timer("PT9S")) + catch("early", timer("PT2S"))
        + node("receiveTask", "told", messageRef="msg") + log("a") + log("b") + log("c")
    )  # fmt: skip
    return [
        story("flows_without_ids", start(), log("a"), log("b"), end(), anonymous, trace="a b"),
        story("no_starts_and_no_ends", log("a"), log("b"), log("c"), flows("a b"), trace="a b c"),
        story("implicit_split_of_a_start", start(), log("a"), log("b"), flows("start a", "start b"), trace="a b"),
        story(
            "implicit_split_and_merge", start(), log("a"), log("b"), log("c"), log("d"),
            flows("start a b d", "a c d"), trace="a b c d d",
        ),
        story(
            "conditions_on_an_activity", start(), log("a", default="a_d"), log("b"), log("c"), log("d"),
            flow("start", "a"), flow("a", "b", "=true"), flow("a", "c", "=1 > 2"), flow("a", "d"), trace="a b",
        ),
        story(
            "links", start(), throw("away", event("link", name="L")), throw("away2", event("link", name="L")),
            catch("here", event("link", name="L")), log("a"), node("parallelGateway", "split"),
            flows("start split away", "split away2", "here a"), trace="a a",
        ),
        story(
            "two_timers_and_a_message", race, flows("start wait late a", "wait early b", "wait told c"), trace="b",
        ),
        story(
            "an_inclusive_join_in_a_loop", start(), node("exclusiveGateway", "merge"),
            script("n", "=if n = null then 1 else n + 1", "n"), node("inclusiveGateway", "split"), log("a"), log("b"),
            node("inclusiveGateway", "join"), node("exclusiveGateway", "again", default="again_end"), end(),
            flows("start merge n split", "a join again", "b join"),
            flow("split", "a", "=true"), flow("split", "b", "=n = 2"),
            flow("again", "merge", "=n &lt; 3"), flow("again", "end"), trace="n n n a a a b",
        ),
        story(
            "an_inclusive_join_after_an_exclusive_choice", start(), node("inclusiveGateway", "split"),
            node("exclusiveGateway", "x", default="x_join"), log("a"), pause("slow"), node("inclusiveGateway", "join"),
            log("b"), log("aside"), flows("start split", "slow join b", "a aside"), flow("split", "x", "=true"),
            flow("split", "slow", "=true"), flow("x", "a", "=true"), flow("x", "join"), trace="a aside b",
        ),
        story(
            "termination_of_a_subprocess", start(),
            subprocess("sub", start("in"), node("parallelGateway", "split"), user("wait"), pause("soon"),
                       end("all", event("terminate")), flows("in split wait", "split soon all")),
            log("b"), flows("start sub b"), trace="b",
        ),
        story(
            "termination_of_the_whole", start(), node("parallelGateway", "split"),
            subprocess("sub", start("in"), user("wait"), flows("in wait")), pause("soon"),
            end("all", event("terminate")), log("never"), flows("start split sub never", "split soon all"), trace="",
        ),
        story(
            "a_signal_of_an_end_event", start(), node("parallelGateway", "split"), catch("heard", sig), log("a"),
            pause("soon"), end("tell", sig), flows("start split heard a", "split soon tell"), trace="a",
        ),
        story(
            "all_of_several_events", start(), node("parallelGateway", "split"),
            catch("both", timer("PT4S") + sig, parallelMultiple="true"), log("a"), pause("soon"), throw("tell", sig),
            flows("start split both a", "split soon tell"), trace="a",
        ),
        story(
            "any_of_several_events", start(), catch("any", timer("PT4S") + sig), log("a"), flows("start any a"),
            trace="a",
        ),
        story(
            "a_date_in_the_past", start(), catch("then", timer(date="2020-01-01T00:00:00Z")), log("a"),
            flows("start then a"), trace="a",
        ),
        story(
            "an_error_in_a_transaction", start(),
            node("transaction", "sub", start("in"), end("boom", event("error", errorRef="err")), flows("in boom")),
            boundary("caught", "sub", event("error", errorRef="err")), log("a"), flows("start sub", "caught a"),
            trace="a",
        ),
        story(
            "an_escalation_nobody_hears", start(), throw("tell", event("escalation", escalationRef="esc")), log("a"),
            flows("start tell a"), trace="a",
        ),
        story(
            "an_error_nobody_catches", start(), end("boom", event("error", errorRef="err")), flows("start boom"),
            trace="", outcome="error_thrown", element="boom", error_code="E1",
        ),
        story(
            "nothing_holds", start(), node("exclusiveGateway", "x"), log("a"), log("b"), flow("start", "x"),
            flow("x", "a", "=false"), flow("x", "b", "=false"), trace="", outcome="incident", element="x",
        ),
        story(
            "a_data_object", start(), node("dataObject", "data"), log("a"), flows("start a"), trace="a",
        ),
        story(
            "an_interrupting_event_subprocess_beside_another", start(), user("wait"), flows("start wait"),
            subprocess("note", start("n", timer("PT2S"), isInterrupting="false"), log("noted"), flows("n noted"),
                       triggeredByEvent="true"),
            subprocess("stop", start("s", timer("PT4S")), log("stopped"), flows("s stopped"), triggeredByEvent="true"),
            trace="noted stopped",
        ),
    ]  # fmt: skip


STORIES = [*_catching(), *_boundaries(), *_compensation(), *_repeating(), *_calls(), *_starting(), *_flowing()]
