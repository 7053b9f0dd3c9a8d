"""Questlines: ordered lists of quests. Their progress is computed when it is read, and never stored."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.standings.goals.quests import QUEST, evaluate_quests
from tachi_data.store import Store, query, statements

sql = statements("tachi_data.standings.goals")


def questline_progress(store: Store, user_id: int) -> pl.DataFrame:
    """Compute a player's progress on all questlines of the catalogue.

    A quest without a subscription is evaluated from the personal bests.

    Args:
        store: The store.
        user_id: The player.

    Returns:
        One row per questline: ``questline_id, name, game, progress, out_of, achieved, current``. Progress
        counts quests; ``current`` is the ID of the first quest that is not achieved.
    """
    with store.read() as con:
        listed = query(con, sql("questline_quests"))
        members = listed.with_columns(user_id=pl.lit(user_id, dtype=pl.Int64))
        done = _done(members, con)
    is_done = pl.col("achieved").fill_null(False)
    return (
        members.join(done, on=QUEST, how="left", maintain_order="left")
        .group_by("questline_id", "name", "game", maintain_order=True)
        .agg(
            progress=is_done.sum().cast(pl.Int64),
            out_of=pl.len().cast(pl.Int64),
            achieved=is_done.all(),
            current=pl.col("quest_id").filter(~is_done).first(),
        )
    )


def _done(members: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns whether each quest (``user_id, quest_id``) is ``achieved``."""
    wanted = members.select(*QUEST, "game").unique(QUEST)
    known = query(con, sql("known_quest_subs"), asked=wanted)
    others = wanted.join(known, on=QUEST, how="anti")
    parts = [
        evaluate_quests(asked, game, con).select(*QUEST, "achieved")
        for (game,), asked in others.partition_by("game", as_dict=True).items()
    ]
    return pl.concat([known, *parts])
