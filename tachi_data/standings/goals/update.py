"""Updating the progress of goals and quests after scores were stored or deleted."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tachi_data.standings.goals.evaluation import FIGURES, PAIR, evaluate, load_goals
from tachi_data.standings.goals.progress import replace_rows, transition
from tachi_data.standings.goals.quests import QUEST_CHANGES, update_quests
from tachi_data.standings.known import PLAYERS, Known, known
from tachi_data.store import Transaction, query, statements
from tachi_data.tables.standings import GOAL_SUBS

sql = statements("tachi_data.standings.goals")

GOAL_CHANGES = {
    "source": pl.Int64(),
    "user_id": pl.Int64(),
    "goal_id": pl.String(),
    "old": pl.Struct(FIGURES),
    "new": pl.Struct(FIGURES),
}


@dataclass(frozen=True, eq=False)
class Achievements:
    """Subscriptions whose progress changed: the entries of ``goalInfo`` and ``questInfo``.

    Attributes:
        goals: One row per goal: ``source, user_id, goal_id``, and the figures before (``old``) and after
            (``new``).
        quests: One row per quest: ``source, user_id, quest_id, old, new``.
    """

    goals: pl.DataFrame
    quests: pl.DataFrame


NO_ACHIEVEMENTS = Achievements(
    pl.DataFrame(schema=GOAL_CHANGES), pl.DataFrame(schema=QUEST_CHANGES)
)


def update_goals(
    scores: pl.DataFrame, game: str, tx: Transaction, *, seen: Known | None = None
) -> Achievements:
    """Evaluate the goals and quests that scores touch, and store their progress.

    Personal bests must be up to date.

    Args:
        scores: New or deleted scores: ``source, user_id, playtype, chart_id``; a player has one source.
        game: The game of all of them.
        tx: The transaction.
        seen: What the store knows of the players; None looks.

    Returns:
        The subscriptions whose progress changed.
    """
    touched = scores.select("source", "user_id", "playtype", "chart_id").unique()
    if touched.is_empty():
        return NO_ACHIEVEMENTS
    seen = seen or known(game, tx.con, players=touched.select(*PLAYERS).unique())
    if seen.subscribers.is_empty():
        return NO_ACHIEVEMENTS
    changed = _update_subscriptions(touched, game, tx)
    if changed.is_empty():
        return NO_ACHIEVEMENTS
    sources = touched.select("source", "user_id").unique()
    quests = update_quests(changed, touched.select("user_id", "playtype").unique(), game, tx)
    return Achievements(
        changed.join(sources, on="user_id", maintain_order="left").select(*GOAL_CHANGES),
        quests.join(sources, on="user_id", maintain_order="left").select(*QUEST_CHANGES),
    )


def _update_subscriptions(touched: pl.DataFrame, game: str, tx: Transaction) -> pl.DataFrame:
    """Store the subscriptions that changed.

    Returns ``user_id, goal_id, old, new`` of each subscription whose progress changed. A change of the texts
    alone is stored, but it is not progress.
    """
    players = touched.select("user_id").unique()
    wanted = query(tx.con, sql("subscribed_goals"), {"game": game}, players=players)
    goals = load_goals(wanted["goal_id"], game, tx.con)
    stored = query(tx.con, sql("touched_goal_subs"), touched=touched, goal_charts=goals.charts)
    compared = stored.join(
        evaluate(stored, goals, tx.con).rename({name: f"new_{name}" for name in FIGURES}),
        on=PAIR,
        maintain_order="left",
        validate="1:1",
    ).with_columns(
        has_moved=_differs("progress", "out_of"),
        is_reworded=_differs("progress_human", "out_of_human"),
    )
    _store(compared.filter(pl.col("has_moved") | pl.col("is_reworded")), tx)
    return compared.filter("has_moved").select(
        *PAIR,
        old=pl.struct(*FIGURES),
        new=pl.struct(pl.col(f"new_{name}").alias(name) for name in FIGURES),
    )


def _differs(*names: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"new_{name}")) for name in names)


def _store(compared: pl.DataFrame, tx: Transaction) -> None:
    if compared.is_empty():
        return
    changed = compared.with_columns(
        *(pl.col(f"new_{name}").alias(name) for name in FIGURES),
        **transition(pl.col("has_moved"), tx.now),
    )
    replace_rows(GOAL_SUBS, changed, tx.con)
