"""The web application: routers, guards, errors, the stream of news."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from engine.runtime.context import Engine
from engine.runtime.edge import Commands
from engine.store.database import Database
from web import (
    api_deployments,
    as_it_was,
    assets,
    attachments,
    audit,
    backtests,
    case,
    comparison,
    credentials,
    customers,
    definitions,
    deployments,
    errors,
    events,
    finance,
    find,
    flow,
    forgotten,
    health,
    inbox,
    insights,
    ledger,
    moves,
    notices,
    operate,
    operate_case,
    operate_many,
    operate_work,
    organisation,
    organisation_people,
    organisation_rules,
    personal_data,
    places,
    play,
    play_begin,
    preferences,
    prints,
    proof,
    provider_sign_in,
    reasons,
    retention,
    saved_filters,
    scenarios,
    sealed_pages,
    sign_in,
    start,
    stock,
    studio,
    studio_editor,
    studio_new,
    submissions,
    submitting,
    user_task,
    why,
)
from web.requests import Numbered
from web.screen import Reader, Screen
from web.security import Guard

#: One router a screen.
SCREENS = (
    sign_in,
    provider_sign_in,
    forgotten,
    inbox,
    user_task,
    start,
    find,
    notices,
    saved_filters,
    preferences,
    credentials,
    attachments,
    definitions,
    events,
    studio_new,
    submitting,
    studio,
    studio_editor,
    scenarios,
    play_begin,
    play,
    comparison,
    backtests,
    operate,
    operate_work,
    operate_many,
    operate_case,
    submissions,
    deployments,
    moves,
    retention,
    api_deployments,
    organisation,
    organisation_people,
    organisation_rules,
    personal_data,
    ledger,
    prints,
    case,
    finance,
    reasons,
    stock,
    customers,
    proof,
    as_it_was,
    audit,
    why,
    flow,
    insights,
    health,
)


def create_app(engine: Engine, database: Database) -> FastAPI:
    """The web over a running engine. Stateless: any number of processes serve the same database."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with events.listening(database) as news:
            app.state.news = news
            yield

    app = FastAPI(title="Aftercare", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    serve(app, engine, database)
    app.add_middleware(Guard)
    app.add_middleware(Numbered)
    app.mount("/static", assets.Static(directory=assets.STATIC, check_dir=False), name="static")
    for screen in SCREENS:
        app.include_router(screen.router)
    entrance = Screen()
    entrance.add_api_route("/", home, methods=["GET"])
    app.include_router(entrance)
    for part in (errors, user_task, start):
        part.install(app)
    return app


def serve(app: FastAPI, engine: Engine, database: Database) -> None:
    """Put a web application over this engine; tests put one over many, since building its routes takes a second."""
    app.state.engine, app.state.commands = engine, Commands(database.begin, engine)
    sealed_pages.register(engine.registry)


def home(request: Request, visitor: Reader) -> Response:
    """Everybody begins in the first place of theirs."""
    return RedirectResponse(places.home(visitor), status_code=303)
