"""``tachi-data tokens``: API tokens for the service."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table
from tachi_data.errors import TachiError

app = typer.Typer(no_args_is_help=True, help="Create, list and revoke API tokens.")


@app.command()
def create(
    context: typer.Context,
    user: Annotated[int, typer.Option(help="ID of the player.")],
    permission: Annotated[
        list[str] | None, typer.Option(help="May be repeated; default submit_score.")
    ] = None,
    identifier: Annotated[
        str, typer.Option(help="A name that tells people what the token is for.")
    ] = "Custom Token",
    days: Annotated[
        float | None, typer.Option(help="Days until it expires; default never.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it, once."""
    from tachi_data.players.tokens import create_token

    seconds = None if days is None else days * 24 * 60 * 60
    with opened(context) as store:
        token = create_token(
            store, user, permission or ["submit_score"], identifier=identifier, expires_in_s=seconds
        )
    print_json({"token": token, "userID": user}) if as_json else typer.echo(token)


@app.command("list")
def list_(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tokens, without their secrets."""
    from tachi_data.players.tokens import list_tokens

    with opened(context, create=False) as store:
        rows = list_tokens(store, user)
    print_json(rows.to_dicts()) if as_json else print_table(
        "Tokens", rows.columns, rows.iter_rows()
    )


@app.command()
def revoke(
    context: typer.Context, token: Annotated[str, typer.Argument(help="The token or its ID.")]
) -> None:
    """Make a token invalid."""
    from tachi_data.players.tokens import revoke_token

    with opened(context, create=False) as store:
        if not revoke_token(store, token):
            raise TachiError("There is no such token.")
    typer.echo("Revoked.")
