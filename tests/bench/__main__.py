"""`python -m tests.bench [--quick] [--only NAME ...]`: measures, prints one table, writes `var/bench.json`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import orjson
import structlog

from tests.bench import (
    case_pages,
    completing,
    crowds,
    expressions,
    figures,
    inboxes,
    queues,
    returns,
    rounds,
    small_cases,
    starting,
)
from tests.bench.figure import Figure, table
from tests.bench.house import ROOT, House

#: In the order of the table.
MEASURES = {
    "completing": completing.measure,
    "small": small_cases.measure,
    "processes": small_cases.others,
    "returns": returns.measure,
    "inboxes": inboxes.measure,
    "case_pages": case_pages.measure,
    "figures": figures.measure,
    "rounds": rounds.measure,
    "crowds": crowds.measure,
    "timers": queues.timers,
    "service_tasks": queues.service_tasks,
    "expressions": expressions.measure,
    "starting": starting.measure,
}
QUICK = 0.1


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), metavar="NAME")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    house, measured = House(share=QUICK if asked.quick else 1), list[Figure]()
    for name in asked.only:
        for figure in MEASURES[name](house):
            print(f"{figure.name}: {figure.value:.4g} {figure.unit}", flush=True)
            measured.append(figure)
    print(table(measured))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_bytes(
        orjson.dumps([figure.as_json() for figure in measured], option=orjson.OPT_INDENT_2)
    )


if __name__ == "__main__":
    main()
