"""Quests: a quest is achieved when all its goals are, and its progress counts them.

A quest counts each goal once. A goal that does not exist is never achieved, and has no other effect.
"""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.standings.goals.evaluation import PAIR, evaluate, load_goals
from tachi_data.standings.goals.progress import begin_subs, known_subs, replace_rows, transition
from tachi_data.store import Transaction, query, statements
from tachi_data.tables.standings import QUEST_SUBS

sql = statements("tachi_data.standings.goals")

QUEST = ["user_id", "quest_id"]
FIGURES = {"progress": pl.Int64(), "achieved": pl.Boolean()}
QUEST_CHANGES = {
    "source": pl.Int64(),
    "user_id": pl.Int64(),
    "quest_id": pl.String(),
    "old": pl.Struct(FIGURES),
    "new": pl.Struct(FIGURES),
}
NO_CHANGES = pl.DataFrame(schema={k: v for k, v in QUEST_CHANGES.items() if k != "source"})


def quest_goals(quest_ids: pl.Series, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the goals of quests: distinct pairs of ``quest_id, goal_id``."""
    return query(
        con,
        sql("quest_goals"),
        {"game": game},
        wanted=pl.DataFrame({"quest_id": quest_ids}).unique(),
    )


def evaluate_quests(asked: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Evaluate quests for players from personal bests alone; subscriptions do not count.

    Args:
        asked: Pairs of ``user_id, quest_id``.
        game: The game of the quests.
        con: The connection of a transaction.

    Returns:
        One row per pair: ``user_id, quest_id, progress, out_of, achieved``; progress counts goals.
    """
    members = asked.select(QUEST).join(
        quest_goals(asked["quest_id"], game, con), on="quest_id", how="left"
    )
    wanted = members.select(PAIR).drop_nulls().unique()
    reached = evaluate(wanted, load_goals(wanted["goal_id"], game, con), con)
    return _tally(members, reached.select(*PAIR, "achieved"))


def _tally(members: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """Returns the progress of quests (``user_id, quest_id, goal_id``), from the achieved goals."""
    is_achieved = pl.col("achieved").fill_null(False)
    return (
        members.join(reached, on=PAIR, how="left")
        .group_by(QUEST)
        .agg(
            progress=is_achieved.sum().cast(pl.Int64),
            out_of=pl.col("goal_id").count().cast(pl.Int64),
        )
        .with_columns(achieved=pl.col("progress") >= pl.col("out_of"))
    )


def update_quests(
    changed: pl.DataFrame, playtypes: pl.DataFrame, game: str, tx: Transaction
) -> pl.DataFrame:
    """Store the progress of subscribed quests that contain a changed goal.

    Args:
        changed: The goals whose progress changed: ``user_id, goal_id``.
        playtypes: The touched playtypes: ``user_id, playtype``; quests on other playtypes stay.
        game: The game of all of them.
        tx: The transaction.

    Returns:
        One row per quest whose progress changed: ``user_id, quest_id, old, new``.
    """
    subs = query(tx.con, sql("touched_quest_subs"), {"game": game}, players=playtypes)
    members = subs.select(QUEST).join(quest_goals(subs["quest_id"], game, tx.con), on="quest_id")
    touched = members.join(changed, on=PAIR, how="semi").select(QUEST).unique()
    subs = subs.join(touched, on=QUEST, how="semi", maintain_order="left")
    if subs.is_empty():
        return NO_CHANGES
    members = members.join(touched, on=QUEST, how="semi")
    _repair(members, game, tx)
    tally = _tally(members, known_subs(members, tx.con).select(*PAIR, "achieved"))
    return _store(subs, tally, tx)


def _repair(members: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Subscribe players to those goals of their quests that they have no subscription to."""
    missing = members.join(known_subs(members, tx.con), on=PAIR, how="anti").select(PAIR).unique()
    if not missing.is_empty():
        begin_subs(missing, load_goals(missing["goal_id"], game, tx.con), tx)


def _store(subs: pl.DataFrame, tally: pl.DataFrame, tx: Transaction) -> pl.DataFrame:
    fresh = tally.select(*QUEST, new_progress="progress", new_achieved="achieved")
    compared = subs.join(fresh, on=QUEST, maintain_order="left", validate="1:1").with_columns(
        has_moved=pl.col("progress") != pl.col("new_progress")
    )
    changed = compared.with_columns(
        progress="new_progress", achieved="new_achieved", **transition(pl.col("has_moved"), tx.now)
    )
    replace_rows(QUEST_SUBS, changed, tx.con)
    return compared.filter("has_moved").select(
        *QUEST,
        old=pl.struct(*FIGURES),
        new=pl.struct(progress="new_progress", achieved="new_achieved"),
    )
