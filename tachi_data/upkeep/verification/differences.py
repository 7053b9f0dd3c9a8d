"""The differences between stored rows and the same rows computed again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

DIFFERENCES = {
    "user_id": pl.Int64(),
    "game": pl.String(),
    "kind": pl.String(),
    "key": pl.String(),
    "problem": pl.String(),
    "column": pl.String(),
    "stored": pl.String(),
    "recomputed": pl.String(),
}
# The column that names a row among the rows of a player, for each subject of the comparison.
KEYS = {
    "score": "score_id",
    "personal best": "chart_id",
    "session": "session_id",
    "profile": "playtype",
    "goal": "goal_id",
    "quest": "quest_id",
}


def differences(subject: str, game: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Compare stored rows with the same rows computed again.

    Args:
        subject: One of `KEYS`, such as ``session``.
        game: The game of the rows.
        before: The stored rows.
        after: The computed rows, with the same columns.

    Returns:
        One row per difference: `DIFFERENCES`.
    """
    key = ["user_id", KEYS[subject]]
    repeated = _repeated(before, after, key)
    before, after = (
        rows.unique(key, keep="first", maintain_order=True) for rows in (before, after)
    )
    columns = [column for column in before.columns if column not in key]
    both = before.select(*key, *map(_text, columns), is_stored=True).join(
        after.select(*key, *map(_text, columns), is_right=True),
        on=key,
        how="full",
        coalesce=True,
        suffix=" new",
    )
    whole = both.filter(pl.col("is_stored").is_null() | pl.col("is_right").is_null())
    there = both.filter(pl.col("is_stored") & pl.col("is_right"))
    is_missing = pl.when("is_stored").then(pl.lit("superfluous")).otherwise(pl.lit("missing"))
    parts = [_whole_rows(whole, key, is_missing), _whole_rows(repeated, key, pl.lit("superfluous"))]
    parts += [_values(there, key, column) for column in columns]
    key_text = pl.col(KEYS[subject]).cast(pl.String)
    rows = pl.concat(parts).with_columns(game=pl.lit(game), kind=pl.lit(subject), key=key_text)
    return rows.select(*DIFFERENCES)


def _whole_rows(rows: pl.DataFrame, key: list[str], problem: pl.Expr) -> pl.DataFrame:
    """Returns the differences that are whole rows: superfluous or missing ones."""
    nothing = pl.lit(None, dtype=pl.String)
    return rows.select(*key, problem=problem, column=nothing, stored=nothing, recomputed=nothing)


def _values(there: pl.DataFrame, key: list[str], column: str) -> pl.DataFrame:
    """Returns the differences between the values of one column."""
    differs = there.filter(pl.col(column).ne_missing(pl.col(f"{column} new")))
    return differs.select(
        *key,
        problem=pl.lit("differs"),
        column=pl.lit(column),
        stored=column,
        recomputed=f"{column} new",
    )


def without_new_sessions(found: pl.DataFrame, stored: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Returns the differences without the rows of new sessions, whose IDs are random.

    A score that joins a new session has its own difference, and there the ID reads "a new session".
    """
    known = pl.concat([rows["session_id"] for rows in stored]).drop_nulls().unique().implode()
    is_new = (pl.col("kind") == "session") & ~pl.col("key").is_in(known)
    session = pl.col("recomputed").str.json_path_match("$")
    is_named = (pl.col("column") == "session_id") & ~session.is_in(known)
    named = pl.when(is_named).then(pl.lit("a new session")).otherwise("recomputed")
    return found.filter(~is_new).with_columns(recomputed=named)


def _repeated(before: pl.DataFrame, after: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Returns the keys of rows that are stored more often than they are computed."""
    counts = before.group_by(key, maintain_order=True).len().filter(pl.col("len") > 1)
    now = after.group_by(key).agg(now=pl.len())
    fewer = pl.col("len") > pl.col("now")
    return counts.join(now, on=key, maintain_order="left").filter(fewer)


def _text(column: str) -> pl.Expr:
    """Returns a column as JSON text: equal values have equal texts."""
    return (
        pl.struct(pl.col(column).alias("v"))
        .struct.json_encode()
        .str.strip_prefix('{"v":')
        .str.strip_suffix("}")
        .alias(column)
    )
