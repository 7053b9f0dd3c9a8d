"""``tachi-data integrations`` and ``tachi-data sync``: scores from other services."""

from __future__ import annotations

from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, counted, opened, print_json, print_table
from tachi_data.errors import TachiError

app = typer.Typer(no_args_is_help=True, help="Link players to other score services.")
ServiceId = Annotated[str, typer.Argument(help="Such as flo, cg/dev or myt.")]
User = Annotated[int, typer.Option(help="ID of the player.")]


@app.command("set")
def set_(
    context: typer.Context,
    service: ServiceId,
    user: User,
    code: Annotated[
        bool, typer.Option("--code", help="Ask for the code of the service's own page (OAuth).")
    ] = False,
) -> None:
    """Link a service. The credentials are asked for, or read from standard input, a line each."""
    from tachi_data.players import integrations

    fields = integrations.service(service).credentials
    with opened(context) as store:
        if code:
            given = typer.prompt("Code", hide_input=True)
            integrations.exchange(store, user, service, given)
        else:
            values = {name: typer.prompt(name, hide_input=True) for name in fields}
            integrations.link(store, user, service, values)
    typer.echo("Linked.")


@app.command()
def show(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    as_json: AsJson = False,
) -> None:
    """List links, without their secrets."""
    from tachi_data.players import integrations

    with opened(context, create=False) as store:
        rows = integrations.links(store, user)
    print_json(rows.to_dicts()) if as_json else print_table(
        "Integrations", rows.columns, rows.iter_rows()
    )


@app.command()
def remove(context: typer.Context, service: ServiceId, user: User) -> None:
    """Forget a link."""
    from tachi_data.players import integrations

    with opened(context, create=False) as store:
        if not integrations.unlink(store, user, integrations.service(service).id):
            raise TachiError(f"Player {user} has not linked {service}.")
    typer.echo("Removed.")


@app.command("new-key")
def new_key() -> None:
    """Make a key for TACHI_KEY, with which credentials are stored encrypted."""
    from tachi_data.players import integrations

    typer.echo(integrations.new_key())


@app.command()
def reencrypt(context: typer.Context) -> None:
    """Encrypt all credentials with the first key of TACHI_KEY; older keys can be left out afterwards."""
    from tachi_data.players import integrations

    with opened(context, create=False) as store:
        count = integrations.encrypt_again(store)
    typer.echo(f"Encrypted the credentials of {counted(count, 'link')} again.")


def sync(
    context: typer.Context,
    import_type: Annotated[str, typer.Argument(help="An api/ type; `import-types` lists them.")],
    user: User,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Fetch all scores, not only those after the time stop.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a player's new scores from a linked service, and import them."""
    import tachi_data as td

    kind = td.all_import_types().get(import_type)
    if kind is None or kind.fetch is None:
        known = ", ".join(k.id for k in td.all_import_types().values() if k.fetch is not None)
        raise TachiError(f"{import_type!r:.200} cannot be fetched; these can: {known}.")
    with opened(context) as store:
        outcome = td.import_scores(
            store,
            import_type,
            None,
            user_id=user,
            options={"ignoreTimestop": everything},
            dry_run=dry_run,
        )
    if as_json:
        print_json(outcome.answer)
        return
    counts = outcome.datapoints["outcome"].value_counts(sort=True)
    print_table("Outcomes", ("outcome", "count"), counts.iter_rows())
