"""Making pages: a whole page for a browser, one block of it for htmx, and what was just done said with it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block

from web import assets, formats, i18n, places, sessions
from web.visitor import Visitor, look, look_away, looking

TEMPLATES = Path(__file__).parent / "templates"
ANSWER_COOKIE = "aftercare_answer"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person is told after a change."""

    text: str
    #: "ok" or "danger".
    tone: str = "ok"
    #: Where a form is posted that undoes it; empty where nothing can.
    undo: str = ""
    #: Where what changed can be seen, and what the link says.
    href: str = ""
    link: str = ""


@cache
def environment() -> Environment:
    """The one Jinja environment: autoescaped, undefined names are errors, and the macros of templates/ui as `ui`
    and of templates/forms as `form_macros`, so that a block rendered alone has them too."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Templates come with the release; looking for changes costs a look at the disk for each.
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext, npgettext=i18n.npgettext
    )
    env.filters |= formats.FILTERS
    env.globals |= {"asset": assets.address, "currency": formats.currency, "looking": looking}
    env.globals["ui"] = ui = SimpleNamespace()
    for source in sorted((TEMPLATES / "ui").glob("*.html")):
        module = env.get_template(f"ui/{source.name}").module
        vars(ui).update({name: macro for name, macro in vars(module).items() if not name.startswith("_")})
    env.globals["form_macros"] = env.get_template("forms/form.html").module
    return env


def wants_block(request: Request) -> bool:
    """Whether htmx asks for a part of the page rather than the page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-request-type") == "partial"


def render(
    request: Request,
    template: str,
    block: str | None = None,
    *,
    status: int = 200,
    answer: Answer | None = None,
    headers: dict[str, str] | None = None,
    **data: Any,
) -> HTMLResponse:
    """The page `template`, or only its block `block` when htmx asks for a part.

    `answer` says what was just done: below a block it is swapped into the region for answers, on a page it stands there.
    """
    visitor = visitor_of(request)
    partial = wants_block(request)
    waiting = None if partial else _carried(request)
    data |= {
        "visitor": visitor,
        "path": request.url.path,
        "query": request.query_params,
        "answer": answer or waiting,
        "now": visitor.now,
    }
    env = environment()
    with looked_at(visitor):
        if partial and block:
            body = render_block(env, template, block, **data)
            if answer:
                body += env.get_template("layout/answer.html").render(data)
        else:
            body = env.get_template(template).render(
                {
                    **data,
                    "sections": list(places.sections(visitor)),
                    "place_here": places.of(request.url.path),
                    "languages": i18n.LANGUAGES,
                }
            )
    response = HTMLResponse(
        body, status_code=status, headers={"Vary": "HX-Request, Cookie", **(headers or {})}
    )
    if waiting:
        response.delete_cookie(ANSWER_COOKIE)
    return response


@contextmanager
def looked_at(visitor: Visitor) -> Iterator[None]:
    """Within: words in the visitor's language, moments as they see them."""
    seen, spoken = look(visitor), i18n.current.set(visitor.language)
    try:
        yield
    finally:
        i18n.current.reset(spoken)
        look_away(seen)


def redirect(request: Request, path: str, answer: Answer | None = None) -> Response:
    """Go on to `path` after a change; the next page says `answer`."""
    path = quote(path, safe="/?&=#%:@!$'()*+,;[]~-._")
    if request.headers.get("hx-request") == "true":
        response = Response(status_code=200, headers={"HX-Redirect": path})
    else:
        response = Response(status_code=303, headers={"Location": path})
    if answer:
        secure = request.app.state.engine.settings.secure_cookies
        response.set_cookie(
            ANSWER_COOKIE, _pack(answer), max_age=60, httponly=True, samesite="strict", secure=secure
        )
    return response


def changed(request: Request, back: str, answer: Answer) -> Response:
    """After a change on a list or page: a browser goes `back`; with htmx the page stays, its list looks again."""
    if request.headers.get("hx-request") != "true":
        return redirect(request, back, answer)
    headers = {"HX-Trigger": json.dumps({"refresh": {"target": "[data-live]"}}), "HX-Reswap": "none"}
    return render(request, "layout/answered.html", block="body", answer=answer, headers=headers)


#: A backslash is a slash to browsers, and what is below a blank they leave out: "/\t/elsewhere" leads elsewhere.
_TRICKS = re.compile(r"[\\\x00-\x20\x7f]")


def own_path(path: str) -> bool:
    """Whether a path given in a form leads to this very site."""
    return path.startswith("/") and not path.startswith("//") and not _TRICKS.search(path)


def say(visitor: Visitor, message: str, **values: Any) -> str:
    """A sentence of the interface in the visitor's language, for answers made in Python."""
    return i18n.words(visitor.language).gettext(message).format(**values)


def visitor_of(request: Request) -> Visitor:
    """Who looks: as the command edge found, else by a look-up of its own (pages outside of any command)."""
    if not hasattr(request.state, "visitor"):
        commands = request.app.state.commands
        with commands.begin() as ctx:
            request.state.visitor = sessions.recognise(ctx, request)
    return request.state.visitor


def _pack(answer: Answer) -> str:
    return base64.urlsafe_b64encode(json.dumps(asdict(answer)).encode()).decode()


def _carried(request: Request) -> Answer | None:
    """The answer a redirect carries over in a cookie; anything unreadable is nothing."""
    packed = request.cookies.get(ANSWER_COOKIE)
    if not packed:
        return None
    try:
        return Answer(**json.loads(base64.urlsafe_b64decode(packed)))
    except (ValueError, TypeError):
        return None
