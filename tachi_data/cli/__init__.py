"""The command line, ``tachi-data``. Each command parses its arguments, calls one use case, and prints.

Every command prints tables for people and, with ``--json``, JSON for programs. A problem that a person
can do something about is one sentence on standard error and exit code 2. Heavy imports are inside the
commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tachi_data.cli import (
    accounts,
    catalogue,
    export,
    goals,
    importing,
    imports,
    integrations,
    new_import_type,
    orphans,
    scores,
    serve,
    tokens,
    verify,
)
from tachi_data.cli import (
    store as store_commands,
)
from tachi_data.cli._shared import State, say
from tachi_data.errors import TachiError
from tachi_data.version import __version__

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(accounts.app, name="accounts")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(goals.app, name="goals")
app.add_typer(imports.app, name="imports")
app.add_typer(integrations.app, name="integrations")
app.add_typer(orphans.app, name="orphans")
app.add_typer(scores.app, name="scores")
app.add_typer(store_commands.app, name="store")
app.add_typer(tokens.app, name="tokens")
app.command()(integrations.sync)
app.command()(serve.serve)
app.command()(serve.worker)
app.command()(serve.lab)
app.command("import")(importing.import_)
app.command("import-types")(importing.import_types)
app.command()(export.export)
app.command()(verify.verify)
app.command("new-import-type")(new_import_type.new_import_type)


def print_version(is_asked: bool) -> None:
    """Print the version and end, where ``--version`` asks for it."""
    if is_asked:
        typer.echo(f"tachi-data {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    store: Annotated[
        str,
        typer.Option(
            envvar="TACHI_STORE",
            help="The store: a DuckDB file, made if it is not there, or ducklake:postgres:…",
        ),
    ] = "tachi.duckdb",
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Import rhythm-game scores, match them to charts, and find out why some do not match."""
    context.obj = State(store)


def main() -> None:
    """Run the command line; exit code 2 for problems that a person can solve."""
    try:
        app()
    except TachiError as error:
        say(f"tachi-data: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("tachi-data: interrupted; an unfinished import leaves nothing.", err=True)
        sys.exit(130)
