"""``tachi-data accounts``: names and rights of players, and logging browsers in."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import opened

app = typer.Typer(no_args_is_help=True, help="Name players, change their rights, log them in.")
User = Annotated[int, typer.Option(help="ID of the player.")]


@app.command("set")
def set_(
    context: typer.Context,
    user: User,
    name: Annotated[
        str | None, typer.Option(help="The name of the player: 2 to 20 letters, digits, - and _.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="USER, ADMIN or BANNED.")] = None,
) -> None:
    """Name a player, or change their rights."""
    from tachi_data.players.accounts import change_account

    with opened(context) as store:
        change_account(store, user, username=name, level=level)
    typer.echo("Changed.")


@app.command()
def login(
    context: typer.Context,
    user: User,
    base_url: Annotated[
        str, typer.Option(envvar="TACHI_BASE_URL", help="The address of the service.")
    ] = "http://127.0.0.1:8000",
) -> None:
    """Make a link that logs one browser in, once, within a quarter of an hour."""
    from tachi_data.players.accounts import login_code

    with opened(context) as store:
        typer.echo(f"{base_url.rstrip('/')}/#code={login_code(store, user)}")
