"""Refusals and failures as answers: the only place that knows HTTP statuses. A sentence, a way on, and a log event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from engine.aftersales.retention import holds
from engine.runtime import refusals, submissions
from engine.store.database import is_away
from web import formats, i18n, refused, sessions, words
from web.i18n import mark
from web.queries import step
from web.render import Answer, looked_at, redirect, render, say, visitor_of
from web.screen import PasswordNeeded, SignInNeeded, WrongPlace
from web.security import BodyTooLarge, CrossSite
from web.visitor import Visitor

log = structlog.get_logger(__name__)

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


#: Programs are answered in JSON.
API = "/api/"
SIGN_IN = mark("Sign in first.")
CHOOSE_PASSWORD = mark("Choose a password of your own first: you signed in with a one-time password.")
#: A form with something to mend is shown again with this.
INVALID = 422
#: A page shown again because the command was refused.
REFUSED = 409


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What a person reads when something did not work."""

    status: int
    title: str
    text: str


#: Refusals by status; a class stands for its subclasses. What is not listed is a conflict with the present state.
STATUSES: dict[type[refusals.Refusal], int] = {
    refusals.NotFound: 404,
    refusals.NotAllowed: 403,
    refusals.NotACandidate: 403,
    refusals.FourEyesViolation: 403,
    refusals.InvolvedInCase: 403,
    refusals.InvalidDeployment: 422,
    submissions.SelfApproval: 403,
    submissions.NoteNeeded: 422,
    submissions.RemarkNeeded: 422,
    refusals.UnreadableFile: 422,
    holds.ReasonNeeded: 422,
}
TITLES = {
    400: mark("This request could not be read"),
    403: mark("This is not yours to do"),
    404: mark("There is nothing here"),
    405: mark("This address does not do that"),
    409: mark("Something changed meanwhile"),
    413: mark("This is too large"),
    422: mark("Something is missing or wrong"),
    429: mark("Too many tries"),
    500: mark("Something went wrong on our side"),
    503: mark("Out of reach for a moment"),
}
UNKNOWN = mark("There is no page at this address. It may have moved, or the link is incomplete.")
UNREADABLE = mark("The address or the form has a part that cannot be right. Go back and try again.")
CROSS_SITE = mark(
    "This form did not come from a page of this session. Open the page again and repeat what you did."
)
TOO_LARGE = mark("What you sent is larger than {limit}. Choose smaller files, or send them one by one.")
WRONG_PLACE = mark("Your roles do not include this page. Ask an administrator if you need it.")
BROKEN = mark("Nothing was changed. The failure was recorded; try again in a moment.")
AWAY = mark(
    "The database does not answer at the moment. Wait a little, then look whether what you did last is there before you "
    "repeat it."
)
#: Seconds after which a browser or a program may try again.
AGAIN = "5"


def install(app: FastAPI) -> None:
    """Answer every refusal and failure of the application."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(PasswordNeeded, _choose_password)
    app.add_exception_handler(refusals.UserTaskAlreadyCompleted, _look_at_user_task)
    app.add_exception_handler(refusals.UserTaskCancelled, _look_at_user_task)
    app.add_exception_handler(refusals.Refusal, _refusal)
    app.add_exception_handler(WrongPlace, _wrong_place)
    app.add_exception_handler(CrossSite, _cross_site)
    app.add_exception_handler(BodyTooLarge, _too_large)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(DataError, _beyond)
    app.add_exception_handler(HTTPException, _http)
    for failure in (DBAPIError, PoolTimeout, PendingRollbackError, ConnectorException):
        app.add_exception_handler(failure, _away)
    app.add_exception_handler(Exception, _broken)


def sentence(visitor: Visitor, refusal: refusals.Refusal, people: Mapping[str, str] | None = None) -> str:
    """A refusal in the visitor's language: moments as pages show them, roles and (from `people`) persons by name."""
    with looked_at(visitor):
        return told(visitor, refusal.sentence, refusal.params, people or {})


def told(visitor: Visitor, sentence: str, params: Mapping[str, Any], people: Mapping[str, str]) -> str:
    """The sentence of a refusal with its params, where the visitor is the one who looks; see `sentence`."""
    readable = {name: _readable(visitor, name, value, people) for name, value in params.items()}
    return i18n.gettext(sentence).format_map(_Known(readable))


def _readable(visitor: Visitor, name: str, value: Any, people: Mapping[str, str]) -> Any:
    if name in ("groups", "roles"):
        keys = value.split(", ") if isinstance(value, str) else value
        return words.roles(visitor.organisation, keys, visitor.language)
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return formats.moment(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(part) for part in value)
    if isinstance(value, str):
        return people.get(value) or i18n.gettext(value) if value else value
    return value


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _sign_in(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(API):
        detail = {"status": 401, "detail": say(visitor_of(request), SIGN_IN)}
        return JSONResponse(detail, status_code=401, headers={"WWW-Authenticate": "Bearer"})
    if request.headers.get("hx-request") == "true" or request.method != "GET":
        return redirect(request, "/sign-in")
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return redirect(request, "/sign-in" if address == "/" else f"/sign-in?{urlencode({'next': address})}")


def _choose_password(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(API):
        return _answer(request, visitor_of(request), 403, say(visitor_of(request), CHOOSE_PASSWORD))
    return redirect(request, sessions.CREDENTIALS)


def _look_at_user_task(request: Request, error: Exception) -> Response:
    """A step that is done already: its page says by whom and when, with a way on."""
    user_task_id = request.path_params.get("user_task_id")
    if user_task_id is None:
        return _refusal(request, error)
    assert isinstance(error, refusals.Refusal)
    log.info("refused", code=error.code, path=request.url.path)
    if not refused.is_looking(request):
        refused.note(request, visitor_of(request), error)
    return redirect(request, f"/user-tasks/{user_task_id}")


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, refusals.Refusal)
    status = next((STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES), 409)
    visitor = visitor_of(request)
    log.info("refused", code=error.code, status=status, path=request.url.path, actor=_key(visitor))
    if not refused.is_looking(request) or status == 403:
        refused.note(request, visitor, error)
    return _answer(request, visitor, status, sentence(visitor, error, people_in(request, error)))


def people_in(request: Request, refusal: refusals.Refusal) -> dict[str, str]:
    """Names of the people a refusal speaks of by key."""
    key = refusal.params.get("by")
    if not key:
        return {}
    with request.app.state.commands.begin() as ctx:
        return step.names(ctx, [key])


def _wrong_place(request: Request, error: Exception) -> Response:
    visitor = visitor_of(request)
    log.info("wrong_place", path=request.url.path, actor=_key(visitor))
    refused.note_other(request, visitor, "wrong_place", WRONG_PLACE)
    return _answer(request, visitor, 403, say(visitor, WRONG_PLACE))


def _cross_site(request: Request, _error: Exception) -> Response:
    visitor = visitor_of(request)
    log.warning("cross_site_request", path=request.url.path, origin=request.headers.get("origin"))
    return _answer(request, visitor, 403, say(visitor, CROSS_SITE))


def _too_large(request: Request, error: Exception) -> Response:
    assert isinstance(error, BodyTooLarge)
    visitor = visitor_of(request)
    log.info("body_too_large", path=request.url.path, limit=error.limit)
    return _answer(request, visitor, 413, say(visitor, TOO_LARGE, limit=formats.size(error.limit)))


def _unreadable(request: Request, error: Exception) -> Response:
    """A path or query that does not parse is as good as an unknown address."""
    in_path = isinstance(error, RequestValidationError) and any(e["loc"][0] == "path" for e in error.errors())
    log.info("unreadable_request", path=request.url.path)
    visitor = visitor_of(request)
    return _answer(
        request, visitor, 404 if in_path else 400, say(visitor, UNKNOWN if in_path else UNREADABLE)
    )


def _beyond(request: Request, error: Exception) -> Response:
    """No column holds it: a number of twenty digits, a zero octet. Who sends such a thing finds nothing."""
    log.warning("value_beyond", path=request.url.path, error=str(error.__cause__ or error))
    visitor = visitor_of(request)
    return _answer(request, visitor, 400, say(visitor, UNREADABLE))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    visitor = visitor_of(request)
    log.info("http_error", path=request.url.path, status=error.status_code)
    text = UNKNOWN if error.status_code in (404, 405) else UNREADABLE
    return _answer(request, visitor, error.status_code, say(visitor, text))


def _broken(request: Request, error: Exception) -> Response:
    log.exception("request_failed", path=request.url.path, exc_info=error)
    try:
        return _answer(request, visitor_of(request), 500, say(visitor_of(request), BROKEN))
    except Exception:  # the database itself may be what failed: answer without it
        log.exception("error_page_failed")
        return HTMLResponse(BROKEN, status_code=500)


def _away(request: Request, error: Exception) -> Response:
    """The database is being restarted, say: one sentence, made without it."""
    if not is_away(error):
        return _broken(request, error)
    log.warning("database_away", path=request.url.path, error=str(error.__cause__ or error))
    if not hasattr(request.state, "visitor"):
        request.state.visitor = sessions.anonymous(request.app.state.engine, request)
    visitor = request.state.visitor
    answer = _answer(request, visitor, 503, say(visitor, AWAY))
    answer.headers["Retry-After"] = AGAIN
    return answer


def _answer(request: Request, visitor: Visitor, status: int, text: str) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"status": status, "detail": text}, status_code=status)
    trouble = Trouble(status=status, title=say(visitor, TITLES.get(status, TITLES[500])), text=text)
    if request.headers.get("hx-request") == "true":
        # Whatever the request aimed at stays as it is; the sentence goes where answers stand.
        headers = {"HX-Retarget": "#answers", "HX-Reswap": "beforeend", "HX-Reselect": ".answer"}
        answer = Answer(text=text, tone="danger")
        return render(request, "errors/fragment.html", status=status, answer=answer, headers=headers)
    return render(request, "errors/page.html", status=status, trouble=trouble)


def _key(visitor: Visitor) -> str | None:
    return visitor.actor.key if visitor.actor else None
