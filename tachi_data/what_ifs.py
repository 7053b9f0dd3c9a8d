"""What would be if: ratings after scores that nobody has played yet, and two imports side by side."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments
from tachi_data.errors import TachiError
from tachi_data.importing import ImportJob, ImportOutcome, emit, match, parse, validate
from tachi_data.spreadsheets import as_frame, batch_manual, one_gpt
from tachi_data.store import Store, Transaction, expect_store, query, statements

sql = statements("tachi_data", "tidy.sql")
MANUAL = "file/batch-manual"
WHO = ["game", "playtype", "kind", "name"]


def what_if_scores(
    store: Store, user_id: int, frame: Any, gpt: str | None = None, *, now: int | None = None
) -> pl.DataFrame:
    """Say what a player's ratings and classes would be with some more scores; nothing is stored.

    Args:
        store: The store; other writers wait for it meanwhile.
        user_id: The player.
        frame: The scores, as `validate` takes them: such as rows of `personal_bests` with other values.
        gpt: The game and playtype of the scores, such as ``sdvx:Single``. None takes them from the columns ``game``
            and ``playtype``, as frames of this package have them.
        now: Unix milliseconds, to fix the clock.

    Returns:
        One row per rating or class: ``game, playtype, kind, name``, ``before`` and ``after`` (of a rating), their
        ``change``, ``rank_before`` and ``rank_after`` (of a class).

    Raises:
        TachiError: The frame cannot be scores, or the catalogue lacks a chart of theirs; the row is named.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> better = td.personal_bests(store, 7).with_columns(score=990_000)
        >>> td.what_if_scores(store, 7, better).select("name", "before", "after").row(0)
        ('naiveRate', 15.0, 30.0)
    """
    expect_store(store)
    arguments.player(user_id)
    parts = _by_game(as_frame(frame), gpt)
    jobs = [
        ImportJob(MANUAL, orjson.dumps(batch_manual(rows, name)), user_id)
        for name, rows in parts.items()
    ]
    facts = {"user": user_id, "game": None, "playtype": None}
    with store.write(keep=False) as con:
        before = query(con, sql("ratings"), facts)
        for job, name in zip(jobs, parts, strict=True):
            _import(job, name, con, now)
        after = query(con, sql("ratings"), facts)
    concerned = pl.concat_str("game", "playtype", separator=":").is_in(list(parts))
    return (
        before.rename({"value": "before", "rank": "rank_before"})
        .join(
            after.rename({"value": "after", "rank": "rank_after"}),
            on=["user_id", *WHO],
            how="full",
            coalesce=True,
        )
        .filter(concerned)
        .with_columns(change=pl.col("after") - pl.col("before"))
        .select(*WHO, "before", "after", "change", "rank_before", "rank_after")
        .sort("game", "playtype", "kind", "name", descending=[False, False, True, False])
    )


def _by_game(frame: pl.DataFrame, gpt: str | None) -> dict[str, pl.DataFrame]:
    """The rows of each game and playtype."""
    if gpt is not None:
        return {one_gpt(gpt).id: frame}
    if not {"game", "playtype"} <= {*frame.columns}:
        raise TachiError("Which game is this? Name it, such as gpt='sdvx:Single'.")
    found = frame.partition_by("game", "playtype", as_dict=True, maintain_order=True)
    return {f"{game}:{playtype}": rows for (game, playtype), rows in found.items()}


def _import(job: ImportJob, gpt: str, con: DuckDBPyConnection, now: int | None) -> None:
    """Take the road inside a transaction that is rolled back."""
    parsed = parse([job], now=now)
    judged = validate(match(parsed, con), con)
    (outcome,) = emit(judged, Transaction.at(con, now))
    if outcome.fatal is not None:
        raise outcome.fatal
    if not outcome.failed.is_empty():
        row, message = outcome.failed.select("row", "message").row(0)
        raise TachiError(f"Row {row} of the {gpt} scores cannot be imported: {message}")


def compare(first: ImportOutcome, second: ImportOutcome) -> pl.DataFrame:
    """Compare what became of the datapoints of two imports, such as dry runs before and after a change.

    Args:
        first: The outcome of an import.
        second: The outcome of another import of the same datapoints.

    Returns:
        One row per datapoint that became something else: ``row``, then ``outcome, message, score_id, chart_id`` of
        the first and, with ``_second``, of the second. A datapoint that only one of them has is null in the other.

    Raises:
        TachiError: One of them is no outcome.

    Example:
        >>> before = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> after = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.compare(before, after).select("row", "outcome", "outcome_second").rows()
        [(0, 'ScoreImported', 'Skipped'), (1, 'SongOrChartNotFound', 'OrphanExists')]
    """
    for name, one in (("first", first), ("second", second)):
        if not isinstance(one, ImportOutcome):
            raise arguments.refuse(name, "the outcome of an import", one)
    columns = ("outcome", "message", "score_id", "chart_id")
    both = first.datapoints.select("row", *columns).join(
        second.datapoints.select("row", *columns),
        on="row",
        how="full",
        coalesce=True,
        suffix="_second",
        maintain_order="left_right",
    )
    differs = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_second")) for c in columns)
    return both.filter(differs).sort("row")
