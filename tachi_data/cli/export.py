"""``tachi-data export``: documents in the original server's JSON shape."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import opened, say
from tachi_data.escaping import visible_json

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
    import orjson

    import tachi_data as td

    with opened(context, create=False) as store:
        documents = td.export_documents(store, kind, user_id=user)
    lines = b"".join(orjson.dumps(d, option=orjson.OPT_APPEND_NEWLINE) for d in documents)
    if output is None:
        typer.echo(visible_json(lines.decode()), nl=False)
    else:
        output.write_bytes(lines)
        say(f"{len(documents):,} documents written to {output}.", err=True)
