"""``tachi-data orphans``: scores on charts that the catalogue did not know."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tachi_data.cli._shared import (
    LF,
    AsJson,
    opened,
    print_json,
    print_table,
    say,
    sql,
    whole_id,
    working,
)
from tachi_data.errors import TachiError

if TYPE_CHECKING:
    import polars as pl

    from tachi_data.catalogue import CatalogueDiff

SHOWN = 10

app = typer.Typer(
    no_args_is_help=True, help="Try orphans again, take in history, see why they wait."
)


@app.command("list")
def list_(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="Only of this player.")] = None,
    limit: Annotated[int, typer.Option(help="The most orphans that are shown, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List orphans, newest first."""
    with opened(context, create=False) as store:
        rows = store.query(
            sql("newest_orphans"),
            {"user": user, "limit": limit},
        )
    print_json(rows.to_dicts()) if as_json else print_table(
        "Orphans", rows.columns, rows.iter_rows()
    )


@app.command()
def why(
    context: typer.Context,
    game: Annotated[str | None, typer.Option(help="Only this game.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why orphans wait, by game and reason, and what to do next."""
    import tachi_data as td

    with opened(context, create=False) as store:
        answer = td.why_orphans(store, game)
    if as_json:
        facts = {"orphans": answer.total, "quarantined": answer.quarantined}
        told = {"states": answer.states.to_dicts(), "next": answer.next_command}
        print_json(facts | told | {"titles": answer.titles.head(50).to_dicts()})
    else:
        say(answer)


@app.command()
def show(
    context: typer.Context,
    orphan_id: Annotated[str, typer.Argument(help="ID of the orphan, or its first letters.")],
) -> None:
    """Show an orphan with its raw record and its last attempt, also one that left the list."""
    from tachi_data.orphans import find_orphan

    with opened(context, create=False) as store:
        found = find_orphan(store, whole_id(store, "orphan", orphan_id))
    if found is None:
        raise TachiError(f"There is no orphan {orphan_id}.")
    print_json(found)


@app.command()
def reprocess(
    context: typer.Context,
    user: Annotated[list[int] | None, typer.Option(help="Of this player; may be repeated.")] = None,
    changed: Annotated[
        bool,
        typer.Option(
            "--changed",
            help="Only orphans that the catalogue's changes since the last run concern.",
        ),
    ] = False,
    budget: Annotated[
        float | None, typer.Option(help="Stop cleanly after this time, in seconds.")
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only orphans that need no change, just a run.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try orphans again, of some players or of everybody."""
    import tachi_data as td
    from tachi_data.orphans import rejections

    with opened(context, create=False) as store, working("Reprocessing", hidden=as_json) as tell:
        report = td.reprocess_orphans(
            store,
            user or None,
            dry_run=dry_run,
            only_changed=changed,
            only_due=due,
            budget_s=budget,
            progress=lambda r: tell(
                f"{r.processed:,} of {r.total:,} tried, {r.success:,} became scores"
            ),
        )
        answer = None if as_json else td.why_orphans(store)
        refused = None if as_json else rejections(store, [report.run_id])
    if answer is None or refused is None:
        print_json(asdict(report))
        return
    would = "would become" if dry_run else "became"
    say(
        f"Run {report.run_id}: {report.processed:,} orphans tried; {report.success:,} {would} scores, "
        f"{report.removed:,} {'would be' if dry_run else 'were'} rejected, {report.failed:,} still wait, "
        f"{report.deferred:,} are put off."
    )
    for reason, count, example in refused.head(SHOWN).iter_rows():
        say(f"{count:>10,}  rejected: {reason.replace(LF, '; ')} (such as {example})")
    say(answer)


@app.command()
def ingest(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An export of orphan-scores: NDJSON, also gzip.")],
    as_json: AsJson = False,
) -> None:
    """Take in orphans that were exported from the reference server."""
    import tachi_data as td

    with opened(context) as store, working("Reading", hidden=as_json) as tell:
        report = td.ingest_orphans(store, file, progress=lambda lines: tell(f"{lines:,} lines"))
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
        count = restore_orphans(store, [whole_id(store, "orphan", one) for one in orphan_id])
    print_json({"restored": count}) if as_json else say(f"{count:,} restored.")


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how many orphans wait, are quarantined or due, and how far the newest run is."""
    from tachi_data.orphans import status as status_of

    with opened(context, create=False) as store:
        found = status_of(store)
    print_json(found) if as_json else print_table("Orphans", ("what", "value"), found.items())


@app.command()
def explain(
    context: typer.Context,
    orphan_id: Annotated[str, typer.Argument(help="ID of the orphan, or its first letters.")],
    as_json: AsJson = False,
) -> None:
    """Tell the story of one orphan: its look-up, the earlier tries, and the result of a try now."""
    from tachi_data.orphans import explain as explain_orphan

    with opened(context, create=False) as store:
        orphan_id = whole_id(store, "orphan", orphan_id)
        found = explain_orphan(store, orphan_id)
    frames = {"songs": found.songs, "charts": found.charts, "suggestions": found.suggestions}
    if as_json:
        story = [{"at": at, "what": what} for at, what in found.story]
        told = {"orphan": found.orphan, "lookedFor": found.looked_for, "story": story}
        print_json(told | {n: f.to_dicts() for n, f in frames.items()} | {"verdict": found.verdict})
        return
    print_table(f"Orphan {orphan_id}", ("when", "what"), found.story)
    print_table("It looks for", ("part", "value"), found.looked_for.items())
    titles = {"songs": "Songs it finds", "charts": "Their charts", "suggestions": "Similar titles"}
    for name, frame in frames.items():
        if not frame.is_empty():
            print_table(titles[name], frame.columns, frame.iter_rows())
    say(found.verdict or "It is archived.")


@app.command()
def triage(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="The most groups that are shown.")] = 30,
    game: Annotated[str | None, typer.Option(help="Only this game.")] = None,
    what_if: Annotated[
        Path | None,
        typer.Option(
            "--what-if", help="Show instead which orphans would become scores with this catalogue."
        ),
    ] = None,
    write_patch: Annotated[
        Path | None,
        typer.Option(
            "--write-patch",
            help="Write suggestions as altTitles into the catalogue's files in this folder.",
        ),
    ] = None,
    accept: Annotated[
        Path | None,
        typer.Option(
            help="The suggestions to write: the output of triage --json without the rows you reject. "
            "Without it, the suggestions that differ in spelling only."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Group orphans by the look-up that fails, say why it fails, and suggest songs."""
    if what_if is not None:
        _what_if(context, what_if, game, limit, as_json)
        return
    from tachi_data.orphans import triage as triage_orphans
    from tachi_data.orphans import why_orphans

    with opened(context, create=False) as store:
        groups = triage_orphans(store, limit=limit, game=game)
        answer = why_orphans(store, game)
    if write_patch is not None:
        _write_patch(write_patch, groups, accept, as_json)
        return
    if as_json:
        print_json(groups.to_dicts())
        return
    say(answer)
    shown = ("game", "looked_for", "orphans", "users", "reason", "suggestion", "similarity")
    title = f"The {groups.height:,} titles and keys that most orphans look for:"
    print_table(title, shown, groups.select(shown).iter_rows())


def _what_if(
    context: typer.Context, folder: Path, game: str | None, limit: int, as_json: bool
) -> None:
    from tachi_data.orphans import what_if

    with opened(context, create=False) as store, working("Trying", hidden=as_json):
        found = what_if(store, folder, games=None if game is None else [game])
    if as_json:
        told = {"catalogue": found.diff.document(), "run": asdict(found.report)}
        print_json(told | {"rows": found.rows.to_dicts()})
        return
    report, shown = found.report, found.rows.head(limit)
    say(
        f"With this catalogue a run would try {report.processed:,} orphans: {report.success:,} would become scores, "
        f"{report.removed:,} would be rejected, {report.failed:,} would still wait."
    )
    if not found.rows.is_empty():
        print_table(
            f"The first {shown.height:,} of {found.rows.height:,} titles:",
            ("game", "looked_for", "would be scores", "would be rejected", "players"),
            shown.select("game", "looked_for", "scores", "removed", "users").iter_rows(),
        )
    say(f"The catalogue would change: {_changes(found.diff)}.")
    say(
        f"To do it: tachi-data catalogue load {folder}, then tachi-data orphans reprocess --changed"
    )


def _changes(diff: CatalogueDiff) -> str:
    """The changes of a catalogue in one line."""
    counts = (f"{count:,} {name.replace('_', ' ')}" for name, count in diff.counts.items() if count)
    return ", ".join(counts) or "nothing"


def _write_patch(folder: Path, groups: pl.DataFrame, accept: Path | None, as_json: bool) -> None:
    from tachi_data.orphans import safe_suggestions, write_patch

    patch = write_patch(folder, safe_suggestions(groups) if accept is None else _accepted(accept))
    if as_json:
        print_json({"files": list(map(str, patch.files)), "rows": patch.rows.to_dicts()})
        return
    print_table("Other titles", patch.rows.columns, patch.rows.iter_rows())
    say("\n".join(f"Changed {file}." for file in patch.files) or "No file was changed.")


def _accepted(path: Path) -> pl.DataFrame:
    """The accepted rows of a file."""
    import polars as pl

    schema = {"game": pl.String, "looked_for": pl.String, "suggested_song_id": pl.Int64}
    try:
        rows = json.loads(path.read_bytes())
        return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise TachiError(
            f"{path} is not a list of rows with {', '.join(schema)} as JSON: {error}."
        ) from None
