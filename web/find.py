"""The find-anything box of the top bar, and its page without JavaScript."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from web import i18n, places
from web.queries import find
from web.render import render
from web.screen import Command, Reader, Screen

router = Screen()


@router.get("/find")
def page(request: Request, ctx: Command, visitor: Reader) -> Response:
    """What was found: a list under the box, or a page."""
    text = request.query_params.get("q", "")
    hits = find.anything(ctx, text, visitor.places)
    return render(request, "find/index.html", block="found", text=text, hits=[*_places(visitor, text), *hits])


def _places(visitor: Reader, text: str) -> list[find.Hit]:
    """Pages of the product by their name in the person's language."""
    wanted = text.strip().casefold()
    words = i18n.words(visitor.language)
    return [
        find.Hit(kind="place", text=words.gettext(place.label), more="", href=place.path)
        for place in places.open_to(visitor)
        if wanted and words.gettext(place.label).casefold().startswith(wanted)
    ]
