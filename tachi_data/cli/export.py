"""``tachi-data export``: documents in the original server's JSON shape, and tables for spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tachi_data.cli._shared import opened, say
from tachi_data.errors import TachiError
from tachi_data.escaping import cells, visible_json

if TYPE_CHECKING:
    import polars as pl

    from tachi_data.store import Store

KINDS = (
    "scores, pbs, sessions, gameStats, classAchievements, orphans, imports, goalSubs, questSubs "
    "or chartQueue."
)
# The public function that reads the tidy frame of each kind that has one.
TIDY = {
    "scores": "scores",
    "pbs": "personal_bests",
    "sessions": "sessions",
    "gameStats": "ratings",
}


def export(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help=KINDS)],
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    output: Annotated[Path | None, typer.Option(help="A file, instead of standard output.")] = None,
    as_csv: Annotated[
        bool,
        typer.Option(
            "--csv",
            help="A table with titles and levels for spreadsheets: scores, pbs, sessions or gameStats.",
        ),
    ] = False,
) -> None:
    """Write documents as JSON lines, or a table as CSV."""
    import tachi_data as td
    from tachi_data.reference.canonical import json_text

    with opened(context, create=False) as store:
        if as_csv:
            rows = _tidy(store, kind, user)
            count, text = rows.height, csv_of(rows)
        else:
            documents = td.export_documents(store, kind, user_id=user)
            count = len(documents)
            text = "".join(f"{json_text(d)}\n" for d in documents).encode()
    if output is not None:
        output.write_bytes(text)
        say(f"{count:,} {'rows' if as_csv else 'documents'} written to {output}.", err=True)
    else:
        typer.echo(text.decode() if as_csv else visible_json(text.decode()), nl=False)


def _tidy(store: Store, kind: str, user: int | None) -> pl.DataFrame:
    import tachi_data as td

    if kind not in TIDY:
        raise TachiError(f"{kind!r:.200} is no table; these are: {', '.join(TIDY)}.")
    rows: pl.DataFrame = getattr(td, TIDY[kind])(store, user)
    return rows


def csv_of(rows: pl.DataFrame) -> bytes:
    """The rows as a CSV file that spreadsheets read: UTF-8 with its mark, and no text that is a formula."""
    return cells(rows).write_csv(include_bom=True).encode()
