"""What begins an instance, and what leads from element to element."""

from tests.bpmn.drawing import boundary, end, event, flow, flows, job, node, script, start, subprocess, timer
from tests.conformance.drawn import Story, log, processes, publishing
from tests.conformance.shapes import catch, pause, story, throw, user


def _starting() -> list[Story]:
    throws = start() + throw("call", event("signal", signalRef="{}")) + log("a") + flows("start call a")
    listens = start("begun", event("signal", signalRef="{}")) + log("b") + flows("begun b")
    told = start("begun", event("message", messageRef="msg")) + log("b") + flows("begun b")
    receives = (
        node("receiveTask", "begun", messageRef="msg", instantiate="true") + log("b") + flows("begun b")
    )
    either = (
        start("plain")
        + start("begun", event("message", messageRef="msg"))
        + log("b")
        + flows("plain b", "begun b")
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
        f'<bpmn:sequenceFlow sourceRef="{a}" targetRef="{b}"/>'
        for a, b in (("start", "a"), ("a", "b"), ("b", "end"))
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


STORIES = [*_starting(), *_flowing()]
