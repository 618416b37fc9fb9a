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

    from engine.runtime import identity, sign_ins

    application = open_application(read_settings())
    password = secrets.token_urlsafe(9)
    try:
        with application.commands.begin() as ctx:
            unknown = sorted(set(role) - set(ctx.organisation.roles))
            if unknown:
                stop(
                    f"There is no role {', '.join(unknown)}. Roles are: {', '.join(ctx.organisation.roles)}."
                )
            identity.create_person(
                ctx,
                key,
                name,
                roles=role,
                password=password,
                password_until=sign_ins.one_time_until(ctx),
                language=language,
            )
    except IntegrityError:
        stop(f"There is somebody called {key} already.")
    typer.echo(f"{key}: {password}")


@users.command("password")
def new_password(key: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Give somebody a new one-time password; their sessions and the tokens of their programs end."""
    from engine.runtime import sign_ins
    from engine.runtime.refusals import Refusal

    application = open_application(read_settings())
    try:
        with application.commands.begin() as ctx:
            password = sign_ins.reset_password(ctx, key)
    except Refusal as refusal:
        stop(str(refusal))
    typer.echo(f"{key}: {password}")


@users.command("token")
def new_token(
    key: Annotated[str, typer.Argument(help="For whom the program acts.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    days: Annotated[int, typer.Option(help="How many days it is good for.")] = 90,
    scope: Annotated[list[str] | None, typer.Option(help="What it may do; repeat for several.")] = None,
) -> None:
    """Make an API token for somebody; prints it this once."""
    from engine.runtime import api_tokens
    from engine.runtime.refusals import Refusal

    application = open_application(read_settings())
    try:
        with application.commands.begin() as ctx:
            token = api_tokens.make(ctx, key, name=name, scopes=scope or api_tokens.SCOPES, days=days)
    except Refusal as refusal:
        stop(str(refusal))
    typer.echo(token)


@users.command("tokens")
def tokens(
    key: Annotated[str, typer.Argument(help="Whose.")],
    revoke: Annotated[int | None, typer.Option(help="Number of one that is to be good for nothing.")] = None,
    as_json: Json = False,
) -> None:
    """Somebody's API tokens; with --revoke one of them is let in no more."""
    from engine.runtime import api_tokens
    from engine.runtime.refusals import Refusal

    application = open_application(read_settings())
    try:
        with application.commands.begin() as ctx:
            if revoke is not None:
                api_tokens.revoke(ctx, key, revoke)
            found = [
                {"number": each.id, "name": each.name, "scopes": each.scopes, "expires_at": each.expires_at}
                for each in api_tokens.of_person(ctx, key)
            ]
    except Refusal as refusal:
        stop(str(refusal))
    lines = [
        f"{each['number']:6} {each['expires_at']:%Y-%m-%d} {', '.join(each['scopes'])}: {each['name']}"
        for each in found
    ]
    show(found, as_json=as_json, text="\n".join(lines))


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
