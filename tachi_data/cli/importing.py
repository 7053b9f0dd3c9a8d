"""``tachi-data import``: import score files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tachi_data.cli._shared import (
    AsJson,
    counted,
    opened,
    print_json,
    print_table,
    say,
    sql,
    working,
)
from tachi_data.errors import TachiError, UnknownNameError

if TYPE_CHECKING:
    from tachi_data.importing import ImportOutcome
    from tachi_data.store import Store

SHOWN = 20
PLACES = 5


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Score files of one format.")],
    kind: Annotated[
        str, typer.Option("--type", help="Import type, see `tachi-data import-types`.")
    ],
    user: Annotated[
        int | None,
        typer.Option(help="ID of the player; may be left out where the store has at most one."),
    ] = None,
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
    _expect_options(kind, options)
    with opened(context) as store, working("Importing", hidden=as_json) as tell:
        player = user if user is not None else _only_player(store)
        jobs = [
            td.ImportJob(kind, file, player, True, {**options, "filename": file.name})
            for file in files
        ]
        outcomes = td.import_many(store, jobs, dry_run=dry_run, progress=tell)
        without = [] if as_json else _without_catalogue(store, outcomes)
    failed = [o.fatal for o in outcomes if o.fatal is not None]
    if failed and len(outcomes) == 1:
        raise failed[0]
    if as_json:
        documents = [o.answer if o.fatal is None else {"error": o.fatal.message} for o in outcomes]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for file, outcome in zip(files, outcomes, strict=True):
            _show(file, outcome, dry_run)
        if without:
            say(
                f"The store has no catalogue of {', '.join(without)}, so that all scores wait as orphans. "
                "Next: tachi-data catalogue load FOLDER, then tachi-data orphans reprocess."
            )
        if user is None:
            say(f"No --user is given: the scores are of player {player}.", err=True)
    if failed:
        raise typer.Exit(2)


def _expect_options(import_type: str, options: Mapping[str, str]) -> None:
    """Name what is missing before anything else is asked."""
    import tachi_data as td

    kinds = td.all_import_types()
    if import_type not in kinds:
        raise UnknownNameError("import type", import_type, kinds)
    asked = import_type.startswith("file/") and "playtype" in kinds[import_type].options
    if asked and "playtype" not in options:
        raise TachiError(
            f"{import_type} does not say which style was played: add --playtype SP or --playtype DP."
        )


def _only_player(store: Store) -> int:
    """The only player of the store, or the first of a new one; of several the caller has to name one."""
    players = store.query(sql("some_players"))["user_id"].to_list()
    if len(players) > 1:
        known = ", ".join(map(str, players[:5])) + (", …" if len(players) > 5 else "")
        raise TachiError(
            f"Whose scores are these? The store has several players ({known}): add --user ID."
        )
    return int(players[0]) if players else 1


def _without_catalogue(store: Store, outcomes: Iterable[ImportOutcome]) -> list[str]:
    """The games of the imports that have no charts in the store."""
    games = {str(o.answer["game"]) for o in outcomes if o.fatal is None and o.answer.get("game")}
    return store.query(sql("games_without_charts"), {"games": sorted(games)})["game"].to_list()


def _show(file: Path, outcome: ImportOutcome, dry_run: bool) -> None:
    if outcome.fatal is not None:
        say(f"{file}: refused: {outcome.fatal.message}", err=True)
        return
    counts = outcome.counts()
    verb = "would be " if dry_run else ""
    datapoints = counted(sum(counts.values()), "datapoint")
    scores = counted(counts.get("ScoreImported", 0), "score")
    say(f"{file}: {datapoints}, {scores} {verb}imported")
    print_table(
        "", ("outcome", "datapoints"), ((name, f"{count:,}") for name, count in counts.items())
    )
    _show_failed(outcome)
    _show_remarks(outcome)
    if not dry_run:  # A line of its own, so that it can be copied whole.
        say(f"More: tachi-data imports show {outcome.import_id}")


def _show_failed(outcome: ImportOutcome) -> None:
    """The datapoints that were not imported: those with one message, which names the title, are a line."""
    import polars as pl

    place = pl.coalesce("line", "row").unique(maintain_order=True).cast(pl.String)
    grouped = (
        outcome.failed.group_by("outcome", "message", maintain_order=True)
        .agg(
            count=pl.len(),
            places=place.head(PLACES + 1),
            has_lines=pl.col("line").is_not_null().any(),
        )
        .sort("count", descending=True, maintain_order=True)
    )
    if grouped.is_empty():
        return
    more = pl.when(pl.col("places").list.len() > PLACES).then(pl.lit(", …")).otherwise(pl.lit(""))
    shown = grouped.head(SHOWN).select(
        pl.col("count").cast(pl.String),
        "outcome",
        "message",
        pl.col("places").list.head(PLACES).list.join(", ") + more,
    )
    where = "lines" if grouped["has_lines"].any() else "rows, from 0"
    print_table(
        f"Not imported: {counted(outcome.failed.height, 'datapoint')}, for {counted(grouped.height, 'reason')}"
        + (f", of which {SHOWN} are shown" if grouped.height > SHOWN else ""),
        ("datapoints", "outcome", "why", where),
        shown.iter_rows(),
    )


def _show_remarks(outcome: ImportOutcome) -> None:
    """The datapoints that were imported with a remark."""
    import polars as pl

    remarks = outcome.datapoints.filter(pl.col("message").is_not_null(), outcome="ScoreImported")
    if remarks.height:
        print_table(
            f"Imported with a remark ({min(SHOWN, remarks.height)} of {remarks.height:,})",
            ("row", "line", "remark"),
            remarks.select("row", "line", "message").head(SHOWN).iter_rows(),
        )


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
