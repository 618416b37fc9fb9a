"""Scenarios that people write: none holds the machine up or ends the process, and nothing is made but plain values."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from engine import safe_yaml
from engine.differences import scenarios as told_scenarios
from engine.runtime import drafts
from engine.runtime.refusals import UnreadableFile
from engine.scenarios import files
from engine.scenarios.files import BadScenario

ROOT = Path(__file__).resolve().parents[2]


def laughs(levels: int, first: str) -> str:
    return f"l0: &l0 {first}\n" + "".join(
        f"l{n + 1}: &l{n + 1} [{', '.join([f'*l{n}'] * 10)}]\n" for n in range(levels)
    )


def story(**parts: str) -> str:
    own = {"name": "a", "process": "request", "clock": "2026-11-02T10:00:00+08:00", **parts}
    return "".join(f"{name}: {value}\n" for name, value in own.items())


DOCUMENTS = {
    "a billion laughs": laughs(9, "ha"),
    "a billion laughs of steps": laughs(8, "{cancel: x}") + story(steps="*l8"),
    "a billion laughs as variables": story(given="\n  " + laughs(9, "ha").replace("\n", "\n  ")),
    "one long text many times": f"a: &a {'x' * 50_000}\nb: [{', '.join(['*a'] * 10_000)}]",
    "a list within itself": "name: &a [*a]",
    "a scenario within itself": "&a {name: a, given: *a}",
    "merges of merges": "a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{<<: [*a, *a]}}\n" for n in range(2000)),
    "a merge of itself": "&a {<<: *a}",
    "brackets without end": "[" * 100_000,
    "brackets that close": "[" * 5000 + "]" * 5000,
    "braces without end": "{" * 100_000,
    "dashes without end": "- " * 100_000,
    "questions without end": "? " * 100_000,
    "names below names": "".join(" " * n + "a:\n" for n in range(1200)),
    "documents without end": "--- 1\n" * 150_000,
    "a text without end": '"' + "x" * 5_000_000 + '"',
    "a number without end": "name: " + "9" * 100_000,
    "a number of sixty times sixty": "name: " + ":".join(["59"] * 5000),
    "a month thirteen": "clock: 2026-13-45",
    "a year of five digits": "clock: 99999-01-01T00:00:00Z",
    "a program of Python": "!!python/object/apply:os.system [exit 1]",
    "a name of Python": "name: !!python/name:os.system",
    "a module of Python": "name: !!python/module:os",
    "a tag of nobody": "name: !own x",
    "a number that is none": "name: !!int x",
    "a moment that is none": "clock: !!timestamp x",
    "octets that are none": "name: !!binary '\u00e9'",
    "a list as a name": "? [a, b]\n: c",
    "a reference to nothing": "name: *nobody",
    "a zero in the middle": "name: a\x00b",
    "half a character": "name: \ud800",
    "a tab before a name": "a:\n\tb: c",
    "nothing": "",
    "null": "null",
    "an empty document before": "---\n---\n" + story(),
    "a version of nobody": "%YAML 9.9\n---\na",
}
READERS: dict[str, Callable[[str], object]] = {
    "the one reader": safe_yaml.read,
    "scenarios": lambda text: files.parse(text, "a.yaml"),
    "a step of a play": files.step,
    "values of a play": files.values,
    "a draft's file": lambda text: drafts.check_readable("scenarios", "a.yaml", text.encode()),
    "differences of scenarios": lambda text: told_scenarios._named(text.encode()),
}
REFUSED = (yaml.YAMLError, BadScenario, UnreadableFile, ValueError)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_hostile_scenario_makes_nothing_and_holds_nobody_up(document, reader):
    started = time.monotonic()
    try:
        answer = repr(READERS[reader](DOCUMENTS[document]))
    except REFUSED as refusal:
        answer = repr(refusal)
    assert len(answer) < 10 * safe_yaml.MOST_CHARACTERS
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("name", ["a billion laughs", "brackets without end", "a list within itself"])
def test_what_is_too_much_is_a_sentence(name):
    with pytest.raises(BadScenario, match=r"This cannot be read: (more than|.* stands within what it names)"):
        files.parse(DOCUMENTS[name], "a.yaml")


def test_a_reference_that_is_used_with_measure_is_read():
    ((_, said),) = safe_yaml.read("a: &a [1, 2]\nb: *a")
    assert said == {"a": [1, 2], "b": [1, 2]}


def test_nothing_reads_yaml_but_the_one_reader(capsys):
    own = re.compile(r"yaml\.(safe_)?(load|compose|parse|scan)(_all)?\(")
    found = [
        str(path.relative_to(ROOT))
        for room in ("engine", "web", "config")
        for path in (ROOT / room).rglob("*.py")
        if "node_modules" not in path.parts and own.search(path.read_text())
    ]
    assert found == ["engine/safe_yaml.py"]
    with capsys.disabled():
        print(f"\nYAML: {len(DOCUMENTS)} documents, {len(READERS)} readers", end="")
