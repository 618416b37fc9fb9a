"""Properties of moved cases: any case can be moved at any moment to a version that differs in words alone, and goes on."""

from __future__ import annotations

from hypothesis import given
from sqlalchemy import select

from engine.runtime import deployments, replay, verifying
from engine.runtime.bundles import Bundle
from engine.runtime.moving import apply, mapping, undo
from engine.store.tables import ProcessDefinition, ProcessInstance
from tests.properties.case import NUMBER, Case
from tests.properties.shapes import blocks, draw
from tests.properties.test_replaying import opened  # noqa: F401 - a fixture
from tests.properties.values import PATHS, SEEDS


@given(block=blocks(), called=blocks(3), seed=SEEDS, path=PATHS)
def test_a_case_that_is_moved_all_the_time_goes_on_as_its_history_says(
    opened,  # noqa: F811
    block,
    called,
    seed,
    path,
):
    with opened() as case:
        case.begin({"p": draw(block, called="q"), "q": draw(called, process="q")}, seed)
        _again(case, {"p": draw(block, called="q"), "q": draw(called, process="q")})
        for step in case.walk(path):
            _moved(case, back=step % 2 == 1)
        engine = case.world.application.engine
        with case.world.session() as session:
            assert list(verifying.verify(session)) == []
            for instance_id in {seen.instance_id for seen in case.seen}:
                replay.check(session, engine, instance_id)
                *_, last = replay.states(session, engine, instance_id)
                blob = session.get_one(ProcessInstance, instance_id).blob
                assert blob in (None, last.execution.dump())


def _again(case: Case, diagrams: dict[str, bytes]) -> None:
    """The same procedures once more, by other names; new instances go on starting on the first version."""
    for key, xml in diagrams.items():
        with case.world.application.commands.begin() as ctx:
            first = ctx.engine.definitions.current(ctx.session, key)
            files = deployments.files(ctx, first.id)
            files["bpmn", f"{key}.bpmn"] = xml.replace(b"isExecutable=", b'name="Again" isExecutable=', 1)
            deployments.deploy(ctx, Bundle(process_key=key, files=files))
            deployments.make_current(ctx, first.id)


def _moved(case: Case, *, back: bool) -> None:
    """Every instance is moved to its other version, and with `back` there and back again."""
    with case.world.application.commands.begin() as ctx:
        running = ctx.session.execute(
            select(ProcessInstance.id, ProcessInstance.definition_id, ProcessDefinition.process_key)
            .join(ProcessDefinition, ProcessDefinition.id == ProcessInstance.definition_id)
            .where(ProcessInstance.business_key == NUMBER, ProcessInstance.state == "active")
        ).all()
    for instance_id, definition_id, key in running:
        with case.world.application.commands.begin() as ctx:
            other = next(each.id for each in deployments.versions(ctx, key) if each.id != definition_id)
            comparison = mapping.compare(ctx, definition_id, other, {})
            before = ctx.session.get_one(ProcessInstance, instance_id).blob
            apply.move(ctx, instance_id, comparison, reason="other words")
        if back:
            with case.world.application.commands.begin() as ctx:
                undo.move_back(ctx, instance_id, reason="a mistake")
            with case.world.session() as session:
                assert session.get_one(ProcessInstance, instance_id).blob == before
