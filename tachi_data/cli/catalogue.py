"""``tachi-data catalogue``: songs and charts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table, say, working

app = typer.Typer(
    no_args_is_help=True, help="Load songs, charts, folders, goals and quests, or look at them."
)
Games = Annotated[list[str] | None, typer.Option("--game", help="Only this game; may be repeated.")]


@app.command()
def load(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder with songs-*.json and charts-*.json.")],
    game: Games = None,
    as_json: AsJson = False,
) -> None:
    """Load the catalogue from a folder, in the form of v2 or v3, and show the changes and what followed."""
    import tachi_data as td

    with opened(context) as store, working("Loading", hidden=as_json) as tell:
        diff = td.load_catalogue(store, folder, games=game or None, progress=tell)
    print_json(diff.document()) if as_json else say(str(diff))


@app.command()
def sync(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A git URL, a local repository or a folder.")],
    ref: Annotated[str | None, typer.Option(help="Branch, tag or commit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the catalogue from a git repository and load it."""
    import tachi_data as td

    with opened(context) as store, working("Loading", hidden=as_json) as tell:
        diff = td.catalogue_sync(store, source, ref=ref, progress=tell)
    print_json(diff.document()) if as_json else say(str(diff))


@app.command()
def diff(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder with songs-*.json and charts-*.json.")],
    game: Games = None,
    as_json: AsJson = False,
) -> None:
    """Show the changes that a load would make, and change nothing."""
    from tachi_data.catalogue import diff_catalogue

    with opened(context, create=False) as store:
        found = diff_catalogue(store, folder, games=game or None)
    print_json(found.document()) if as_json else say(str(found))


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how many songs and charts of each game are loaded, and of which form (2 or 3) the catalogue is."""
    from tachi_data.catalogue import status as catalogue_status

    with opened(context, create=False) as store:
        rows = catalogue_status(store)
    if as_json:
        print_json(rows.to_dicts())
    else:
        print_table("Catalogue", rows.columns, rows.iter_rows())
