"""Preferences: language and theme follow the person to every browser."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from engine.runtime import identity
from web.i18n import LANGUAGES, mark, words
from web.render import Answer, own_path, redirect, render
from web.screen import Command, Reader, Screen
from web.security import Form

router = Screen(prefix="/preferences")
THEMES = ("auto", "light", "dark")
KEPT = mark("Your preferences are saved.")


@router.get("")
def page(request: Request, _visitor: Reader) -> Response:
    """What a person can choose."""
    return render(request, "preferences/index.html", themes=THEMES)


@router.post("")
def keep(request: Request, ctx: Command, fields: Form) -> Response:
    """Keep both choices."""
    language = _set(ctx, fields)
    return redirect(request, "/preferences", Answer(text=words(language).gettext(KEPT)))


@router.post("/language")
def language(request: Request, ctx: Command, fields: Form) -> Response:
    """Change the language from any page, and come back to it."""
    _set(ctx, fields)
    back = str(fields.get("back", ""))
    return redirect(request, back if own_path(back) else "/")


@router.post("/theme")
def theme(request: Request, ctx: Command, fields: Form) -> Response:
    """Change the theme; the page shows it already."""
    _set(ctx, fields)
    return Response(status_code=204)


def _set(ctx: Command, fields: Form) -> str:
    """Store what was chosen of what there is; return the language now in force."""
    chosen = {
        name: str(fields[name])
        for name, allowed in (("language", LANGUAGES), ("theme", THEMES))
        if fields.get(name) in allowed
    }
    if chosen:
        identity.set_preferences(ctx, **chosen)
    return chosen.get("language", ctx.actor.language)
