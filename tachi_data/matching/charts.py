"""Which chart is meant: those that a key finds, in the catalogue's order of preference.

A difficulty that a game declares as an alias stands for each of several (`difficulty_aliases`).
"""

from __future__ import annotations

from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.store import query, statements

sql = statements("tachi_data.matching")


def charts_of(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Find the chart of each look-up; of several the first in the catalogue's order of preference.

    Args:
        look_ups: ``chart_look_up`` and the members of a look-up that are about the chart.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        One row per look-up that has a chart: ``chart_look_up, chart_id, preference, level``.
    """
    found = query(con, sql("charts"), {"game": game}, wanted=_meant(look_ups, game))
    return found.sort("preference").unique("chart_look_up", keep="first")


@cache
def difficulty_aliases() -> pl.DataFrame:
    """``game, alias, difficulty``: each name for several difficulties of a game, with one of them a row."""
    rows = {
        (game, alias, difficulty)
        for game in games.names()
        for gpt in games.gpts(game)
        for alias, difficulties in gpt.difficulty_aliases.items()
        for difficulty in difficulties
    }
    schema = dict.fromkeys(("game", "alias", "difficulty"), pl.String)
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _meant(charts: pl.DataFrame, game: str) -> pl.DataFrame:
    """The look-ups of charts, one with an alias once for each difficulty that it stands for."""
    aliases = difficulty_aliases().filter(game=game)
    if aliases.is_empty():
        return charts
    stands_for = aliases.select(difficulty="alias", stands_for="difficulty")
    return charts.join(stands_for, on="difficulty", how="left", maintain_order="left").with_columns(
        difficulty=pl.coalesce("stands_for", "difficulty")
    )
