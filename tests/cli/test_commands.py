"""The shell: what an operator types, what they are told, and with which exit code."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from engine.aftersales import reference
from engine.bootstrap import Application
from engine.cli import app as cli

PRODUCTS = "sku,name,kind,list_price\nC-1,Chair,furniture,199.00\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run `aftercare` with settings of the test's."""
    monkeypatch.setenv("AFTERCARE_VAR_DIR", str(tmp_path / "var"))

    def run(*words: object, **settings: object) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"AFTERCARE_{name.upper()}", str(value))
        return CliRunner().invoke(cli, [str(word) for word in words])

    return run


@pytest.fixture
def installed(app: Application, run):
    """The same on a fresh database with its reference data."""
    with app.commands.begin() as ctx:
        reference.load(ctx, reference.read(ctx.engine.settings.reference_file))
    return lambda *words: run(*words, database_url=app.database.url)


def test_every_command_says_what_it_is_for(run):
    told = run("--help").output
    for command in (
        "start", "serve", "worker", "migrate", "deploy", "lint", "scenarios", "import", "real-orders", "conformance",
        "users", "verify", "retention", "seal", "export-case", "export", "backup", "restore", "move", "move-back",
    ):  # fmt: skip
        assert command in told
        assert run(command, "--help").exit_code == 0


def test_a_file_is_imported_and_counted(installed, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS)
    told = installed("import", "products", path)
    assert (told.exit_code, told.output) == (0, "Rows read: 1. Written: 1 products.\n")


def test_bad_rows_are_told_by_line_and_exit_is_1(installed, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS + "C-2,Table,furniture,cheap\n")
    told = installed("import", "products", path)
    assert told.exit_code == 1
    assert "line 3: list_price: “cheap” is not a number" in told.output
    assert "1 of 2 rows are bad. Nothing was imported." in told.output
    document = json.loads(installed("import", "products", path, "--json").output)
    assert (document["imported"], document["bad"][0]["line"]) == (False, 3)


@pytest.mark.parametrize(
    ("kind", "content", "mapping", "said"),
    [
        ("tables", PRODUCTS, None, "There is no kind tables."),
        ("products", PRODUCTS.replace(",", ";"), None, "Is the separator really “,”?"),
        ("products", PRODUCTS, 'kind = "orders"\n', "says how to read orders, not products"),
        ("products", PRODUCTS, 'kind = "products"\nspeed = 1\n', "mapping.toml: speed"),
        ("products", None, None, "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence_and_exit_is_2(
    installed, tmp_path, kind, content, mapping, said
):
    path, how = tmp_path / "file.csv", tmp_path / "mapping.toml"
    if content is not None:
        path.write_text(content)
    if mapping is not None:
        how.write_text(mapping)
    told = installed("import", kind, path, *(["--mapping", how] if mapping else []))
    assert told.exit_code == 2
    assert said in told.output
    assert "Traceback" not in told.output


def test_a_person_is_added_once(installed):
    assert installed("users", "add", "ann", "Ann", "--role", "auditor").output.startswith("ann: ")
    again = installed("users", "add", "ann", "Ann", "--role", "auditor")
    assert (again.exit_code, again.output) == (2, "There is somebody called ann already.\n")
    assert installed("users", "add", "bob", "Bob", "--role", "king").exit_code == 2


def test_a_program_gets_a_token_that_can_be_revoked(installed):
    installed("users", "add", "ann", "Ann", "--role", "process_owner")
    token = installed("users", "token", "ann", "--name", "git", "--days", "30").output.strip()
    assert token.startswith("aftercare_")
    told = installed("users", "tokens", "ann").output
    assert "deployments: git" in told and token not in told
    assert installed("users", "tokens", "ann", "--revoke", told.split()[0]).output.strip() == ""
    assert installed("users", "token", "ann", "--name", "git", "--days", "9999").exit_code == 2
    assert installed("users", "token", "nobody", "--name", "git").exit_code == 2


def test_a_port_in_use_is_a_sentence(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = run("start", "--port", taken.getsockname()[1])
    assert told.exit_code == 2
    assert "cannot be listened on: Address already in use" in told.output


def test_a_database_that_cannot_be_reached_is_a_sentence(run):
    for command in ("start", "migrate"):
        told = run(command, database_url="postgresql://nobody@127.0.0.1:1/nothing")
        assert told.exit_code == 2
        assert "The database (AFTERCARE_DATABASE_URL) cannot be reached: " in told.output


def test_a_bad_setting_is_a_sentence(run):
    told = run("verify", port="eighty")
    assert told.exit_code == 2
    assert "Setting port (environment: AFTERCARE_PORT)" in told.output


def test_a_file_that_is_no_export_is_refused_before_anything_runs(installed, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(PRODUCTS)
    told = installed("real-orders", path)
    assert told.exit_code == 2
    assert "export.csv has no column CustomerID" in told.output


def test_what_was_recorded_is_sealed_and_verified_against_the_seal(installed, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS)
    installed("import", "products", path)
    assert "against no seal" in installed("verify").output
    made = installed("seal", "--json")
    assert made.exit_code == 0
    document = json.loads(made.output)
    kept = tmp_path / "var" / "seals"
    assert json.loads(next(kept.glob("000001-*.json")).read_text()) == {
        name: value for name, value in document.items() if name != "mailed"
    }
    told = installed("verify")
    assert (told.exit_code, "against seal 1." in told.output) == (0, True)


def test_a_changed_history_is_named_and_exit_is_1(installed, app, tmp_path):
    installed("users", "add", "ann", "Ann", "--role", "auditor")
    installed("seal")
    copies = tmp_path / "outside"
    shutil.copytree(tmp_path / "var" / "seals", copies)
    with app.database.begin() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE history_event SET actor = 'bob' WHERE seq = 1"))
    for options in ((), ("--seals", copies)):
        told = installed("verify", *options)
        assert told.exit_code == 1
        assert told.stdout.strip() == (
            "Organisation, instance 0, event 1: the event differs from what was recorded."
        )
    told = json.loads(installed("verify", "--json").stdout)
    assert told["broken"][0] == {
        "stream": 0,
        "case": None,
        "event": 1,
        "reason": "the event differs from what was recorded",
    }


def test_a_case_that_does_not_exist_is_not_verified(installed):
    told = installed("verify", "AS-9")
    assert (told.exit_code, "There is no case AS-9." in told.output) == (1, True)


def test_where_nothing_is_due_nothing_is_removed(installed):
    assert "No finished case is kept here." in installed("retention", "--dry-run").output
    told = installed("retention")
    assert (told.exit_code, "No case is due" in told.output) == (0, True)
    assert json.loads(installed("retention", "--json").stdout) == {"removed": 0, "left": []}


def test_a_case_that_does_not_exist_is_not_exported(installed, tmp_path):
    told = installed("export-case", "AS-1", tmp_path / "case.zip")
    assert (told.exit_code, told.output) == (2, "There is no case AS-1.\n")
    assert not (tmp_path / "case.zip").exists()


def test_an_export_says_how_much_it_holds(installed, tmp_path):
    path = tmp_path / "log.xes"
    told = installed("export", "xes", "--from", "2026-11-01", "--to", "2026-11-30", "--output", path)
    assert (told.exit_code, told.output) == (0, "0 events of 0 cases.\n")
    assert path.read_text().endswith("</log>\n")


def test_an_unknown_format_is_named_with_those_there_are(installed):
    told = installed("export", "parquet")
    assert told.exit_code == 2 and "xes, ocel, csv" in told.output
