"""Running cases of return and refund and of repair, at every point where they wait, moved to versions with changed steps.

`make moves CASES=1000` plays as many as asked; here it is a few of each.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select, text

from engine.runtime import deployments, replay, verifying
from engine.runtime.bundles import from_folders
from engine.runtime.moving import mapping, plan, runs, undo
from engine.runtime.moving.plan import Choice
from engine.runtime.moving.reasons import read
from engine.scenarios import world
from engine.scenarios.files import read as scenarios_of
from engine.store.tables import MovedInstance, MoveItem, ProcessDefinition, ProcessInstance
from engine.worker import perform
from tests.conftest import MONDAY, ROOT
from tests.moving.conftest import SEEN
from tests.moving.crowd import Crowd, Stopped
from tests.moving.versions import following
from tests.properties.worlds import Worlds

CASES = int(os.environ.get("AFTERCARE_MOVES", "40"))
PROCEDURES = ("return_and_refund", "repair")


def test_a_crowd_is_moved_stands_again_as_before_when_moved_back_and_finishes_on_the_new_version(
    database, settings
):
    bundles = {each.process_key: each for each in from_folders(ROOT / "processes", ROOT / "forms")}
    stories = [each for each in scenarios_of(ROOT / "processes" / "scenarios") if each.process in PROCEDURES]
    with Worlds(settings, database).opened(MONDAY) as opened:
        assert world.furnish(opened, list(bundles.values())) == []
        crowd = Crowd(opened)
        stopped = crowd.gather(stories, CASES)
        first = _running(opened)
        keys = sorted({key for key, _ in first.values()})
        steps = {step for each in first for step in _steps(opened, each)}

        nexts = {key: following(bundles[key]) for key in keys}
        versions = {key: _deploy(opened, each.bundle, set(bundles)) for key, each in nexts.items()}
        for each in nexts.values():
            crowd.names |= each.renamed | each.replaced
        before = _seen(opened)

        there = [_move(opened, versions[key], nexts[key].renamed) for key in keys]
        moved, refused = _told(opened, there)
        assert len(moved) + len(refused) == len(first)
        assert all(refused.values())
        assert moved

        for run in there:
            _do(opened, runs.begin_back, run, reason="a mistake")
            _work(opened)
        assert _seen(opened) == before
        for key in keys:
            _move(opened, versions[key], nexts[key].renamed)
        again = {id_ for id_, (key, version) in _running(opened).items() if version == versions[key][1]}
        assert again == moved

        unfinished = {each.number: why for each in stopped for why in [crowd.finish(each)] if why}
        _sound(opened, first)
        # What does not come out as written is played again as if nothing had been moved.
        at_fault = {
            each.number: unfinished[each.number]
            for each in stopped
            if each.number in unfinished and not _unmoved(opened, crowd, each)
        }
        assert at_fault == {}
    _tell(stopped, keys, steps, moved, refused, crowd)


def _unmoved(opened: world.World, crowd: Crowd, stopped: Stopped) -> str:
    """How the case ends when it is moved back first; nothing where it ends as its scenario says."""
    with opened.connection.begin_nested() as attempt:
        ids = select(ProcessInstance.id).join(MovedInstance, MovedInstance.instance_id == ProcessInstance.id)
        with opened.session() as session:
            theirs = session.scalars(ids.where(ProcessInstance.business_key == stopped.number)).all()
        for instance in theirs:
            _do(opened, undo.move_back, instance, reason="to compare")
        why = crowd.finish(stopped)
        attempt.rollback()
    if why:
        crowd.left_out.add(why)
    return why


def _do(opened: world.World, command: Any, *args: Any, **kwargs: Any) -> Any:
    with opened.application.commands.begin() as ctx:
        return command(ctx, *args, **kwargs)


def _work(opened: world.World) -> None:
    while opened.queue.work:
        item = opened.queue.work.pop(0)
        perform(opened.application.commands, item.kind, item.id)


def _deploy(opened: world.World, bundle: Any, keys: set[str]) -> tuple[int, int]:
    """(the version there was, the next one)"""

    def deploying(ctx: Any) -> tuple[int, int]:
        old = ctx.session.scalars(
            select(ProcessDefinition.id).where(
                ProcessDefinition.process_key == bundle.process_key, ProcessDefinition.is_current
            )
        ).one()
        return old, deployments.deploy(ctx, bundle, together_with=keys)[0].id

    return _do(opened, deploying)


def _move(opened: world.World, versions: tuple[int, int], names: dict[str, str]) -> int:
    """Everything that stands on the old version, as one run on the queue."""

    def beginning(ctx: Any) -> int:
        comparison = mapping.compare(ctx, *versions, names)
        planned = plan.plan(ctx, comparison, Choice())
        return runs.begin(ctx, comparison, planned, reason="changed steps").id

    run = _do(opened, beginning)
    _work(opened)
    return run


def _running(opened: world.World) -> dict[int, tuple[str, int]]:
    """Instance -> (procedure, version)."""
    with opened.session() as session:
        return {
            row.id: (row.process_key, row.definition_id)
            for row in session.execute(
                select(ProcessInstance.id, ProcessInstance.process_key, ProcessInstance.definition_id)
                .where(ProcessInstance.state == "active")
                .order_by(ProcessInstance.id)
            )
        }


def _steps(opened: world.World, instance: int) -> set[tuple[str, str]]:
    with opened.session() as session:
        row = session.get_one(ProcessInstance, instance)
        rows = session.execute(
            text(
                "SELECT element_id FROM user_task WHERE instance_id = :id AND state = 'created'"
                " UNION SELECT element_id FROM timer WHERE instance_id = :id"
                " UNION SELECT element_id FROM message_subscription WHERE instance_id = :id"
                " UNION SELECT element_id FROM job WHERE instance_id = :id AND ended_at IS NULL"
            ),
            {"id": instance},
        )
        return {(row.process_key, element) for (element,) in rows}


def _seen(opened: world.World) -> dict[int, bytes]:
    """Everything there is to see of each instance but its history and its count of commands."""
    told: dict[int, list[Any]] = {}
    with opened.session() as session:
        for row in session.scalars(select(ProcessInstance).order_by(ProcessInstance.id)):
            blob = (row.blob or b"").hex()
            told[row.id] = [blob, row.definition_id, row.state, row.variables]
        for table in SEEN:
            query = text(f"SELECT instance_id, to_jsonb(t) FROM {table} t ORDER BY id")
            for instance, row in session.execute(query):
                told[instance].append([table, row])
    return {id_: orjson.dumps(seen, option=orjson.OPT_SORT_KEYS) for id_, seen in told.items()}


def _told(opened: world.World, ran: list[int]) -> tuple[set[int], dict[int, list[str]]]:
    """(instances that were moved, those that were refused with the reasons)"""
    with opened.session() as session:
        items = session.scalars(select(MoveItem).where(MoveItem.move_id.in_(ran))).all()
        assert {item.state for item in items} <= {"moved", "refused"}
        moved = {item.instance_id for item in items if item.state == "moved"}
        refused = {
            item.instance_id: [read(why).sentence for why in item.reasons]
            for item in items
            if item.state == "refused"
        }
    return moved, refused


def _sound(opened: world.World, instances: Any) -> None:
    """Every history verifies, and what it holds leads to the states there are."""
    with opened.session() as session:
        assert list(verifying.verify(session)) == []
        for instance in instances:
            replay.check(session, opened.application.engine, instance)


def _tell(
    stopped: list[Stopped],
    keys: list[str],
    steps: set[tuple[str, str]],
    moved: set[int],
    refused: dict[int, list[str]],
    crowd: Crowd,
) -> None:
    """Figures into var/moves.json."""
    why = Counter(sentence for sentences in refused.values() for sentence in sentences)
    figures = {
        "cases": len(stopped),
        "instances": len(moved) + len(refused),
        "procedures": keys,
        "waiting points": len({(each.scenario.name, each.steps) for each in stopped}),
        "waiting elements": len(steps),
        "moved": len(moved),
        "refused": len(refused),
        "reasons": dict(why.most_common()),
        "left out": sorted(crowd.left_out),
    }
    Path(ROOT / "var").mkdir(exist_ok=True)
    Path(ROOT / "var" / "moves.json").write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
