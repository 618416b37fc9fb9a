"""Gateways: every split with every join, and races of events."""

from tests.bpmn.drawing import boundary, condition, event, flow, flows, node, start, subprocess, timer
from tests.conformance.drawn import Story, log
from tests.conformance.shapes import catch, pause, story, throw, waits


def _gateways() -> list[Story]:
    def between(name: str, split: str, join: str, trace: str, **more: object) -> Story:
        """A split into a and b with a condition that holds each, a join, and c."""
        asks = "" if split == "parallelGateway" else "=true"
        return story(
            name,
            start(),
            node(split, "split"),
            log("a"),
            log("b"),
            node(join, "join"),
            log("c"),
            flow("start", "split"),
            flow("split", "a", asks),
            flow("split", "b", asks),
            flows("a join c", "b join"),
            trace=trace,
            **more,
        )

    def raced(name: str, definition: str, raising: str, trace: str) -> Story:
        return story(
            name,
            start(),
            node("parallelGateway", "both"),
            node("eventBasedGateway", "wait"),
            catch("late", timer("PT9S")),
            catch("it", definition),
            pause("soon"),
            raising,
            log("a"),
            log("b"),
            flows("start both wait late a", "wait it b", "both soon raise"),
            trace=trace,
        )

    exclusive, inclusive, parallel = "exclusiveGateway", "inclusiveGateway", "parallelGateway"
    return [
        between("exclusive_exclusive", exclusive, exclusive, "a c"),
        between("exclusive_inclusive", exclusive, inclusive, "a c"),
        between("exclusive_parallel", exclusive, parallel, "a", outcome="waiting"),
        between("inclusive_exclusive", inclusive, exclusive, "a b c c"),
        between("inclusive_inclusive", inclusive, inclusive, "a b c"),
        between("inclusive_parallel", inclusive, parallel, "a b c"),
        between("parallel_exclusive", parallel, exclusive, "a b c c"),
        between("parallel_inclusive", parallel, inclusive, "a b c"),
        between("parallel_parallel", parallel, parallel, "a b c"),
        raced("a_signal_wins", event("signal", signalRef="sig"), throw("raise", event("signal", signalRef="sig")), "b"),
        raced("a_timer_wins", event("signal", signalRef="sig"), log("raise"), "a raise"),
        story(
            "a_condition_wins", start(), node("eventBasedGateway", "wait"), catch("late", timer("PT9S")),
            catch("it", condition("=1 = 1")), log("a"), log("b"), flows("start wait late a", "wait it b"), trace="b",
        ),
        story(
            "joining_and_splitting_at_once", start(), node(parallel, "split"), log("a"), log("b"),
            node(parallel, "both"), log("c"), log("d"), flows("start split a both c", "split b both d"),
            trace="a b c d",
        ),
        story(
            "an_exclusive_gateway_that_joins_and_splits", start(), node(parallel, "split"), log("a"), log("b"),
            node(exclusive, "mixed", default="mixed_d"), log("c"), log("d"),
            flows("start split a mixed d", "split b mixed"), flow("mixed", "c", "=1 > 2"), trace="a b d d",
        ),
        story(
            "an_inclusive_default", start(), node(inclusive, "split", default="split_b"), log("a"), log("b"),
            flow("start", "split"), flow("split", "a", "=false"), flow("split", "b"), trace="b",
        ),
        story(
            "an_inclusive_join_whose_branch_is_ended_by_its_border", start(), node(inclusive, "split"),
            subprocess("sub", waits(9)), boundary("late", "sub", timer("PT2S")), log("aside"), log("b"),
            node(inclusive, "join"), log("c"), flow("start", "split"), flow("split", "sub", "=true"),
            flow("split", "b", "=true"), flows("sub join c", "b join", "late aside"), trace="aside b c",
        ),
        story(
            "a_discriminator", start(), node(parallel, "split"), log("a"), pause("slow"), log("b"),
            node("complexGateway", "one", "<bpmn:activationCondition>=activationCount >= 1</bpmn:activationCondition>"),
            log("c"), flows("start split a one c", "split slow b one"), trace="a b c",
        ),
    ]  # fmt: skip


STORIES = [*_gateways()]
