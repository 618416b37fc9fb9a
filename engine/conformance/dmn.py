"""Decision models of the standard's own test suite: each result node has to have its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.conformance import carrier, tck
from engine.conformance.scores import Result
from engine.conformance.server import Refusal, Server, ids
from engine.conformance.suites import Suite
from engine.dmn import Decisions, evaluate
from engine.feel import FeelError
from engine.runtime.bundles import Bundle


def run(server: Server, suite: Suite) -> Iterator[Result]:
    """Deploy each model with a procedure that carries it, and evaluate its test cases on what was deployed."""
    for entry in suite.cases:
        model = suite.folder / entry["model"]
        key = carrier.key(entry["name"])
        refusal = server.deploy_all([_bundle(key, suite.folder, entry)])
        decisions = None if refusal else _deployed(server, key, model)
        for case in tck.cases(suite.folder, entry):
            about = {"id": case.name, "group": entry["topic"]}
            if decisions is None:
                assert refusal is not None
                yield _refused(refusal, model, about)
            else:
                differences = list(_differences(server, decisions, case))
                yield Result(
                    **about,
                    result="wrong" if differences else "passed",
                    element=differences[0][0] if differences else None,
                    detail="; ".join(text for _, text in differences),
                )


def _bundle(key: str, folder: Path, entry: Mapping[str, Any]) -> Bundle:
    models = [entry["model"], *entry["other_models"]]
    return carrier.bundle(key, {Path(path).name: (folder / path).read_bytes() for path in models})


def _refused(refusal: Refusal, model: Path, about: dict[str, Any]) -> Result:
    known = ids(model.read_bytes())
    named = next((each for each in refusal.elements if each in known), None)
    return Result(**about, result="refused" if named else "wrong", element=named, detail=str(refusal))


def _deployed(server: Server, key: str, model: Path) -> Decisions:
    with server.app.database.begin() as session:
        decisions = server.app.engine.definitions.current(session, key).decisions
    return next(decisions[each] for each in ids(model.read_bytes()) if each in decisions)


def _differences(server: Server, decisions: Decisions, case: tck.Case) -> Iterator[tuple[str, str]]:
    feel, now = server.app.engine.feel, server.clock.now()
    own = ids(case.model.read_bytes())
    by_name = {name: id_ for id_, name in decisions.names.items() if id_ in own}
    for name, expected in case.expected.items():
        asked = case.service or name
        element = by_name.get(asked, asked)
        try:
            actual = evaluate(decisions, element, case.inputs, feel, now, strict=False).value
        except (FeelError, KeyError) as error:
            yield element, f"expected {name} to be {expected!r}, it fails: {error}"
            continue
        if not tck.same(
            expected, actual, lambda a, b: feel.evaluate(f'@"{a}" = @"{b}"', {}, now=now) is True
        ):
            yield element, f"expected {name} to be {expected!r}, it is {actual!r}"
