"""Bringing standings up to date after scores were changed or deleted."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.standings.goals.update import update_goals
from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.profiles import provided_frame, update_profiles
from tachi_data.standings.sessions import session_ratings_of
from tachi_data.store import Transaction, execute, query, statements
from tachi_data.tables.scores import scores_table, unpacked

sql = statements("tachi_data.standings")


def refresh(touched: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Bring sessions, personal bests, profiles and goals up to date after scores were changed or deleted.

    Args:
        touched: ``user_id, playtype, chart_id, session_id`` of the scores, as they were before and as they
            are now; rows may repeat.
        game: The game of the scores.
        tx: The transaction.
    """
    refresh_sessions(touched, game, tx.con)
    rebuild_personal_bests(touched, game, tx.con)
    players = touched.select("user_id", "playtype").unique(maintain_order=True)
    update_profiles(players, provided_frame({}), game, tx)
    update_goals(touched.with_columns(source=pl.lit(0, dtype=pl.Int64)), game, tx)


def refresh_sessions(touched: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Set bounds and ratings of sessions (``user_id, session_id``) from their scores; delete empty ones."""
    touched = touched.select("user_id", "session_id").drop_nulls().unique()
    params = {"scores": scores_table(game).name}
    remains = unpacked(query(con, sql("session_remains"), params, wanted=touched), game)
    sessions = remains.group_by("session_id", "user_id", "playtype").agg(
        time_started=pl.col("time_achieved").min(), time_ended=pl.col("time_achieved").max()
    )
    empty = touched.join(sessions, on="session_id", how="anti")
    drop_sessions(empty, con)
    if sessions.is_empty():
        return
    rated = session_ratings_of(remains, sessions, rules(game, con))
    execute(con, sql("narrow_sessions"), changed=sessions.join(rated, on="session_id", how="left"))


def drop_sessions(doomed: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Delete the rows of sessions (``session_id, user_id``); their scores stay as they are."""
    execute(con, sql("delete_sessions"), doomed=doomed.select("session_id", "user_id"))
