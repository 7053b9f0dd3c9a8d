"""``tachi-data imports``: imports that were made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import (
    AsJson,
    counted,
    opened,
    print_json,
    print_table,
    say,
    sql,
    whole_id,
)
from tachi_data.cli.export import csv_of
from tachi_data.errors import TachiError

app = typer.Typer(no_args_is_help=True, help="List, show and revert imports.")
SHOWN_IDS = 3
ImportId = Annotated[str, typer.Argument(help="ID of the import, or its first letters.")]


@app.command("list")
def list_(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    limit: Annotated[int, typer.Option(help="The most imports that are shown, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List imports, newest first."""
    with opened(context, create=False) as store:
        rows = store.query(
            sql("newest_imports"),
            {"user": user, "limit": limit},
        )
    print_json(rows.to_dicts()) if as_json else print_table(
        "Imports", rows.columns, rows.iter_rows()
    )


@app.command()
def show(
    context: typer.Context,
    import_id: ImportId,
    as_json: AsJson = False,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write the datapoints that did not become scores into this CSV file."),
    ] = None,
) -> None:
    """Show an ImportDocument, and why datapoints did not become scores."""
    from tachi_data.documents.imports import stored_import

    with opened(context, create=False) as store:
        import_id = whole_id(store, "import", import_id)
        with store.read() as con:
            document = stored_import(con, import_id)
        failed = store.query(
            sql("failed_datapoints"),
            {"import_id": import_id},
        )
    if document is None:
        raise TachiError(f"There is no import {import_id!r:.200}.")
    if csv is not None:
        csv.write_bytes(csv_of(failed))
        say(f"{counted(failed.height, 'datapoint')} written to {csv}.", err=True)
        return
    if as_json:
        print_json(document)
        return
    count = len(document["scoreIDs"])
    listed = document["scoreIDs"] if count <= SHOWN_IDS else f"{count:,} (with --json)"
    print_json({**document, "scoreIDs": listed, "errors": f"{len(document['errors'])} (below)"})
    print_table("Not imported", failed.columns, failed.iter_rows())


@app.command()
def revert(
    context: typer.Context,
    import_id: ImportId,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count the scores, change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take an import back: delete its scores, the plays that its orphans became, and all that follows."""
    import tachi_data as td

    with opened(context, create=False) as store:
        import_id = whole_id(store, "import", import_id)
        count = td.revert_import(store, import_id, dry_run=dry_run)
    if as_json:
        print_json({"removed": count} | ({"dry_run": True} if dry_run else {}))
    elif dry_run:
        say(f"Nothing was changed; a revert removes {counted(count, 'score')}.")
    else:
        say(f"Reverted; {counted(count, 'score')} removed.")
