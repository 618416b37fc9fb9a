"""Moving running cases from a shell."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from engine.cli import app as cli
from tests.bpmn.drawing import user
from tests.moving.conftest import Yard
from tests.moving.drawn import line


@pytest.fixture
def yard(app, queue):
    return Yard(app, queue)


@pytest.fixture
def run(app, monkeypatch, tmp_path, yard):
    """Run `aftercare` on the test's database, where one case stands and another is a step further."""
    monkeypatch.setenv("AFTERCARE_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("AFTERCARE_DATABASE_URL", app.database.url)
    yard.deploy(line(user("check"), user("sign")))
    yard.start()
    yard.complete("check", yard.start())
    yard.deploy(line(user("check"), user("approve")))
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_a_dry_run_tells_who_stays_and_why_and_changes_nothing(run, yard):
    told = run("move", "p", "--from", 1, "--to", 2, "--dry-run")
    assert (told.exit_code, told.stdout) == (
        0,
        "CASE-2: “sign” is gone in the new version. Choose the step that takes its place. [sign]\n"
        "1 of 2 can be moved\n",
    )
    told = json.loads(run("move", "p", "--from", 1, "--to", 2, "--dry-run", "--json").stdout)
    assert told["cases"][1]["reasons"][0]["code"] == "gone"


def test_moved_and_moved_back(run, yard):
    before = [yard.seen(case) for case in (1, 2)]
    told = run("move", "p", "--from", 1, "--to", 2, "--map", "sign=approve", "--reason", "renamed")
    assert told.stdout.splitlines()[-1] == "run 1: 2 moved, 0 stay"
    assert yard.open(2) == ["approve"]
    told = run("move-back", 1, "--json")
    assert json.loads(told.stdout)["moved"] == 2
    assert [yard.seen(case) for case in (1, 2)] == before


def test_what_cannot_be_meant_is_told_and_exits_with_2(run):
    for words in (
        ("p", "--from", 1, "--to", 1),
        ("p", "--from", 1, "--to", 9),
        ("p", "--from", 1, "--to", 2, "--map", "sign"),
        ("p", "--from", 1, "--to", 2, "--map", "sign=nowhere"),
    ):
        assert run("move", *words).exit_code == 2
    assert run("move-back", 7).exit_code == 2
