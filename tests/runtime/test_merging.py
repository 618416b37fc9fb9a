"""Branches that contradict each other, on the real engine: an incident that an operator can end."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.runtime import deployments, incidents, instances, replay, user_tasks
from engine.runtime.bundles import Bundle
from engine.store.tables import Incident, UserTask
from tests.bpmn.drawing import diagram, each, flows, mappings, node, start, subprocess, user

FORM = b'{"id": "form", "type": "default", "schemaVersion": 18, "components": []}'


def fork(gateway: str, *ways: str) -> bytes:
    """Two ways from a gateway to its join, and a step after it."""
    return diagram(
        start(),
        node(gateway, "split"),
        *ways,
        node(gateway, "join"),
        user("after"),
        flows("start split p join after", "split q join"),
        process="fork",
    )


PLAIN = user("p"), user("q")
INSIDE = (
    subprocess("p", start("s"), user("a"), flows("s a")),
    subprocess("q", start("t"), user("b"), flows("t b")),
)
APART = (
    user("p", extensions=mappings(output=("=x", "fromP"))),
    user("q", extensions=mappings(output=("=x", "fromQ"))),
)
REPEATED = diagram(start(), user("p", each("=[1, 2]")), user("after"), flows("start p after"), process="fork")
#: One branch ends while the other goes on.
ENDS = diagram(
    start(), user("p"), user("q"), user("after"), flows("start p", "start q after"), process="fork"
)


@pytest.fixture
def begin(office):
    def beginning(xml: bytes, **variables) -> int:
        with office.app.commands.begin() as ctx:
            files = {("bpmn", "fork.bpmn"): xml, ("form", "form.form"): FORM}
            deployments.deploy(ctx, Bundle(process_key="fork", files=files))
        return office.start("fork", **variables)

    return beginning


def answer(office, *answers: tuple[str, dict]) -> None:
    for element, values in answers:
        office.do("li.na", user_tasks.complete, office.task(element).id, values)


def stuck(office) -> list[Incident]:
    with office.app.database.begin() as session:
        return list(session.execute(select(Incident).where(Incident.resolved_at.is_(None))).scalars())


@pytest.mark.parametrize(
    ("xml", "answers", "writers"),
    [
        (fork("parallelGateway", *PLAIN), ("p", "q"), ["p", "q"]),
        (fork("inclusiveGateway", *PLAIN), ("p", "q"), ["p", "q"]),
        (fork("parallelGateway", *INSIDE), ("a", "b"), ["p", "q"]),
        (ENDS, ("q", "p"), ["q", "p"]),
    ],
    ids=["parallel", "inclusive", "sub-processes", "ends"],
)
def test_an_incident_names_both_writers_and_goes_once_the_operator_has_set_the_value(
    office, begin, xml, answers, writers
):
    instance = begin(xml, x=0)
    answer(office, *((element, {"x": number}) for number, element in enumerate(answers, start=1)))

    (incident,) = stuck(office)
    assert (incident.kind, incident.params) == ("conflict", {"variable": "x", "writers": writers})
    assert all(name in incident.message for name in ("x", *writers))

    office.do("admin", instances.set_variables, instance, {"x": 9}, reason="the second was a slip")
    office.do("admin", incidents.retry, incident.id, reason="agreed on 9")
    assert (stuck(office), office.open_tasks()) == ([], ["after"])
    assert office.instance(instance).variables == {"x": 9}
    with office.app.database.begin() as session:
        replay.check(session, office.app.engine, instance)


def test_repetitions_that_contradict_each_other_are_mended_alike(office, begin):
    instance = begin(REPEATED)
    answer(office, ("p", {"x": 1}))
    with office.app.database.begin() as session:
        left = session.execute(select(UserTask.id).where(UserTask.state == "created")).scalar_one()
    office.do("li.na", user_tasks.complete, left, {"x": 2})

    (incident,) = stuck(office)
    assert (incident.kind, incident.params["writers"]) == ("conflict", ["p", "p"])
    office.do("admin", instances.set_variables, instance, {"x": 9}, reason="agreed")
    office.do("admin", incidents.retry, incident.id)
    assert (stuck(office), office.open_tasks()) == ([], ["after"])
    assert office.instance(instance).variables == {"x": 9}


def test_retrying_without_a_decision_gives_the_incident_anew(office, begin):
    begin(fork("parallelGateway", *PLAIN), x=0)
    answer(office, ("p", {"x": 1}), ("q", {"x": 2}))
    (first,) = stuck(office)
    office.do("admin", incidents.retry, first.id)
    (second,) = stuck(office)
    assert second.id != first.id
    assert second.params["writers"] == ["p", "q"]


@pytest.mark.parametrize(
    ("ways", "left", "right", "together"),
    [
        (APART, {"x": 1}, {"x": 2}, {"claim": {"n": 0}, "fromP": 1, "fromQ": 2}),
        (PLAIN, {"claim": {"n": 0, "a": [1]}}, {"claim": {"n": 5}}, {"claim": {"n": 5, "a": [1]}}),
        (PLAIN, {"y": [1, 2]}, {"y": [1, 2]}, {"claim": {"n": 0}, "y": [1, 2]}),
        (
            INSIDE,
            {"claim": {"n": 0, "a": 1}},
            {"claim": {"n": 0, "b": 2}},
            {"claim": {"n": 0, "a": 1, "b": 2}},
        ),
    ],
    ids=["mapped apart", "different keys", "the same", "inside sub-processes"],
)
def test_what_does_not_contradict_is_put_together(office, begin, ways, left, right, together):
    instance = begin(fork("parallelGateway", *ways), claim={"n": 0})
    first, second = ("a", "b") if ways is INSIDE else ("p", "q")
    answer(office, (second, right), (first, left))
    assert (stuck(office), office.open_tasks()) == ([], ["after"])
    assert office.instance(instance).variables == together
