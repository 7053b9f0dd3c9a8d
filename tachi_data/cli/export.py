"""``tachi-data export``: documents in the original server's JSON shape."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import opened

KINDS = (
    "scores, pbs, sessions, gameStats, classAchievements, orphans, imports, goalSubs, questSubs "
    "or chartQueue."
)


def export(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help=KINDS)],
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    output: Annotated[Path | None, typer.Option(help="A file, instead of standard output.")] = None,
) -> None:
    """Write documents as JSON lines."""
    import tachi_data as td
    from tachi_data.reference.canonical import json_text

    with opened(context, create=False) as store:
        documents = td.export_documents(store, kind, user_id=user)
    lines = "".join(f"{json_text(d)}\n" for d in documents)
    if output is None:
        typer.echo(lines, nl=False)
    else:
        output.write_text(lines, encoding="utf-8")
        typer.echo(f"{len(documents):,} documents written to {output}.", err=True)
