"""What the store knows of players whose scores came or changed, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass, fields

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store import Counters, query, statements
from tachi_data.tables.scores import pbs_table, scores_table, unpacked

sql = statements("tachi_data.standings")

TIME = pl.Datetime("ms")
PLAYERS = {"user_id": pl.Int64(), "playtype": pl.String()}
NO_PLAYERS = pl.DataFrame(schema=PLAYERS)
NOT_TOUCHED = pl.DataFrame(schema={"user_id": pl.Int64, "chart_id": pl.String})
NO_GROUPS = pl.DataFrame(
    schema={"session_group": pl.UInt32, **PLAYERS, "time_started": TIME, "time_ended": TIME}
)


@dataclass(frozen=True, eq=False)
class Known:
    """What the store knows, of one game.

    Attributes:
        earlier: One row per stored score of a touched player on a touched chart: the flat columns of which
            personal bests are made.
        near: One row per stored score of a session near a group of new scores: see ``known.sql``.
        pbs: One row per personal best of the players, flat, with the columns that profile ratings need.
        stats: One row per stored profile of the players: ``user_id, playtype, classes``.
        stored: One row per player who is stored: ``user_id``.
        subscribers: One row per player who has goals: ``user_id``.
        counters: The counters of the store.
    """

    earlier: pl.DataFrame
    near: pl.DataFrame
    pbs: pl.DataFrame
    stats: pl.DataFrame
    stored: pl.DataFrame
    subscribers: pl.DataFrame
    counters: Counters

    def equals(self, other: Known) -> bool:
        """Whether both are the same of the players; the counters do not count."""
        frames = [field.name for field in fields(Known) if field.name != "counters"]
        return all(getattr(self, name).equals(getattr(other, name)) for name in frames)


def known(
    game: str,
    con: DuckDBPyConnection,
    *,
    touched: pl.DataFrame = NOT_TOUCHED,
    groups: pl.DataFrame = NO_GROUPS,
    players: pl.DataFrame = NO_PLAYERS,
) -> Known:
    """Read what the store knows.

    Args:
        game: The game.
        con: The connection of a transaction.
        touched: Players and charts, ``user_id, chart_id``; a pair may repeat.
        groups: Groups of new scores: ``session_group, user_id, playtype, time_started, time_ended``.
        players: The profiles: ``user_id, playtype``.
    """
    params = {
        "game": game,
        "scores": scores_table(game).name,
        "pbs": pbs_table(game).name,
        "columns": merged_columns(game),
    }
    rows = query(
        con,
        sql("known"),
        params,
        touched=touched.select("user_id", "chart_id").unique(),
        groups=groups.select(NO_GROUPS.columns),
        players=players.select(*PLAYERS),
    )

    def part(name: str) -> pl.DataFrame:
        return rows[name].drop_nulls().struct.unnest()

    return Known(
        unpacked(part("earlier"), game),
        unpacked(part("near"), game),
        unpacked(part("pbs"), game),
        part("stats"),
        part("stored"),
        part("subscribers"),
        Counters(part("counted")),
    )


def merged_columns(game: str) -> list[str]:
    """Returns the names of the stored columns of scores of which personal bests are made."""
    made = pbs_table(game).columns
    return [c for c in scores_table(game).columns if c in made or c in ("score_id", "ordinal")]
