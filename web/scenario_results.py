"""How scenarios went on a draft or version, in the reader's language: at which step, and what differed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.runtime import scenario_runs
from engine.runtime.context import Context
from engine.store.tables import ScenarioRun
from web import scenario_words
from web.i18n import mark
from web.queries.studio import Desk
from web.render import say
from web.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class Went:
    """One scenario and how it went."""

    #: Key of the procedure it is of, and its name where that is not the one looked at but one that calls it.
    process: str
    caller: str = ""
    file: str
    name: str
    #: None: not run (yet).
    passed: bool | None = None
    #: Where it went another way, in words.
    where: str = ""
    differences: Sequence[str] = ()


def own(visitor: Visitor, desk: Desk, file: str, name: str, run: ScenarioRun | None) -> Went:
    """How a scenario of the procedure itself went."""
    found = (
        each
        for each in (run.results if run else ())
        if (each["process"], each["file"], each["name"]) == (desk.key, file, name)
    )
    result = next(found, None)
    if result is None:
        return Went(process=desk.key, file=file, name=name)
    return _went(visitor, result, "", lambda text: desk.translate(text, visitor.language))


def failed(ctx: Context, visitor: Visitor, desk: Desk, run: ScenarioRun | None) -> list[Went]:
    """Those of a run that went otherwise than they say, those of the procedure itself first."""
    bad = scenario_runs.failed(run) if run else []
    live = scenario_runs.callers(ctx, desk.key) if any(each["process"] != desk.key for each in bad) else {}
    found = []
    for each in bad:
        translate, caller = desk.translate, ""
        if each["process"] != desk.key:
            caller = each["process"]
            if caller in live:
                definition = ctx.engine.definitions.get(ctx.session, live[caller])
                translate = definition.translate
                caller = translate(definition.name, visitor.language)
        found.append(
            _went(visitor, each, caller, lambda text, say=translate: say(text, visitor.language))  # type: ignore[misc]
        )
    return found


def _went(visitor: Visitor, result: dict[str, Any], caller: str, translate: Callable[[str], str]) -> Went:
    failure = result["failure"]
    return Went(
        process=result["process"],
        caller=caller,
        file=result["file"],
        name=result["name"],
        passed=failure is None,
        where=_where(visitor, failure) if failure else "",
        differences=[
            scenario_words.document(visitor, each, translate)
            for each in (failure["differences"] if failure else ())
        ],
    )


def _where(visitor: Visitor, failure: dict[str, Any]) -> str:
    match failure["place"]:
        case "given":
            return say(visitor, mark("Before it began"))
        case "start":
            return say(visitor, mark("At the registration"))
        case "step":
            return say(visitor, mark("At step {n} ({what})"), n=failure["step"], what=failure["about"])
        case _:
            return say(visitor, mark("At the end"))
