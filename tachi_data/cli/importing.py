"""``tachi-data import``: import score files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tachi_data.cli._shared import AsJson, opened, print_json, print_table, working

if TYPE_CHECKING:
    from tachi_data.importing import ImportOutcome

SHOWN = 20


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Score files of one format.")],
    kind: Annotated[
        str, typer.Option("--type", help="Import type, see `tachi-data import-types`.")
    ],
    user: Annotated[int, typer.Option(help="ID of the player.")] = 1,
    playtype: Annotated[str | None, typer.Option(help="SP or DP, for the IIDX CSVs.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="Another option of the format, as name=value; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything, store nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import score files and show the outcome of each datapoint."""
    import tachi_data as td

    options = dict(pair.partition("=")[::2] for pair in option or [])
    if playtype is not None:
        options["playtype"] = playtype
    jobs = [
        td.ImportJob(kind, file, user, True, {**options, "filename": file.name}) for file in files
    ]
    with opened(context) as store, working("Importing", hidden=as_json) as say:
        outcomes = td.import_many(store, jobs, dry_run=dry_run, progress=say)
    failed = [o.fatal for o in outcomes if o.fatal is not None]
    if failed and len(outcomes) == 1:
        raise failed[0]
    if as_json:
        documents = [o.answer if o.fatal is None else {"error": o.fatal.message} for o in outcomes]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for file, outcome in zip(files, outcomes, strict=True):
            _show(file, outcome, dry_run)
    if failed:
        raise typer.Exit(2)


def _show(file: Path, outcome: ImportOutcome, dry_run: bool) -> None:
    if outcome.fatal is not None:
        typer.echo(f"{file}: refused: {outcome.fatal.message}", err=True)
        return
    counts = Counter(outcome.datapoints["outcome"].to_list())
    verb = "would be " if dry_run else ""
    typer.echo(
        f"{file}: {sum(counts.values()):,} datapoints, {counts['ScoreImported']:,} scores {verb}imported"
    )
    print_table(
        "",
        ("outcome", "datapoints"),
        ((name, f"{count:,}") for name, count in counts.most_common()),
    )
    bad = outcome.datapoints.filter(
        ~outcome.datapoints["outcome"].is_in(["ScoreImported", "Skipped"])
    )
    if bad.height:
        print_table(
            f"Not imported ({min(SHOWN, bad.height)} of {bad.height:,})",
            ("row", "line", "outcome", "why"),
            bad.select("row", "line", "outcome", "message").head(SHOWN).iter_rows(),
        )
    remarks = outcome.datapoints.filter(
        (outcome.datapoints["outcome"] == "ScoreImported")
        & outcome.datapoints["message"].is_not_null()
    )
    if remarks.height:
        print_table(
            f"Imported with a remark ({min(SHOWN, remarks.height)} of {remarks.height:,})",
            ("row", "line", "remark"),
            remarks.select("row", "line", "message").head(SHOWN).iter_rows(),
        )
    if not dry_run:  # A line of its own, so that it can be copied whole.
        typer.echo(f"More: tachi-data imports show {outcome.import_id}")


def import_types(as_json: AsJson = False) -> None:
    """List the formats that can be imported."""
    import tachi_data as td

    rows = [
        (k.id, k.title, ", ".join(k.games), ", ".join(k.options))
        for k in td.all_import_types().values()
    ]
    if as_json:
        print_json(
            [{"id": i, "title": t, "games": g.split(", "), "options": o} for i, t, g, o in rows]
        )
    else:
        print_table("Import types", ("id", "title", "games", "options"), rows)
