"""Every shipped scenario, taken once more through the version it ran on, goes as it went."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from config.settings import Settings
from engine.aftersales import numbers
from engine.backtests.outcome import outcome
from engine.backtests.past import read_all
from engine.runtime import bundles
from engine.scenarios import given, runner, world
from engine.scenarios.stage import Stage
from engine.store.tables import ProcessInstance


@pytest.mark.timeout(600)
def test_every_finished_scenario_goes_through_its_own_version_as_it_went(
    database_url: str, settings: Settings
):
    stories = runner.from_folder(settings.processes_dir / "scenarios")
    shipped = bundles.from_folders(settings.processes_dir, settings.forms_dir)
    done, otherwise = 0, []
    with world.opened(settings, database_url) as stage_world:
        assert world.furnish(stage_world, shipped) == []
        engine = stage_world.application.engine
        for scenario in stories:
            with stage_world.connection.begin_nested() as savepoint:
                stage_world.clock.set(scenario.clock)
                stage_world.queue.work.clear()
                stage = Stage(stage_world, scenario)
                with stage_world.session() as session:
                    numbers.restart(session, "case")
                    given.create(session, scenario.given, now=scenario.clock)
                for step in scenario.before:
                    runner.act(stage, step)
                stage.start()
                for step in scenario.steps:
                    runner.act(stage, step)
                with stage_world.session() as session:
                    ended = select(ProcessInstance.id).where(ProcessInstance.ended_at.is_not(None))
                    for past in read_all(
                        session, engine, session.scalars(ended.order_by(ProcessInstance.id)).all()
                    ):
                        found = outcome(past, past.definition, engine)
                        done += 1
                        if not found.same:
                            otherwise.append((scenario.name, past.definition.key, found))
                savepoint.rollback()
    assert done > len(stories)
    assert otherwise == []
