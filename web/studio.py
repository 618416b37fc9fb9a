"""The studio: a card a procedure, and each procedure's diagram, rules, forms, words and versions."""

from __future__ import annotations

import orjson
from fastapi import Request
from fastapi.responses import Response

from engine.runtime import drafts, texts
from engine.runtime.refusals import Stale
from web import decision_tables, form_samples, landscape
from web.i18n import mark
from web.queries import procedures, step, studio
from web.queries.studio import TRANSLATED
from web.render import Answer, redirect, render, say
from web.screen import Command, Screen
from web.security import Form
from web.studio_page import page as _tab

#: Words files are read by people too.
PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
router = Screen(prefix="/studio")


@router.get("")
def home(request: Request, ctx: Command) -> Response:
    """All procedures: those people start, then the parts they call."""
    found, beginnings = studio.cards(ctx), studio.beginnings(ctx)
    language = ctx.actor.language
    names = {
        card.live.process_key: card.definition.translate(card.definition.name, language) for card in found
    }
    found.sort(key=lambda card: names[card.live.process_key])
    return render(
        request,
        "studio/index.html",
        started=[card for card in found if card.registered],
        called=[card for card in found if not card.registered],
        names=names,
        beginnings=beginnings,
        people=step.names(
            ctx, [each.draft.updated_by for each in (*found, *beginnings) if each.draft is not None]
        ),
    )


@router.get("/landscape")
def landscape_page(request: Request, ctx: Command) -> Response:
    """Which procedure calls or starts which."""
    definitions = procedures.current(ctx)
    names = dict(procedures.options(ctx))
    used = {each.key: [key for key in landscape.started(each) if key in names] for each in definitions}
    calls = {each.key: sorted(each.process.called_processes & names.keys()) for each in definitions}
    rows = [
        {
            "key": key,
            "calls": calls[key],
            "starts": used[key],
            "called_by": [other for other in names if key in calls[other]],
        }
        for key in names
    ]
    return render(
        request,
        "studio/landscape.html",
        drawn=landscape.draw(definitions, names),
        size=(landscape.WIDTH, landscape.HEIGHT),
        names=names,
        rows=rows,
    )


@router.get("/{process_key}")
def diagram(request: Request, ctx: Command, process_key: str) -> Response:
    """The diagram as drafted, else as it is live."""
    desk = studio.desk(ctx, process_key)
    return _tab(
        request,
        ctx,
        desk,
        "diagram",
        file=desk.names("bpmn")[0],
        process=studio.drawn(desk),
        running=[each for each in studio.versions(ctx, process_key) if each.running],
        names=dict(procedures.options(ctx)),
        called_by=studio.called_by(ctx, process_key),
    )


@router.get("/{process_key}/rules")
def rules(request: Request, ctx: Command, process_key: str) -> Response:
    """Decision tables, to read."""
    desk = studio.desk(ctx, process_key)
    files = {name: decision_tables.read(desk.file("dmn", name)) for name in desk.names("dmn")}
    return _tab(request, ctx, desk, "rules", files=files, findings=studio.findings(desk))


@router.get("/{process_key}/forms")
def forms(request: Request, ctx: Command, process_key: str) -> Response:
    """Forms and the steps that show them."""
    desk = studio.desk(ctx, process_key)
    return _tab(request, ctx, desk, "forms", forms=form_samples.used(desk))


@router.get("/{process_key}/words")
def words(request: Request, ctx: Command, process_key: str) -> Response:
    """Every text with its translation, edited in place."""
    desk = studio.desk(ctx, process_key)
    bundle = desk.bundle
    shared, own = texts.shared(bundle, TRANSLATED), texts.own(bundle, TRANSLATED)
    every = texts.texts(bundle)
    missing = [each for each in every if not (own.get(each.text) or shared.get(each.text))]
    only_missing = request.query_params.get("show") == "missing"
    return _tab(
        request,
        ctx,
        desk,
        "words",
        texts=missing if only_missing else every,
        missing={each.text for each in missing},
        only_missing=only_missing,
        n=len(every),
        own=own,
        shared=shared,
    )


@router.post("/{process_key}/words")
def keep_words(request: Request, ctx: Command, process_key: str, fields: Form) -> Response:
    """Keep translations as they were typed; an emptied one goes back to the shared word, if there is one."""
    desk = studio.desk(ctx, process_key)
    shared, own = texts.shared(desk.bundle, TRANSLATED), texts.own(desk.bundle, TRANSLATED)
    kept = dict(own)
    # A browser sends line ends its own way; the text is the key and has to stay as it is in the file.
    known = {" ".join(each.text.split()): each.text for each in texts.texts(desk.bundle)}
    # Only a form that is not ours has one without the other.
    for sent, typed in zip(fields.getlist("text"), fields.getlist("translation"), strict=False):
        text = known.get(" ".join(str(sent).split()))
        translation = str(typed).replace("\r\n", "\n").strip()
        if text is None:
            continue
        if not translation or (text not in own and translation == shared.get(text)):
            kept.pop(text, None)
        else:
            kept[text] = translation
    back = f"/studio/{process_key}/words"
    if kept == own:
        return redirect(request, back, Answer(text=say(request.state.visitor, mark("Nothing was changed."))))
    changed = {("words", texts.file_of(process_key, TRANSLATED)): orjson.dumps(kept, option=PRETTY)}
    drafts.keep(ctx, process_key, changed, seen=str(fields.get("seen", "")))
    return redirect(request, back, Answer(text=say(request.state.visitor, mark("The words are saved."))))


@router.get("/{process_key}/versions")
def versions(request: Request, ctx: Command, process_key: str) -> Response:
    """What was live when, by whom, and the cases still on it."""
    desk = studio.desk(ctx, process_key)
    return _tab(request, ctx, desk, "versions", versions=studio.versions(ctx, process_key))


@router.post("/{process_key}/discard")
def discard(request: Request, ctx: Command, process_key: str) -> Response:
    """Give the draft up."""
    desk = studio.desk(ctx, process_key)
    if desk.draft is None:
        raise Stale()
    drafts.discard(ctx, desk.draft.id)
    kept = mark("The draft is discarded. What is live stays as it is.")
    text = say(request.state.visitor, kept if desk.live else mark("The draft is discarded."))
    return redirect(request, f"/studio/{process_key}" if desk.live else "/studio", Answer(text=text))
