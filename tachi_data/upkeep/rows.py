"""Rows of stored scores, as they are read and deleted."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import schemas
from tachi_data.games import GPT
from tachi_data.store import execute, query, statements
from tachi_data.tables.scores import scores_table

sql = statements("tachi_data.upkeep")


def stored_scores(wanted: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the stored rows of the wanted scores (``user_id, score_id``) in a game."""
    return query(con, sql("wanted_scores"), {"scores": scores_table(game).name}, wanted=wanted)


def delete_rows(doomed: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Delete the rows of scores (``user_id, score_id``); all that follows from them stays as it is."""
    execute(
        con,
        sql("delete_scores", scores=scores_table(game).name),
        doomed=doomed.select("user_id", "score_id"),
    )


def impossible(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns what is impossible about scores: ``index`` of the row, and ``message``.

    Args:
        scores: Scores of one game and playtype, with flat columns; what they lack is not looked at.
        gpt: The game and playtype, with the rules of the store.
    """
    schema = schemas.scores(gpt.game, gpt.playtype, gpt.generation)
    known = [c for c in scores.columns if c in schema.columns]
    return schemas.failures(scores.select(known), schema)
