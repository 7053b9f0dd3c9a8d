"""The beginning of a subscription to a goal, and its change by a step forward or back."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.standings.goals.evaluation import PAIR, Goals, evaluate
from tachi_data.store import Table, Transaction, execute, insert, query, statements
from tachi_data.tables.column import TIME
from tachi_data.tables.standings import GOAL_SUBS

sql = statements("tachi_data.standings.goals")


def known_subs(asked: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the pairs (``user_id, goal_id``) with a subscription: ``achieved, was_assigned_standalone``."""
    return query(con, sql("known_goal_subs"), asked=asked.select(PAIR))


def begin_subs(
    asked: pl.DataFrame,
    goals: Goals,
    tx: Transaction,
    *,
    standalone: bool = False,
) -> None:
    """Subscribe players to goals.

    Args:
        asked: Pairs of ``user_id, goal_id``; an existing subscription stays as it is.
        goals: The goals; a pair with another goal is skipped.
        tx: The transaction.
        standalone: Whether the players asked for exactly these goals, not for a quest that contains them.
    """
    new = asked.select(PAIR).unique(maintain_order=True)
    new = new.join(known_subs(new, tx.con), on=PAIR, how="anti", maintain_order="left")
    begun = evaluate(new, goals, tx.con).with_columns(
        **beginning(tx.now), game=pl.lit(goals.game), was_assigned_standalone=pl.lit(standalone)
    )
    insert(tx.con, GOAL_SUBS.name, begun.select(*GOAL_SUBS.columns))


def beginning(now: int) -> dict[str, pl.Expr]:
    """Returns the times and flags of a new subscription, as expressions over ``achieved``."""
    return {
        "time_achieved": pl.when("achieved").then(pl.lit(now).cast(TIME)),
        "last_interaction": pl.lit(None, dtype=TIME),
        "was_instantly_achieved": pl.col("achieved"),
    }


def transition(has_moved: pl.Expr, now: int) -> dict[str, pl.Expr]:
    """Returns the times and flags of a subscription after a change.

    They are expressions over ``achieved`` (before) and ``new_achieved``. A goal that is lost counts as never
    achieved: it loses its time, and the flag of an instant achievement.
    """
    moment = pl.lit(now).cast(TIME)
    is_lost = pl.col("achieved") & ~pl.col("new_achieved")
    return {
        "time_achieved": pl.when("new_achieved").then(pl.col("time_achieved").fill_null(moment)),
        "last_interaction": pl.when(has_moved).then(moment).otherwise("last_interaction"),
        "was_instantly_achieved": pl.col("was_instantly_achieved") & ~is_lost,
    }


def replace_rows(table: Table, rows: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Delete subscriptions and insert them with their new values.

    For many rows with texts, an UPDATE in DuckDB takes ten times as long.
    """
    execute(con, sql(f"delete_{table.name}"), asked=rows)
    insert(con, table.name, rows.select(*table.columns))
