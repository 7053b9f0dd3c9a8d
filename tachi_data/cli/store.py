"""``tachi-data store``: moving and backing up a store, its locks, and keeping a DuckLake in shape."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Move or back up the store, and keep it in shape.")


@app.command()
def copy(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="An empty store; made if it is not there.")],
    folder: Annotated[
        Path | None, typer.Option(help="The folder of the Parquet files during the copy.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy all rows into another store, and check that the copy is equal."""
    import tachi_data as td

    with opened(context, create=False) as source, td.open_store(target) as empty:
        copied = td.copy_store(source, empty, folder=folder)
    if as_json:
        print_json(copied.to_dicts())
    else:
        print_table("Copied, and equal", copied.columns, copied.rows())


@app.command()
def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="The file to make.")],
) -> None:
    """Copy a store that is a file, while the service runs. The copy can take the store's place."""
    from tachi_data.store import back_up

    with opened(context, create=False) as store:
        back_up(store, target)
    typer.echo(f"Backed up to {target}.")


@app.command()
def locks(
    context: typer.Context,
    free: Annotated[
        list[int] | None, typer.Option(help="Free the lock of this player; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which players have an import running, and free the locks that a dead process left."""
    from tachi_data.players import locks as player_locks

    with opened(context, create=False) as store:
        if free:
            with store.write() as con:
                player_locks.free(free, con)
        rows = player_locks.all_locks(store)
    print_json(rows.to_dicts()) if as_json else print_table("Locks", rows.columns, rows.iter_rows())


@app.command()
def maintain(
    context: typer.Context,
    keep_days: Annotated[
        int, typer.Option(min=0, help="The days for which old states can still be read.")
    ] = 7,
    as_json: AsJson = False,
) -> None:
    """Derive stale scores again; of a DuckLake, also merge small files and forget old snapshots."""
    import polars as pl

    import tachi_data as td

    with opened(context, create=False) as store:
        derived = td.derive_again(store)
        done = derived.select(
            step=pl.lit("derive_again"),
            what=pl.format("scores of {} derived again", "game"),
            count="scores",
        )
        if store.path is None or derived.is_empty():
            done = pl.concat([done, td.maintain(store, keep_days=keep_days)])
    if as_json:
        print_json(done.to_dicts())
    else:
        print_table("Maintenance", ("what", "count"), done.select("what", "count").rows())
