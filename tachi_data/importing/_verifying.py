"""Whether what is stored is what follows from the scores: personal bests, sessions, profiles, goals.

A group of players at a time, everything is computed anew by the same code that imports use, in a
transaction; what that changed is the report. To only look, the transaction is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.games import names
from tachi_data.games._tables import pbs_table, scores_table
from tachi_data.importing._goals import update_goals
from tachi_data.importing._personal_bests import rebuild_personal_bests
from tachi_data.importing._profiles import provided_frame, update_profiles
from tachi_data.importing._recomputing import recompute_scores
from tachi_data.importing._removing import refresh_sessions
from tachi_data.importing._sessions import insert_sessions
from tachi_data.importing._sql import sql
from tachi_data.store import Store

GROUP = 200_000  # Scores that are looked at in one transaction.
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
# What is compared: the column that names a row among a player's, and where the rows are.
KINDS = {
    "score": "score_id",
    "personal best": "chart_id",
    "session": "session_id",
    "profile": "playtype",
    "goal": "goal_id",
    "quest": "quest_id",
}
TABLES = {
    "session": "sessions",
    "profile": "game_stats",
    "goal": "goal_subs",
    "quest": "quest_subs",
}


def verify(
    store: Store,
    user_ids: Sequence[int] | None = None,
    *,
    repair: bool = False,
    recompute: bool = False,
    now: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """Compare what is stored with what follows from the scores; nothing to report means all is well.

    Args:
        store: The store.
        user_ids: Whose; None for everybody.
        repair: Store what was recomputed, instead of only comparing.
        recompute: Also derive metrics and ratings of the scores anew: after charts changed, such as a
            corrected note count. Scores on charts that are gone stay as they are.
        now: Unix milliseconds, to fix the clock.
        progress: Called after each group of players, with how many were looked at.

    Returns:
        One row per value that differs: ``user_id, game, kind`` (score, personal best, session, profile,
        goal, quest), ``key`` (its ID), ``problem`` (``differs``, ``missing``, ``superfluous``),
        ``column``, ``stored``, ``recomputed``; the last three are null for whole rows.
    """
    moment = unix_ms() if now is None else now
    found, seen = [pl.DataFrame(schema=DIFFERENCES)], 0
    for players in _groups(store, user_ids):
        with store.write(keep=repair) as con:
            found += [_verified(players, game, moment, recompute, con) for game in names()]
        seen += players.height
        if progress is not None:
            progress(seen)
    return pl.concat(found)


def _groups(store: Store, user_ids: Sequence[int] | None) -> list[pl.DataFrame]:
    """The players (``user_id``), in groups that are bounded by their number of scores."""
    with store.read() as con:
        players = con.sql(sql("players_with_data"), params={"users": user_ids}).pl()
    group = pl.col("scores").cum_sum() // GROUP
    return [
        rows.select("user_id")
        for rows in players.with_columns(group=group).partition_by("group", maintain_order=True)
    ]


def _verified(
    players: pl.DataFrame, game: str, now: int, recompute: bool, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Refresh everything of these players in one game; gives what that changed."""
    before = _snapshot(players, game, con)
    if all(rows.is_empty() for rows in before.values()):
        return pl.DataFrame(schema=DIFFERENCES)
    if recompute:
        recompute_scores(before["score"], game, con)
    _refresh(before, game, now, con)
    after = _snapshot(players, game, con)
    parts = [_differences(kind, before[kind], after[kind]) for kind in KINDS]
    return pl.concat(parts).with_columns(game=pl.lit(game)).select(*DIFFERENCES)


def _snapshot(players: pl.DataFrame, game: str, con: DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """All rows of these players in a game, by kind."""
    tables = {"score": scores_table(game).name, "personal best": pbs_table(game).name}
    con.register("players", players)
    found = {
        kind: con.sql(sql("rows_of_players"), params={"rows": table}).pl()
        for kind, table in tables.items()
    }
    found |= {
        kind: con.sql(sql("rows_of_players_in_game"), params={"rows": table, "game": game}).pl()
        for kind, table in TABLES.items()
    }
    con.unregister("players")
    return found


def _refresh(before: dict[str, pl.DataFrame], game: str, now: int, con: DuckDBPyConnection) -> None:
    scores = before["score"]
    on_charts = [rows.select("user_id", "chart_id") for rows in (scores, before["personal best"])]
    rebuild_personal_bests(pl.concat(on_charts).unique(), game, con)
    _add_sessions(scores, before["session"], game, now, con)
    in_sessions = [rows.select("user_id", "session_id") for rows in (scores, before["session"])]
    refresh_sessions(pl.concat(in_sessions), game, con)
    having = [rows.select("user_id", "playtype") for rows in (scores, before["profile"])]
    profiles = pl.concat(having).unique(maintain_order=True)
    if not profiles.is_empty():
        update_profiles(profiles, provided_frame({}), game, now, con)
    update_goals(scores.with_columns(source=pl.lit(0, dtype=pl.Int64)), game, now, con)


def _add_sessions(
    scores: pl.DataFrame, sessions: pl.DataFrame, game: str, now: int, con: DuckDBPyConnection
) -> None:
    """Sessions that scores belong to, but that are not there."""
    missing = (
        scores.filter(pl.col("session_id").is_not_null())
        .join(sessions, on=["user_id", "session_id"], how="anti")
        .select("session_id", "user_id", "playtype")
        .unique("session_id", maintain_order=True)
    )
    insert_sessions(missing, game, now, con)


def _differences(kind: str, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """`DIFFERENCES` without the game, between two frames of rows of one kind."""
    key = ["user_id", KINDS[kind]]
    columns = [column for column in before.columns if column not in key]
    both = before.select(*key, *map(_text, columns), is_stored=True).join(
        after.select(*key, *map(_text, columns), is_right=True),
        on=key,
        how="full",
        coalesce=True,
        suffix=" new",
    )
    whole = both.filter(pl.col("is_stored").is_null() | pl.col("is_right").is_null())
    nothing = pl.lit(None, dtype=pl.String)
    parts = [
        whole.select(
            *key,
            problem=pl.when("is_stored").then(pl.lit("superfluous")).otherwise(pl.lit("missing")),
            column=nothing,
            stored=nothing,
            recomputed=nothing,
        )
    ]
    there = both.filter(pl.col("is_stored") & pl.col("is_right"))
    for column in columns:
        differs = there.filter(pl.col(column).ne_missing(pl.col(f"{column} new")))
        parts.append(
            differs.select(
                *key,
                problem=pl.lit("differs"),
                column=pl.lit(column),
                stored=column,
                recomputed=f"{column} new",
            )
        )
    return pl.concat(parts).select(
        "user_id",
        "problem",
        "column",
        "stored",
        "recomputed",
        kind=pl.lit(kind),
        key=pl.col(KINDS[kind]).cast(pl.String),
    )


def _text(column: str) -> pl.Expr:
    """Any value as text that is equal where the value is."""
    return (
        pl.struct(pl.col(column).alias("v"))
        .struct.json_encode()
        .str.strip_prefix('{"v":')
        .str.strip_suffix("}")
        .alias(column)
    )
