"""Loading the sample company: once, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import select

from config.settings import Settings
from engine import installation
from engine.aftersales import imports
from engine.bootstrap import Application
from engine.runtime import history
from engine.runtime.clock import SystemClock
from engine.sample import catalogue, orders
from engine.sample.cases import Company, Target
from engine.scenarios import files, world
from engine.scenarios.world import World
from engine.store.tables import HistoryEvent

_LOADED = "SampleLoaded"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What was loaded."""

    rows: dict[str, int]
    in_flight: int
    finished: int
    #: Steps that are open nowhere: no shipped scenario leads to them.
    missing: list[Target]


def is_loaded(app: Application) -> bool:
    """Whether this installation has the sample company."""
    with app.commands.begin() as ctx:
        found = select(HistoryEvent.id).where(
            HistoryEvent.stream == history.ORGANISATION, HistoryEvent.type == _LOADED
        )
        return ctx.session.scalar(found.limit(1)) is not None


def load(settings: Settings, url: str, *, told: Callable[[str], None]) -> Loaded:
    """Load people, customers, goods, orders and cases in one transaction. Reference data and procedures must be there.

    Raises `engine.scenarios.files.BadScenario`.
    """
    data = catalogue.read(settings.sample_file)
    scenarios = files.read(settings.processes_dir / "scenarios")
    now = SystemClock().now()
    with world.opened(settings, url, keep=True) as stage_world:
        stage_world.clock.set(now)
        told("Loading the sample company: people and orders")
        rows = _bring_in(stage_world, settings)
        random = Random(data["seed"] + 1)
        company = Company(
            stage_world,
            scenarios,
            data=data,
            articles=catalogue.articles(data, random),
            buyers=(catalogue.buyer(data, random) for _ in count()),
            now=now,
        )
        finished = company.finished(
            lambda done, of: told(f"Loading the sample company: {done} of {of} past cases")
        )
        in_flight, missing = company.in_flight(
            lambda open_, of: told(f"Loading the sample company: cases open at {open_} of {of} steps")
        )
        company.claim_some()
        stage_world.clock.set(now)
        with stage_world.application.commands.begin() as ctx:
            history.record_organisation(
                ctx, _LOADED, rows=rows, in_flight=in_flight, finished=finished, missing=sorted(missing)
            )
    return Loaded(rows=rows, in_flight=in_flight, finished=finished, missing=missing)


def _bring_in(stage_world: World, settings: Settings) -> dict[str, int]:
    """People, then the generated files through the import everybody uses."""
    data = catalogue.read(settings.sample_file)
    with TemporaryDirectory() as folder, stage_world.application.commands.begin() as ctx:
        installation.add_sample_people(ctx, password=data["password"])
        rows = orders.write(Path(folder), data, now=ctx.now)
        for kind in orders.FILES:
            with (Path(folder) / f"{kind}.csv").open("rb") as content:
                report = imports.run(ctx, imports.plain(kind), content, name=f"{kind}.csv")
            if not report.good:
                raise ValueError(f"The sample's {kind} do not fit our own format: {report.bad[:3]}")
    return rows
