"""Moving running cases to another version: a dry run on the diagram and in words, the run, and moving back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from engine.runtime.context import Context
from engine.runtime.definitions import Definition
from engine.runtime.moving import mapping, plan, reasons, runs
from engine.runtime.moving.comparison import Comparison
from engine.runtime.moving.plan import Choice, Planned
from engine.runtime.moving.reasons import Reason
from engine.runtime.refusals import NotFound
from engine.store.tables import MoveItem
from web import i18n, words
from web.i18n import mark
from web.queries import step as people
from web.queries import studio
from web.queries.studio import Version
from web.render import Answer, redirect, render, say
from web.screen import Command, Screen
from web.security import Form

router = Screen(prefix="/operate/moves")

#: Cases shown one by one; the figures above count all.
_SHOWN = 200
#: Query and form fields that name the step which takes the place of another.
_MAPPED = "map."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks for."""

    process: str
    from_id: int
    to_id: int
    choice: Choice
    mapping: Mapping[str, str]

    def query(self) -> str:
        """As the address of the dry run."""
        fields = {"process": self.process, "from": self.from_id, "to": self.to_id}
        fields |= {"step": self.choice.step, "number": self.choice.number}
        fields |= {f"{_MAPPED}{old}": new for old, new in self.mapping.items()}
        return urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True, kw_only=True)
class Why:
    """One reason in the reader's language, and how many cases it keeps."""

    step: str
    text: str
    n: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case in a line."""

    number: str
    #: Where it stands, in the reader's language; empty in the list of a run.
    steps: Sequence[str]
    #: "moved", "waiting", "refused" or, in a dry run, "free".
    state: str
    reasons: Sequence[Why]


@router.get("")
def page(request: Request, ctx: Command) -> Response:
    """Choose procedure and versions; with two versions chosen, who can be moved and who cannot, and why."""
    wanted = _wanted(ctx, request.query_params)
    return _page(request, ctx, wanted)


def _page(request: Request, ctx: Context, wanted: Wanted | None) -> Response:
    versions = studio.all_versions(ctx)
    data: dict[str, Any] = {"comparison": None}
    if wanted is not None and wanted.from_id and wanted.to_id and wanted.from_id != wanted.to_id:
        comparison = mapping.compare(ctx, wanted.from_id, wanted.to_id, wanted.mapping)
        data = _dry_run(ctx, comparison, plan.plan(ctx, comparison, wanted.choice))
    return render(
        request,
        "operate/moves.html",
        wanted=wanted,
        names=_names(ctx, versions),
        versions=versions.get(wanted.process, []) if wanted else [],
        past=runs.runs(ctx.session, wanted.process) if wanted else [],
        version_of=_numbers(versions.get(wanted.process, []) if wanted else []),
        **data,
    )


def _wanted(ctx: Context, fields: Any) -> Wanted | None:
    """What the address or the form asks for; the versions people mean where it says none. None without a procedure."""
    process = str(fields.get("process", ""))
    if not process:
        return None
    versions = studio.versions(ctx, process)
    if not versions:
        raise NotFound(what="procedure", id=process)
    ids = {version.definition.id for version in versions}
    chosen = {
        name: int(text)
        for name in ("from", "to")
        if (text := str(fields.get(name, ""))).isdigit() and int(text) in ids
    }
    current = next((v.definition.id for v in versions if v.definition.is_current), versions[0].definition.id)
    to_id = chosen.get("to", current)
    fullest = max(
        (version for version in versions if version.definition.id != to_id),
        key=lambda version: (version.running, version.definition.id),
        default=None,
    )
    return Wanted(
        process=process,
        from_id=chosen.get("from", fullest.definition.id if fullest else 0),
        to_id=to_id,
        choice=Choice(step=str(fields.get("step", "")).strip(), number=str(fields.get("number", "")).strip()),
        mapping={
            name.removeprefix(_MAPPED): str(value)
            for name, value in fields.items()
            if name.startswith(_MAPPED) and value
        },
    )


def _names(ctx: Context, versions: Mapping[str, Sequence[Version]]) -> dict[str, str]:
    """Procedures that have more than one version, by name."""
    named = {
        key: words.procedure(ctx, each[0].definition.id) for key, each in versions.items() if len(each) > 1
    }
    return dict(sorted(named.items(), key=lambda item: item[1]))


def _numbers(versions: Iterable[Version]) -> dict[int, int]:
    return {each.definition.id: each.definition.version for each in versions}


def _dry_run(ctx: Context, comparison: Comparison, planned: Sequence[Planned]) -> dict[str, Any]:
    """What the page shows of a dry run."""
    old, language = comparison.old, ctx.actor.language
    standing = Counter(step for each in planned for step in each.steps if step in old.process.elements)
    blocked = {reason.step for each in planned for reason in each.reasons if reason.step}
    gone = {
        reason.step for each in planned for reason in each.reasons if reason.code == "gone"
    } | comparison.mapping.keys()
    free = sum(not each.reasons for each in planned)
    return {
        "comparison": comparison,
        "free": free,
        "total": len(planned),
        "standing": standing,
        "blocked": sorted(blocked & old.process.elements.keys()),
        "steps": [(id_, mapping.name(old, id_, language)) for id_ in sorted(_places(old))],
        "gone": {
            id_: [
                (element.id, mapping.name(comparison.new, element.id, language))
                for element in mapping.candidates(comparison, id_)
            ]
            for id_ in sorted(gone)
        },
        "name_of": lambda id_: mapping.name(old, id_, language),
        "why": _grouped(ctx, comparison, [reason for each in planned for reason in each.reasons]),
        "rows": [
            _row(ctx, comparison, each)
            for each in sorted(planned, key=lambda each: (not each.reasons, each.instance_id))[:_SHOWN]
        ],
    }


def _places(definition: Definition) -> list[str]:
    """Steps that cases wait at: what a filter offers."""
    waits = ("userTask", "serviceTask", "sendTask", "receiveTask", "intermediateCatchEvent", "callActivity")
    return [element.id for element in definition.process.of_type(*waits, "eventBasedGateway")]


def _row(ctx: Context, comparison: Comparison, planned: Planned) -> Row:
    elements, children = comparison.old.process.elements, comparison.old.process.children
    at = [step for step in sorted(planned.steps) if step in elements and not children.get(step)]
    return Row(
        number=planned.business_key,
        steps=[mapping.name(comparison.old, step, ctx.actor.language) for step in at],
        state="refused" if planned.reasons else "free",
        reasons=_grouped(ctx, comparison, planned.reasons),
    )


def _grouped(ctx: Context, comparison: Comparison, found: Iterable[Reason]) -> list[Why]:
    """Reasons in the reader's language, those that keep most cases first."""
    language = ctx.actor.language
    counted = Counter((reason.step, sentence(comparison, reason, language)) for reason in found)
    return [Why(step=step, text=text, n=n) for (step, text), n in counted.most_common()]


def sentence(comparison: Comparison, reason: Reason, language: str) -> str:
    """A reason in a language, elements by their names."""
    told = {
        name: mapping.name(comparison.old, value, language)
        if value in comparison.old.process.elements
        else mapping.name(comparison.new, value, language)
        for name, value in {"step": reason.step, **reason.params}.items()
    }
    return i18n.words(language).gettext(reasons.SENTENCES[reason.code]).format(**told)


@router.post("")
def begin(request: Request, ctx: Command, fields: Form) -> Response:
    """Move those of the chosen cases that can be moved, in the background."""
    wanted = _wanted(ctx, fields)
    reason = str(fields.get("reason", "")).strip()
    visitor = request.state.visitor
    if wanted is None:
        raise NotFound(what="procedure", id="")
    if not reason:
        text = say(visitor, mark("Say why these cases are moved; it goes into their history."))
        return redirect(request, f"/operate/moves?{wanted.query()}", Answer(text=text, tone="danger"))
    comparison = mapping.compare(ctx, wanted.from_id, wanted.to_id, wanted.mapping)
    run = runs.begin(ctx, comparison, plan.plan(ctx, comparison, wanted.choice), reason=reason)
    return redirect(request, f"/operate/moves/{run.id}")


@router.get("/{move_id}")
def result(request: Request, ctx: Command, move_id: int) -> Response:
    """How far a run is and what became of each case."""
    run = runs.get(ctx.session, move_id)
    comparison = mapping.compare(ctx, run.from_id, run.to_id, run.mapping)
    items = runs.items(ctx.session, move_id, limit=_SHOWN)
    return render(
        request,
        "operate/move.html",
        block="progress",
        run=run,
        comparison=comparison,
        name=words.procedure(ctx, run.to_id),
        far=runs.progress(ctx.session, move_id),
        rows=[_done(ctx, comparison, item) for item in items],
        by=people.names(ctx, [run.started_by]).get(run.started_by, run.started_by),
    )


def _done(ctx: Context, comparison: Comparison, item: MoveItem) -> Row:
    why = _grouped(ctx, comparison, [reasons.read(each) for each in item.reasons])
    return Row(number=item.business_key, steps=(), state=item.state, reasons=why)


@router.post("/{move_id}/back")
def back(request: Request, ctx: Command, move_id: int, fields: Form) -> Response:
    """Move back what a run moved and nobody has touched since."""
    reason = str(fields.get("reason", "")).strip()
    if not reason:
        text = say(request.state.visitor, mark("Say why these cases are moved; it goes into their history."))
        return redirect(request, f"/operate/moves/{move_id}", Answer(text=text, tone="danger"))
    run = runs.begin_back(ctx, move_id, reason=reason)
    return redirect(request, f"/operate/moves/{run.id}")
