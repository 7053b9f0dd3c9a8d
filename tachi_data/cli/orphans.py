"""``tachi-data orphans``: scores on charts that the catalogue did not know."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table, working
from tachi_data.errors import TachiError

app = typer.Typer(
    no_args_is_help=True, help="Try orphans again, take in history, see why they wait."
)


@app.command("list")
def list_(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List orphans, newest first."""
    with opened(context, create=False) as store:
        rows = store.query(
            """
            SELECT orphan_id, user_id, game, import_type,
                   coalesce(song_exact, song_key, chart_key) AS looked_for, difficulty, message
            FROM orphans
            WHERE $user IS NULL OR user_id = $user
            ORDER BY ordinal DESC
            LIMIT $limit
            """,
            {"user": user, "limit": limit},
        )
    print_json(rows.to_dicts()) if as_json else print_table(
        "Orphans", rows.columns, rows.iter_rows()
    )


@app.command()
def show(
    context: typer.Context, orphan_id: Annotated[str, typer.Argument(help="ID of the orphan.")]
) -> None:
    """Show an orphan with its raw record and its last attempt, also one that left the list."""
    from tachi_data.orphans import find_orphan

    with opened(context, create=False) as store:
        found = find_orphan(store, orphan_id)
    if found is None:
        raise TachiError(f"There is no orphan {orphan_id}.")
    print_json(found)


@app.command()
def reprocess(
    context: typer.Context,
    user: Annotated[list[int] | None, typer.Option(help="Of this player; may be repeated.")] = None,
    changed: Annotated[
        bool,
        typer.Option("--changed", help="Only what catalogue changes since the last run concern."),
    ] = False,
    budget: Annotated[float | None, typer.Option(help="Stop after so many seconds.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try orphans again, of some players or of everybody."""
    import tachi_data as td

    with opened(context, create=False) as store, working("Reprocessing", hidden=as_json) as say:
        report = td.reprocess_orphans(
            store,
            user or None,
            dry_run=dry_run,
            only_changed=changed,
            budget_s=budget,
            progress=lambda r: say(f"{r.success:,} became scores so far"),
        )
    if as_json:
        print_json(asdict(report))
    else:
        names = ("processed", "failed", "success", "removed", "deferred")
        print_table(f"Run {report.run_id}", names, [[f"{getattr(report, n):,}" for n in names]])


@app.command()
def ingest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An export of orphan-scores: NDJSON, also gzip.")],
    as_json: AsJson = False,
) -> None:
    """Take in orphans that were exported from the reference server."""
    import tachi_data as td

    with opened(context) as store, working("Reading", hidden=as_json) as say:
        report = td.ingest_orphans(store, file, progress=lambda lines: say(f"{lines:,} lines"))
    rows = report.rows
    print_json(rows.to_dicts()) if as_json else print_table(
        str(file), rows.columns, rows.iter_rows()
    )


@app.command()
def restore(
    context: typer.Context,
    orphan_id: Annotated[list[str], typer.Argument(help="IDs of archived orphans.")],
    as_json: AsJson = False,
) -> None:
    """Put orphans that were rejected back on the list."""
    from tachi_data.orphans import restore_orphans

    with opened(context, create=False) as store:
        count = restore_orphans(store, orphan_id)
    print_json({"restored": count}) if as_json else typer.echo(f"{count:,} restored.")


@app.command()
def triage(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most so many groups.")] = 30,
    game: Annotated[str | None, typer.Option(help="Only this game.")] = None,
    as_json: AsJson = False,
) -> None:
    """Group orphans by what did not match, say why, and suggest songs."""
    from tachi_data.orphans import triage as triage_orphans

    with opened(context, create=False) as store:
        groups = triage_orphans(store, limit=limit, game=game)
    if as_json:
        print_json(groups.to_dicts())
        return
    shown = ("game", "looked_for", "orphans", "users", "reason", "suggestion", "similarity")
    print_table("Why orphans wait", shown, groups.select(shown).iter_rows())
