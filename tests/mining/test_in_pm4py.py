"""The files open in the field's own library, with as many events as the history holds: make mining."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from engine import mining
from engine.runtime import user_tasks
from tests.web import goods

#: Python of an environment that has pm4py; `make mining` makes one.
PYTHON = os.environ.get("AFTERCARE_PM4PY", "")
SCRIPT = Path(__file__).parent / "open_in_pm4py.py"
CASES = 12


@pytest.mark.skipif(not PYTHON, reason="pm4py (AGPL) has an environment of its own: make mining")
def test_pm4py_reads_every_event(house, tmp_path):
    for number in range(CASES):
        case = goods.case(house)
        if number % 3:
            done = {"remark": "fine", "decision": "approve"}
            house.do("gao.yuan", user_tasks.complete, house.task("review", case).id, done)
    tallies, files = {}, []
    for each in mining.FORMATS.values():
        file, tallies[each.key] = tmp_path / f"log.{each.suffix}", mining.Tally()
        with house.app.commands.begin() as ctx, file.open("wb") as out:
            out.writelines(each.document(ctx, mining.Selection(), tallies[each.key]))
        files.append(file)
    found = opened(files)
    print(json.dumps(found, indent=1))
    for key, tally in tallies.items():
        assert found[key]["events"] == tally.events > CASES
        assert tally.cases == CASES
    assert found["xes"]["cases"] == found["csv"]["cases"] == found["ocel"]["objects"]["case"] == CASES
    assert found["xes"]["variants"] == 2
    assert found["ocel"]["objects"]["order"] == 1
    assert found["ocel"]["between_objects"] == 2 * CASES


def opened(files: list[Path]) -> dict:
    """What pm4py says of an XES, an OCEL and a CSV file."""
    told = subprocess.run(
        [PYTHON, SCRIPT, *files], capture_output=True, text=True, check=True, timeout=300
    ).stdout
    (line,) = [line for line in told.splitlines() if line.startswith("FOUND ")]
    return json.loads(line.removeprefix("FOUND "))
