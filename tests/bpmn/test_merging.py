"""Variables of branches: apart while they run, merged three ways where they meet."""

import pytest

from engine.bpmn.variables import MISSING, Irreconcilable, changes, merge, place, same
from tests.bpmn.drawing import diagram, each, end, flows, mappings, node, start, subprocess, user
from tests.bpmn.running import Story


def fork(*more: str, after: str = "join") -> bytes:
    return diagram(
        start(),
        node("parallelGateway", "split"),
        user("a"),
        user("b"),
        node("parallelGateway", "join"),
        user("after"),
        flows("start split a join after", "split b join"),
        *more,
    )


def test_a_branch_that_finishes_last_does_not_undo_what_the_other_wrote():
    story = Story(fork(), x=1, restore=True).complete("a", x=2).complete("b", y=3)
    assert story.variables == {"x": 2, "y": 3}


def test_branches_do_not_see_each_other_before_they_meet():
    story = Story(fork(), x=1, restore=True).complete("a", x=2)
    assert story.execution.variables(story.activity("b")) == {"x": 1}


def test_two_values_for_one_variable_stop_at_the_join_and_name_both_writers():
    story = Story(fork(), x=1, restore=True).complete("a", x=2).complete("b", x=3)
    (incident,) = story.incidents
    assert (incident.element_id, incident.kind) == ("join", "conflict")
    assert (incident.params["variable"], incident.params["writers"]) == ("x", ["a", "b"])
    story.execution.set_variables({"x": 9})
    story.settle()
    story.execution.retry(incident.activity_id)
    assert story.settle().active == ["after"]
    assert story.variables == {"x": 9}


def test_the_same_value_twice_is_no_conflict():
    assert Story(fork(), restore=True).complete("a", x=[1]).complete("b", x=[1]).active == ["after"]


def test_objects_are_merged_key_by_key():
    story = Story(fork(), case={"id": 1, "state": "new"}, restore=True)
    story.complete("a", case={"id": 1, "state": "paid"}).complete(
        "b", case={"id": 1, "state": "new", "note": "!"}
    )
    assert story.variables == {"case": {"id": 1, "state": "paid", "note": "!"}}


def test_changing_a_nested_value_in_one_branch_leaves_the_other_alone():
    nested = {"list": [1]}
    story = Story(fork(), case=nested, restore=True).complete("a", case={"list": [1, 2]})
    assert story.execution.variables(story.activity("b")) == {"case": {"list": [1]}}
    assert nested == {"list": [1]}


def nested_fork() -> bytes:
    return diagram(
        start(),
        node("parallelGateway", "s1"),
        user("x"),
        node("parallelGateway", "s2"),
        user("a"),
        user("b"),
        user("c"),
        node("parallelGateway", "j2"),
        node("parallelGateway", "j1"),
        user("after"),
        flows("start s1 x s2 a j2 j1 after", "s2 b j2", "s1 c j1"),
    )


def test_what_was_written_before_an_inner_fork_counts_for_the_outer_join():
    story = (
        Story(nested_fork(), v=0, w=0, restore=True).complete("x", v=1).complete("a", w=1).complete("b", z=1)
    )
    assert story.complete("c").active == ["after"]
    assert story.variables == {"v": 1, "w": 1, "z": 1}


def test_an_inner_branch_may_change_again_what_was_written_before_it_parted():
    story = (
        Story(nested_fork(), v=0, restore=True)
        .complete("x", v=1)
        .complete("a", v=2)
        .complete("b")
        .complete("c")
    )
    assert story.variables == {"v": 2}


def test_the_outer_join_still_finds_the_conflict_of_an_inner_branch():
    story = (
        Story(nested_fork(), v=0, restore=True)
        .complete("x")
        .complete("a", v=2)
        .complete("b")
        .complete("c", v=5)
    )
    assert [(i.element_id, i.params["writers"]) for i in story.incidents] == [("j1", ["a", "c"])]


def test_three_branches_of_which_two_meet_first():
    body = (
        start(),
        node("parallelGateway", "s"),
        user("a"),
        user("b"),
        user("c"),
        node("parallelGateway", "j1"),
        node("parallelGateway", "j2"),
        user("after"),
        flows("start s a j1 j2 after", "s b j1", "s c j2"),
    )
    story = Story(diagram(*body), restore=True).complete("a", a=1).complete("b", b=1).complete("c", c=1)
    assert story.variables == {"a": 1, "b": 1, "c": 1}


def open_ends() -> bytes:
    return diagram(
        start(),
        node("parallelGateway", "s"),
        user("a"),
        user("b"),
        end("e1"),
        end("e2"),
        flows("start s a e1", "s b e2"),
    )


def test_branches_that_never_meet_leave_everything_behind():
    story = Story(open_ends(), restore=True).complete("a", a=1).complete("b", b=2)
    assert story.done
    assert story.variables == {"a": 1, "b": 2}


def test_a_branch_that_ended_is_seen_by_those_that_go_on():
    story = Story(open_ends(), restore=True).complete("a", x=1)
    assert story.execution.variables(story.activity("b")) == {"x": 1}
    assert story.complete("b", x=2).variables == {"x": 2}


def test_branches_that_contradict_each_other_at_their_ends_are_an_incident():
    inner = (
        start("s"),
        node("parallelGateway", "g"),
        user("a"),
        user("b"),
        user("b2"),
        flows("s g a", "g b b2"),
    )
    story = Story(diagram(start(), subprocess("sub", *inner), flows("start sub")), restore=True)
    story.complete("b", x=1).complete("a", x=2)
    assert [(i.element_id, i.kind, i.params["writers"]) for i in story.incidents] == [
        ("a", "conflict", ["b", "a"])
    ]


def test_what_an_operator_sets_ends_a_contradiction_at_the_ends():
    story = Story(open_ends(), restore=True).complete("a").complete("b", x=1)
    assert story.variables == {"x": 1}
    inner = (
        start("s"),
        node("parallelGateway", "g"),
        user("a"),
        user("b"),
        user("b2"),
        flows("s g a", "g b b2"),
    )
    story = Story(diagram(start(), subprocess("sub", *inner), flows("start sub")), restore=True)
    story.complete("b", x=1).complete("a", x=2)
    story.execution.set_variables({"x": 9})
    assert story.settle().retry("a").complete("b2").done
    assert story.variables == {"x": 9}


def repeated(*more: str) -> bytes:
    return diagram(start(), user("a", each("=[1, 2]"), *more), user("after"), flows("start a after"))


def test_repetitions_at_once_may_change_one_object_at_different_keys():
    story = Story(repeated(), case={"n": 0}, restore=True)
    first, second = [a.id for a in story.execution.active() if a.element_type == "userTask"]
    story.complete("a", first, case={"n": 0, "x": 1}).complete("a", second, case={"n": 0, "y": 2})
    assert story.variables == {"case": {"n": 0, "x": 1, "y": 2}}


def test_what_an_operator_sets_ends_a_contradiction_of_repetitions():
    story = Story(repeated(), restore=True)
    first, second = [a.id for a in story.execution.active() if a.element_type == "userTask"]
    story.complete("a", first, x=1).complete("a", second, x=2)
    (incident,) = story.incidents
    assert (incident.kind, incident.params["writers"]) == ("conflict", ["a", "a"])
    story.execution.set_variables({"x": 9})
    story.settle().execution.retry(incident.activity_id)
    assert story.settle().active == ["after"]
    assert story.variables == {"x": 9}


@pytest.mark.parametrize(("left", "right"), [([1, 2], [1, 3]), ({"k": [1]}, {"k": [2]}), ({"k": 1}, [2])])
def test_lists_and_equal_keys_cannot_be_merged(left, right):
    story = Story(fork(), x=[1], restore=True).complete("a", x=left).complete("b", x=right)
    assert [i.params["variable"] for i in story.incidents] == ["x"]


def test_a_key_that_one_branch_removed_and_the_other_left_alone_is_removed():
    story = (
        Story(fork(), x={"k": 1, "l": 2}, restore=True)
        .complete("a", x={"l": 2})
        .complete("b", x={"k": 1, "l": 3})
    )
    assert story.variables == {"x": {"l": 3}}


def test_branches_of_an_inclusive_gateway_and_of_sub_processes_contradict_each_other_alike():
    body = (
        start(),
        node("inclusiveGateway", "split"),
        subprocess("one", start("s"), user("a"), flows("s a")),
        subprocess("two", start("t"), user("b"), flows("t b")),
        node("inclusiveGateway", "join"),
        user("after"),
        flows("start split one join after", "split two join"),
    )
    story = Story(diagram(*body), x=0, y={}, restore=True)
    story.complete("a", x=1, y={"a": 1}).complete("b", x=2, y={"b": 1})
    assert [(i.element_id, i.params["writers"]) for i in story.incidents] == [("join", ["one", "two"])]


def test_mapping_outputs_apart_is_the_way_out():
    body = (
        start(),
        node("parallelGateway", "split"),
        user("a", extensions=mappings(output=("=x", "fromA"))),
        user("b", extensions=mappings(output=("=x", "fromB"))),
        node("parallelGateway", "join"),
        user("after"),
        flows("start split a join after", "split b join"),
    )
    assert Story(diagram(*body)).complete("a", x=1).complete("b", x=2).variables == {"fromA": 1, "fromB": 2}


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, True, False),
        (1, 1.0, True),
        ([1], [True], False),
        ({"a": 1}, {"a": 1}, True),
        (None, MISSING, False),
    ],
)
def test_values_are_compared_as_json(left, right, equal):
    assert same(left, right) is equal


def test_merging_one_value():
    assert merge(1, 1, 2) == 2
    assert merge(MISSING, {"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    assert merge({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"b": 1}) == {"b": 1}
    with pytest.raises(Irreconcilable):
        merge([1], [1, 2], [1, 3])


def test_placing_a_nested_value_copies_what_is_on_the_way():
    inner = {"b": 1}
    variables = {"a": inner}
    place(variables, "a.c", 2)
    assert (variables, inner) == ({"a": {"b": 1, "c": 2}}, {"b": 1})


def test_changes_leave_out_what_is_asked():
    assert changes({"a": 1, "b": 1}, {"a": 1, "b": 2, "c": 3}, without=["c"]) == {"b": 2}


def test_the_variables_of_an_instance_are_those_of_its_tokens_together():
    body = start(), user("first"), user("a"), user("b"), flows("start first a", "first b")
    story = Story(diagram(*body), x=0, restore=True).complete("first", x=1)
    assert story.variables == {"x": 1}
    inner = subprocess("sub", start("s"), user("u"), user("v"), flows("s u v"))
    story = Story(diagram(start(), inner, user("b"), flows("start sub", "start b")), x=0, restore=True)
    assert story.complete("u", x=5).variables == {"x": 5}
