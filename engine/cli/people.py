"""People who can sign in."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from engine.cli.shared import Json, open_application, read_settings, show, stop

users = typer.Typer(no_args_is_help=True, help="People who can sign in.")


@users.command("add")
def add(
    key: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str, typer.Argument(help="Their name.")],
    role: Annotated[list[str], typer.Option(help="A role; repeat for several.")],
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
) -> None:
    """Add somebody; prints a one-time password."""
    from sqlalchemy.exc import IntegrityError

    from engine.runtime import identity

    application = open_application(read_settings())
    password = secrets.token_urlsafe(9)
    try:
        with application.commands.begin() as ctx:
            unknown = sorted(set(role) - set(ctx.organisation.roles))
            if unknown:
                stop(
                    f"There is no role {', '.join(unknown)}. Roles are: {', '.join(ctx.organisation.roles)}."
                )
            identity.create_person(ctx, key, name, roles=role, password=password, language=language)
    except IntegrityError:
        stop(f"There is somebody called {key} already.")
    typer.echo(f"{key}: {password}")


@users.command("password")
def new_password(key: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Give somebody a new one-time password and end their sessions."""
    from engine.runtime import identity
    from engine.runtime.refusals import Refusal

    application = open_application(read_settings())
    password = secrets.token_urlsafe(9)
    try:
        with application.commands.begin() as ctx:
            identity.set_password(ctx, key, password)
    except Refusal as refusal:
        stop(str(refusal))
    typer.echo(f"{key}: {password}")


@users.command("list")
def listed(as_json: Json = False) -> None:
    """Who can sign in, and their roles."""
    from sqlalchemy import select

    from engine.store.tables import Person

    application = open_application(read_settings())
    with application.commands.begin() as ctx:
        people = [
            {"key": person.key, "name": person.name, "roles": person.roles, "active": person.active}
            for person in ctx.session.execute(select(Person).order_by(Person.key)).scalars()
        ]
    lines = [f"{each['key']:16} {each['name']:24} {', '.join(each['roles'])}" for each in people]
    show(people, as_json=as_json, text="\n".join(lines))
