"""The runner knows the schema and not the files: tiny suites of our own, one of each kind, and how they are scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from config import settings as settings_module
from engine.cli import app as cli
from engine.conformance import report, runner, suites
from engine.conformance.scores import Result
from tests.bpmn.drawing import diagram, end, event, flows, job, node, start, timer
from tests.conformance.drawn import TOP, Story, log, process, suite
from tests.conformance.shapes import user

SUM = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="sum" name="sum" namespace="{namespace}">
  {before}
  <inputData id="in_a" name="a"><variable name="a" typeRef="number"/></inputData>
  <decision id="twice" name="twice"><variable name="twice" typeRef="number"/>
    <informationRequirement><requiredInput href="#in_a"/></informationRequirement>
    <literalExpression><text>{text}</text></literalExpression>
  </decision>
</definitions>"""
TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <testCase id="1"><inputNode name="a"><value xsi:type="xsd:decimal">3</value></inputNode>
    <resultNode name="twice"><expected><value xsi:type="xsd:decimal">{expected}</value></expected></resultNode></testCase>
</testCases>"""


@pytest.fixture
def run(database_url: str, tmp_path: Path):
    """Run a folder; the results by id."""

    def run(folder: Path) -> dict[str, Result]:
        settings = settings_module.load(var_dir=tmp_path / "var")
        scores = runner.run(settings, database_url, suites.read(folder))
        return {result.id: result for each in scores for result in each.results}

    return run


def write(folder: Path, kind: str, cases: list[dict[str, Any]], **files: str | bytes) -> Path:
    folder.mkdir(parents=True)
    (folder / "cases.json").write_bytes(orjson.dumps({"suite": kind, "half": "own", "cases": cases}))
    for name, content in files.items():
        text = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("__", ".")).write_bytes(text)
    return folder


def scored(results: dict[str, Result]) -> dict[str, tuple[str, str | None]]:
    return {id_: (result.result, result.element) for id_, result in results.items()}


def test_a_diagram_passes_by_its_tokens_and_its_end(run, tmp_path):
    runs = start() + log("a") + end() + flows("start a end")
    waits = start() + user("wait") + flows("start wait")
    conditional = start("begin", event("conditional", "<bpmn:condition>=true</bpmn:condition>")) + log("a")
    stories = [
        Story(name="good", xml=process("good", runs), trace=["a"]),
        Story(name="another_trace", xml=process("another_trace", runs), trace=["a", "a"]),
        Story(name="another_end", xml=process("another_end", runs), trace=["a"], outcome="waiting"),
        Story(name="waiting", xml=process("waiting", waits), trace=[], outcome="waiting"),
        Story(name="not_run", xml=process("not_run", conditional, flows("begin a")), trace=["a"]),
        Story(
            name="to_be_refused",
            xml=process("to_be_refused", conditional, flows("begin a")),
            trace=[],
            outcome="rejected_at_deploy",
            more={"element": "begin"},
        ),
    ]
    assert scored(run(suite(tmp_path / "own", stories))) == {
        "good": ("passed", None),
        "another_trace": ("wrong", None),
        "another_end": ("wrong", None),
        "waiting": ("passed", None),
        "not_run": ("refused", "begin"),
        "to_be_refused": ("passed", "begin"),
    }


def test_the_runner_does_the_jobs_and_lets_time_pass(run, tmp_path):
    slow = (
        start()
        + job("work", type_="own_work")
        + node("boundaryEvent", "late", timer("PT2S"), attachedToRef="work")
        + log("a")
        + log("cut")
        + flows("start work a", "late cut")
    )
    orders = [{"type": "own_work", "element": "work", "do": "complete", "after_ms": 5000}]
    quick = [{**orders[0], "after_ms": 1000}]
    fails = [{"type": "own_work", "element": "work", "do": "throw_error", "error_code": "E1"}]
    results = run(
        suite(
            tmp_path / "own",
            [
                Story(name="slow", xml=process("slow", slow), trace=["cut"], more={"jobs": orders}),
                Story(name="quick", xml=process("quick", slow), trace=["a"], more={"jobs": quick}),
                Story(
                    name="fails",
                    xml=process("fails", start(), job("work", type_="own_work"), flows("start work")),
                    trace=[],
                    outcome="error_thrown",
                    more={"jobs": fails, "element": "work", "error_code": "E1"},
                ),
            ],
        )
    )
    assert {id_: result.result for id_, result in results.items()} == {
        "slow": "passed",
        "quick": "passed",
        "fails": "passed",
    }


def test_jobs_of_parallel_branches_overlap(run, tmp_path):
    both = (
        start()
        + node("parallelGateway", "split")
        + job("one", type_="first_work")
        + job("two", type_="second_work")
        + flows("start split one", "split two")
    )
    jobs = [
        {"type": f"{name}_work", "element": element, "do": "complete", "after_ms": 1000}
        for name, element in (("first", "one"), ("second", "two"))
    ]
    in_turn = (
        start() + job("one", type_="first_work") + job("two", type_="second_work") + flows("start one two")
    )
    results = run(
        suite(
            tmp_path / "own",
            [
                Story(name="both", xml=process("both", both), trace=[], more={"jobs": jobs, "overlap": ["one", "two"]}),
                Story(
                    name="in_turn", xml=process("in_turn", in_turn), trace=[],
                    more={"jobs": jobs, "overlap": ["one", "two"]},
                ),
            ],
        )
    )  # fmt: skip
    assert {id_: result.result for id_, result in results.items()} == {"both": "passed", "in_turn": "wrong"}


def test_a_broken_diagram_has_to_be_refused_by_its_element(run, tmp_path):
    broken = diagram(start(), node("exclusiveGateway", "lost"), log("a"), flows("start a"))
    fine = diagram(start(), log("a"), flows("start a"))
    about = {
        "rule": "EXT999",
        "violates": "a gateway is connected to nothing",
        "outcome": "rejected_at_deploy",
    }
    cases = [
        {**about, "name": "broken", "bpmn": "broken.bpmn", "elements": ["lost"]},
        {**about, "name": "blames_another", "bpmn": "broken.bpmn", "elements": ["start"]},
        {**about, "name": "fine", "bpmn": "fine.bpmn", "elements": ["lost"]},
        {**about, "name": "no_xml", "bpmn": "no.bpmn", "elements": ["lost"]},
    ]
    files = {"broken__bpmn": broken, "fine__bpmn": fine, "no__bpmn": b"<"}
    assert scored(run(write(tmp_path / "own", "must_reject", cases, **files))) == {
        "broken": ("passed", "lost"),
        "blames_another": ("wrong", "lost"),
        "fine": ("wrong", None),
        "no_xml": ("wrong", None),
    }


def test_a_decision_is_deployed_and_answers(run, tmp_path):
    def entry(name: str, *imports: str) -> dict[str, Any]:
        return {
            "name": name,
            "level": 2,
            "topic": "own",
            "labels": [],
            "model": f"{name}.dmn",
            "other_models": list(imports),
            "tests": "wrong.xml" if name == "wrong" else "tests.xml",
            "test_cases": ["1"],
            "result_nodes": ["twice"],
        }

    imported = '<import namespace="http://base" name="base" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    java = SUM.replace("<literalExpression>", '<literalExpression expressionLanguage="java">')
    files = {
        "sum__dmn": SUM.format(namespace="http://sum", before="", text="a * 2"),
        "wrong__dmn": SUM.format(namespace="http://wrong", before="", text="a * 2"),
        "java__dmn": java.format(namespace="http://java", before="", text="a * 2"),
        "importing__dmn": SUM.format(namespace="http://own", before=imported, text="a * 2"),
        "base__dmn": SUM.format(namespace="http://base", before="", text="a * 3"),
        "tests__xml": TESTS.format(expected="6"),
        "wrong__xml": TESTS.format(expected="7"),
    }
    cases = [entry("sum"), entry("wrong"), entry("java"), entry("importing", "base.dmn")]
    assert scored(run(write(tmp_path / "own", "dmn", cases, **files))) == {
        "sum/1": ("passed", None),
        "wrong/1": ("wrong", "twice"),
        "java/1": ("refused", "twice"),
        "importing/1": ("passed", None),
    }


def test_a_reference_diagram_is_diagnosed_and_kept_to_the_last_attribute(run, tmp_path):
    xml = diagram(start(), log("a"), flows("start a")).replace(b"isExecutable", b"isClosed")
    tag = "{http://www.omg.org/spec/BPMN/20100524/MODEL}startEvent"
    about = {"bpmn": "one.bpmn", "processes": [{"id": "p", "executable": False}]}
    said = {"must_diagnose": [{"any_of": ["p"], "why": "the process is not marked as executable"}]}
    attributes = xml.count(b'="') - xml.count(b"xmlns:") - 1  # the XML declaration says encoding=, version=
    counted = {"elements": {tag: 1}, "attributes": attributes - 1}
    cases = [
        {**about, **said, "name": "kept", "inventory": counted},
        {**about, **said, "name": "lost", "inventory": {**counted, "elements": {tag: 2}}},
        {**about, "must_diagnose": [{"any_of": ["a"], "why": "?"}], "name": "unsaid", "inventory": counted},
    ]
    assert scored(run(write(tmp_path / "own", "miwg", cases, one__bpmn=xml))) == {
        "kept": ("passed", None),
        "lost": ("wrong", None),
        "unsaid": ("wrong", "a"),
    }


def test_a_suite_nobody_knows_is_skipped_and_a_crash_is_one_wrong_case(run, tmp_path):
    write(tmp_path / "all" / "odd", "odd", [{"name": "one"}])
    write(
        tmp_path / "all" / "rejects", "must_reject", [{"name": "gone", "bpmn": "gone.bpmn", "elements": []}]
    )
    results = run(tmp_path / "all")
    assert scored(results) == {"one": ("skipped", None), "gone": ("wrong", None)}
    assert "FileNotFoundError" in results["gone"].detail


def test_the_command_prints_a_board_or_json_and_fails_when_anything_is_wrong(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AFTERCARE_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("AFTERCARE_DATABASE_URL", database_url)
    runs = process("runs", start(), log("a"), flows("start a"), top=TOP)
    good = suite(tmp_path / "good", [Story(name="runs", xml=runs, trace=["a"])])
    bad = suite(tmp_path / "bad", [Story(name="runs", xml=runs, trace=[])])
    told = CliRunner().invoke(cli, ["conformance", str(good), "--json"])
    case = {"id": "runs", "result": "passed", "element": None, "detail": ""}
    counts = {"passed": 1, "refused": 0, "wrong": 0, "skipped": 0}
    assert (told.exit_code, json.loads(told.stdout)) == (
        0,
        {"suites": {"betsy": {**counts, "cases": [case]}}},
    )
    told = CliRunner().invoke(cli, ["conformance", str(bad)])
    assert told.exit_code == 1
    assert "wrong: betsy runs: expected the tokens [], logged are ['a']" in told.stdout
    assert CliRunner().invoke(cli, ["conformance", str(tmp_path / "var")]).exit_code == 2


def test_two_folders_of_one_kind_are_told_apart(tmp_path):
    for name in ("one", "two"):
        suite(tmp_path / name, [])
    assert [each.name for each in suites.read(tmp_path)] == ["betsy", "betsy (two)"]
    assert report.document([])["suites"] == {}
