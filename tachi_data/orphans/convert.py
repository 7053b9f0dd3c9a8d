"""Turn a page of orphans into scores, and settle what became of each.

============================ ========= =======================================================
what happens                 counter   the orphan
============================ ========= =======================================================
no song or chart, ambiguous  failed    stays
invalid before a chart       failed    stays (a changed format must not cost users their data)
our fault, or the catalogue's failed   stays, with the error
skipped by the format        removed   is archived
invalid with a chart         removed   is archived
known or blacklisted score   removed   is archived
a new score                  success   is archived, with the score's ID
============================ ========= =======================================================
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.importing.emit import Changes, publish_scores, store_imports
from tachi_data.importing.match import find_charts
from tachi_data.importing.timings import Timings
from tachi_data.importing.validate import complete
from tachi_data.orphans.loading import as_datapoints

SETTLED = {
    "row": pl.Int64(),
    "counter": pl.String(),
    "message": pl.String(),
    "score_id": pl.String(),
    "deorphaned_by": pl.String(),
    "is_unexpected": pl.Boolean(),
}


@dataclass(frozen=True, eq=False)
class Settled:
    """What became of each orphan of a page: `SETTLED`, one row per orphan."""

    rows: pl.DataFrame

    def count(self, counter: str) -> int:
        """How many orphans ended this way."""
        return int((self.rows["counter"] == counter).sum())


def reprocess_page(page: pl.DataFrame, now: int, con: DuckDBPyConnection) -> Settled:
    """Convert a page of stored orphans, store the scores, and bring everything else up to date.

    ``page`` has the columns of the table ``orphans``, in stored order. Orphans themselves are not
    touched. Raises where something unexpected happens; the transaction is then to be rolled back.
    """
    owners = page.select("user_id", "game").unique(maintain_order=True).with_row_index("source")
    page = (
        page.join(
            owners.with_columns(pl.col("source").cast(pl.Int64)),
            on=["user_id", "game"],
            maintain_order="left",
        )
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
    )
    imports = _imports(owners, now)
    groups, problems = as_datapoints(page)
    lineage = (
        page.select("row", "import_type")
        .join(page.select("row", "source"), on="row")
        .join(imports.select("source", "import_id"), on="source", maintain_order="left")
    )
    matched = [
        find_charts(group, con).join(
            lineage.drop("source"), on="row", how="left", maintain_order="left"
        )
        for group in groups
    ]
    parts, changes = [_unreadable(problems)], []
    for game in dict.fromkeys(group.gpt.game for group in groups):
        rows = pl.concat(
            [m for m, g in zip(matched, groups, strict=True) if g.gpt.game == game], how="diagonal"
        ).sort("row")
        scores = complete(rows, game, now, con)
        changes.append(_publish(scores, game, imports, now, con))
        parts.append(_settle(rows, scores))
    settled = pl.concat(parts)
    _document(settled, page, imports, changes, matched, con)
    return Settled(settled.sort("row"))


def _imports(owners: pl.DataFrame, now: int) -> pl.DataFrame:
    """One record per user and game, so that what was de-orphaned can be shown and reverted."""
    ids = pl.Series(
        "import_id", [secrets.token_hex(20) for _ in range(owners.height)], dtype=pl.String
    )
    return owners.select(
        pl.col("source").cast(pl.Int64),
        ids,
        "user_id",
        "game",
        import_type=pl.lit("orphans"),
        user_intent=pl.lit(False),
        time_started=pl.lit(now, dtype=pl.Int64),
        time_finished=pl.lit(now, dtype=pl.Int64),
    )


def _unreadable(problems: pl.DataFrame) -> pl.DataFrame:
    return problems.select(
        "row",
        counter=pl.lit("failed"),
        message="message",
        score_id=pl.lit(None, dtype=pl.String),
        deorphaned_by=pl.lit(None, dtype=pl.String),
        is_unexpected=pl.lit(True),
    )


def _publish(
    scores: pl.DataFrame, game: str, imports: pl.DataFrame, now: int, con: DuckDBPyConnection
) -> Changes:
    players = dict(imports.filter(pl.col("game") == game).select("source", "user_id").iter_rows())
    new = scores.filter(pl.col("outcome").is_null())
    return publish_scores(new, players, {}, game, now, con, Timings(), one_by_one=True)


def _settle(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    final = scores.select("row", "score_id", "outcome", "message")
    judged = rows.select("row", "outcome", "message", "chart_found", "import_id").join(
        final, on="row", how="left", maintain_order="left", suffix="_final"
    )
    outcome, scored = pl.coalesce("outcome", "outcome_final"), pl.col("score_id").is_not_null()
    success = outcome.is_null() & scored
    gone = (outcome == "Skipped") | ((outcome == "InvalidDatapoint") & pl.col("chart_found"))
    counter = (
        pl.when(success)
        .then(pl.lit("success"))
        .when(gone)
        .then(pl.lit("removed"))
        .otherwise(pl.lit("failed"))
    )
    return judged.select(
        "row",
        counter=counter,
        message=pl.coalesce("message", "message_final"),
        score_id=pl.when(success).then("score_id"),
        deorphaned_by=pl.when(success).then("import_id"),
        is_unexpected=pl.lit(False),
    )


def _document(
    settled: pl.DataFrame,
    page: pl.DataFrame,
    imports: pl.DataFrame,
    changes: list[Changes],
    matched: list[pl.DataFrame],
    con: DuckDBPyConnection,
) -> None:
    """Store a record, in the shape of an ImportDocument, for each user and game with new scores."""
    new = settled.filter(pl.col("counter") == "success").join(
        page, on="row", maintain_order="left", suffix="_orphan"
    )
    if new.is_empty():
        return
    playtypes = pl.concat([m.select("row", "chart.playtype") for m in matched])
    datapoints = new.join(playtypes, on="row", how="left", maintain_order="left").select(
        "row",
        "source",
        "user_id",
        "score_id",
        position="row",
        line=pl.lit(None, dtype=pl.Int64),
        outcome=pl.lit("ScoreImported"),
        message=pl.lit(None, dtype=pl.String),
        playtype="chart.playtype",
        orphan_id="orphan_id",
        data=pl.lit(None, dtype=pl.String),
    )
    having = imports.join(
        new.select("source").unique(), on="source", how="semi", maintain_order="left"
    )
    store_imports(having, datapoints.sort("row"), changes, Timings(), con)
