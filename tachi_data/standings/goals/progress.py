"""Subscriptions to goals: how one begins, and what a step forward or back does to it."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.standings.goals.evaluation import PAIR, Goals, evaluate
from tachi_data.store import Table, Transaction, execute, insert, query, statements
from tachi_data.tables.column import TIME
from tachi_data.tables.standings import GOAL_SUBS

sql = statements("tachi_data.standings.goals")


def known_subs(asked: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """The subscribed ones of ``user_id, goal_id``, with ``achieved, was_assigned_standalone``."""
    return query(con, sql("known_goal_subs"), asked=asked.select(PAIR))


def begin_subs(
    asked: pl.DataFrame,
    goals: Goals,
    tx: Transaction,
    *,
    standalone: bool = False,
) -> None:
    """Subscribe players to goals (``user_id, goal_id``); existing subscriptions stay the same."""
    new = asked.select(PAIR).unique(maintain_order=True)
    new = new.join(known_subs(new, tx.con), on=PAIR, how="anti", maintain_order="left")
    begun = evaluate(new, goals, tx.con).with_columns(
        **beginning(tx.now), game=pl.lit(goals.game), was_assigned_standalone=pl.lit(standalone)
    )
    insert(tx.con, GOAL_SUBS.name, begun.select(*GOAL_SUBS.columns))


def beginning(now: int) -> dict[str, pl.Expr]:
    """What a new subscription starts with, beside its progress; over ``achieved``."""
    return {
        "time_achieved": pl.when("achieved").then(pl.lit(now).cast(TIME)),
        "last_interaction": pl.lit(None, dtype=TIME),
        "was_instantly_achieved": pl.col("achieved"),
    }


def transition(has_moved: pl.Expr, now: int) -> dict[str, pl.Expr]:
    """When a subscription was achieved and last moved; over ``achieved`` and ``new_achieved``.

    What is lost was never achieved, neither at a time nor at once.
    """
    moment = pl.lit(now).cast(TIME)
    is_lost = pl.col("achieved") & ~pl.col("new_achieved")
    return {
        "time_achieved": pl.when("new_achieved").then(pl.col("time_achieved").fill_null(moment)),
        "last_interaction": pl.when(has_moved).then(moment).otherwise("last_interaction"),
        "was_instantly_achieved": pl.col("was_instantly_achieved") & ~is_lost,
    }


def replace_rows(table: Table, rows: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Write subscriptions again.

    For many rows with texts that is ten times as fast as an UPDATE in DuckDB.
    """
    execute(con, sql(f"delete_{table.name}"), asked=rows)
    insert(con, table.name, rows.select(*table.columns))
