"""Telling differences that follow from a changed catalogue from what is wrong.

Metrics and ratings of a score are those of its chart when the score came in, and stay when a chart changes (its
level, its note count) until somebody derives them again. Whoever computes personal bests and profiles again takes
the chart as it is now. So where the scores themselves would change with their chart, what follows from them is
stale, and not wrong. Goals are looked at when their player imports: so a goal on a folder whose charts are others since
is stale until the next import.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store import query, statements
from tachi_data.tables.scores import scores_table
from tachi_data.upkeep.recompute import recompute_scores
from tachi_data.upkeep.verification.differences import differences

sql = statements("tachi_data.upkeep")

# What names a score in the key of a difference; a goal may be about any chart of its game.
NAMED_BY = {"personal best": "chart_id", "profile": "playtype", "goal": None, "quest": None}
STALE = "stale"


def is_open(found: pl.DataFrame) -> pl.Series:
    """Returns which differences may follow from a changed catalogue."""
    differs = (pl.col("problem") == "differs") & pl.col("kind").is_in(list(NAMED_BY))
    return found.select(found=differs)["found"]


def with_stale(found: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """Call those differences stale that follow from charts and folders which have changed since.

    Args:
        found: Differences.
        con: A transaction that writes, and is rolled back: scores are derived again in it.

    Returns:
        The differences in their order, with ``stale`` in place of ``differs`` where that is so.
    """
    asked = found.filter(is_open(found))
    parts = [
        _changed(asked.filter(pl.col("game") == game).select("user_id").unique(), game, con)
        for game in asked["game"].unique(maintain_order=True)
    ]
    if not parts:
        return found
    changed = pl.concat(parts)
    rows = found.with_row_index("index")
    open_rows = rows.filter(is_open(found))
    stale = pl.concat(
        [
            _following(open_rows.filter(pl.col("kind") == kind), changed, column)
            for kind, column in NAMED_BY.items()
        ]
        + [_older_than_catalogue(open_rows, con)]
    )
    is_stale = pl.col("index").is_in(stale.implode())
    problem = pl.when(is_stale).then(pl.lit(STALE)).otherwise("problem")
    return rows.with_columns(problem=problem).drop("index")


def _older_than_catalogue(rows: pl.DataFrame, con: DuckDBPyConnection) -> pl.Series:
    """Returns the ``index`` of the differences of goals and quests on folders that may have changed since."""
    asked = rows.filter(pl.col("kind").is_in(["goal", "quest"]))
    found = query(
        con,
        sql("older_than_catalogue"),
        asked=asked.select("index", "user_id", "game", "kind", "key"),
    )
    return found["index"].cast(pl.UInt32)


def _following(rows: pl.DataFrame, changed: pl.DataFrame, column: str | None) -> pl.Series:
    """Returns the ``index`` of the differences that follow from changed scores, which ``column`` tells."""
    by = ["user_id", "game"]
    if column is not None:
        changed = changed.with_columns(key=column)
        by.append("key")
    return rows.join(changed, on=by, how="semi")["index"]


def _changed(players: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns where scores of some players would change with their charts: user_id, game, chart_id, playtype."""
    table = {"rows": scores_table(game).name}
    before = query(con, sql("rows_of_players"), table, players=players)
    recompute_scores(before, game, con)
    after = query(con, sql("rows_of_players"), table, players=players)
    told = differences("score", game, before, after)
    scores = told.select("user_id", score_id="key").unique()
    return before.join(scores, on=["user_id", "score_id"], how="semi").select(
        "user_id", "chart_id", "playtype", game=pl.lit(game)
    )
