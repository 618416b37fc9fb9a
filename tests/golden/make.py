"""Write the golden instances of this release: `python -m tests.golden.make`. Files that are there already stay as they are.

A file once released is never written again: it is what a later release has to be able to read.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import settings as settings_module
from config.settings import Settings
from engine.aftersales import numbers
from engine.runtime.bundles import from_folders
from engine.scenarios import given, runner
from engine.scenarios.files import Scenario
from engine.scenarios.stage import Stage
from engine.scenarios.world import World, furnish
from engine.store import embedded, migrate
from engine.store.base import Base
from engine.store.database import Database
from engine.store.tables import Incident, ProcessInstance
from tests.conftest import MONDAY, ROOT
from tests.golden import rows
from tests.golden.files import FOLDER, Golden, write
from tests.golden.going_on import GoingOn, ended_as_then, load
from tests.properties.case import NUMBER, Case
from tests.properties.shapes import Block, draw
from tests.properties.worlds import Worlds

#: Procedures of which one scenario each is put down half way.
SHIPPED = ("return_and_refund", "exchange", "complaint")
USER: Block = ("user", [])
#: Small diagrams by what they are about: (diagram, the one it calls).
SMALL: dict[str, tuple[Block, Block]] = {
    "people_at_once": (("sequence", [("users at once", []), USER]), USER),
    "people_one_by_one": (("sub", [("users one by one", []), USER]), USER),
    "timers": (("parallel", [("cycle beside", []), ("timer", []), ("date timer", [])]), USER),
    "messages": (("sequence", [("race", [USER]), ("message", []), ("message beside", [])]), USER),
    "signals_and_conditions": (("sequence", [("signal", []), ("condition instead", []), USER]), USER),
    "signals": (("parallel", [("signal", []), ("signal beside", []), USER]), USER),
    "conflict": (("parallel", [USER, USER, ("job", [])]), USER),
    "jobs": (("sequence", [("jobs at once", []), ("mapped job", []), ("error instead", [])]), USER),
    "calls": (("parallel", [("call", []), ("call escalation instead", [])]), ("users until", [])),
    "event_sub_processes": (("parallel", [("message inside beside", []), ("timer inside", [])]), USER),
    "undoing": (("sequence", [("compensated", []), ("transaction", [])]), USER),
    "loops": (("loop", [("again", []), ("decision", []), ("inclusive", [USER, USER])]), USER),
}
#: Incidents that have to be open where these are put down.
STUCK = {"conflict", "jobs"}
#: So many random paths are tried for one that is long enough, ends well and can be gone again.
PATHS = 400


@dataclass(frozen=True)
class Snapshot:
    """A case as it stood, and how much had happened."""

    rows: dict[str, list[Any]]
    happened: int
    active: bool
    stuck: bool


def look(session: Session, case: str) -> Snapshot:
    """The case as it stands: its first instance and those that one called."""
    root = _root(session, case)
    open_incidents = select(Incident.id).where(Incident.root_id == root.id, Incident.resolved_at.is_(None))
    return Snapshot(
        rows=rows.taken(session, root.id),
        happened=len(rows.history(session, root.id)),
        active=root.state == "active",
        stuck=session.execute(open_incidents).first() is not None,
    )


def _root(session: Session, case: str) -> ProcessInstance:
    found = select(ProcessInstance).where(ProcessInstance.business_key == case).order_by(ProcessInstance.id)
    return session.execute(found.limit(1)).scalar_one()


def small(worlds: Worlds, name: str) -> Iterator[Golden]:
    """Random paths through a small diagram, each put down half way, that came to their end."""
    block, called = SMALL[name]
    for path in range(PATHS):
        with worlds.opened(MONDAY) as world:
            case = Case(world)
            case.begin({"p": draw(block, called="q"), "q": draw(called, process="q")}, 1)
            seen = []
            for _ in case.walk(path):
                with world.session() as session:
                    seen.append(look(session, NUMBER))
            golden = _put_down(world, name, NUMBER, seen, stuck=name in STUCK)
        if golden:
            yield golden


def shipped(worlds: Worlds, process: str, scenarios: list[Scenario]) -> Iterator[Golden]:
    """Scenarios of a procedure, each put down half way."""
    for scenario in scenarios:
        if scenario.process == process:
            with worlds.opened(scenario.clock) as world:
                golden = _played(world, scenario)
            if golden:
                yield golden


def _played(world: World, scenario: Scenario) -> Golden | None:
    settings = world.application.engine.settings
    furnish(world, from_folders(settings.processes_dir, settings.forms_dir))
    world.clock.set(scenario.clock)
    stage = Stage(world, scenario)
    with world.session() as session:
        numbers.restart(session)
        given.create(session, scenario.given, now=scenario.clock)
    for step in scenario.before:
        runner.act(stage, step)
    stage.start()
    seen = []
    for step in scenario.steps:
        runner.act(stage, step)
        with world.session() as session:
            seen.append(look(session, stage.case_number))
    return _put_down(world, scenario.process, stage.case_number, seen)


def _put_down(
    world: World, name: str, case: str, seen: list[Snapshot], *, stuck: bool = False
) -> Golden | None:
    """The case where it was half way, if it came to its own end."""
    with world.session() as session:
        root = _root(session, case)
        flying = [each for each in seen if each.active and (each.stuck or not stuck)]
        if root.state != "completed" or len(seen) < 4 or not flying:
            return None
        keys = select(ProcessInstance.process_key).where(ProcessInstance.root_id == root.id)
        middle = flying[len(flying) // 2]
        return Golden(
            name=name,
            release=version("aftercare"),
            case=case,
            rows=rows.versions(session, keys) | middle.rows,
            history=rows.history(session, root.id),
            happened=middle.happened,
        )


def can_be_gone_again(worlds: Worlds, golden: Golden) -> bool:
    """Whether this release can finish it: a message that came early, say, cannot be sent at the same place again."""
    with worlds.opened(datetime.fromisoformat(golden.history[0]["at"])) as world:
        with world.session() as session:
            load(session, golden)
        try:
            GoingOn(world.application, world.clock, golden).finish()
            with world.session() as session:
                ended_as_then(session, world.application.engine, golden)
        except Exception:
            return False
        return True


def make(settings: Settings, database: Database, say: Callable[[str], None]) -> None:
    """Write every golden instance that is not there yet."""
    worlds = Worlds(settings, database)
    scenarios = runner.from_folder(settings.processes_dir / "scenarios")
    for name in (*SMALL, *SHIPPED):
        if (FOLDER / f"{name}.json.zst").exists():
            continue
        tries = small(worlds, name) if name in SMALL else shipped(worlds, name, scenarios)
        golden = next((each for each in tries if can_be_gone_again(worlds, each)), None)
        if golden is None:
            say(f"{name}: no case that can be put down")
        else:
            path = write(golden)
            say(
                f"{path.name}: {golden.happened} of {len(golden.history)} events, {path.stat().st_size} bytes"
            )


def main() -> None:
    # The failures of services in these stories are meant.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    url = embedded.ensure_database(embedded.start(ROOT / "var" / "test-postgresql"), "golden")
    migrate.upgrade(url, Base.metadata)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_module.load(var_dir=Path(folder))
        make(settings, Database(url), print)


if __name__ == "__main__":
    main()
