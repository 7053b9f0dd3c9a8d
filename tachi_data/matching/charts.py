"""Which chart is meant: those that a key finds, in the catalogue's order of preference.

A difficulty that a game declares as an alias stands for each of several (`difficulty_aliases`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.catalogue.chart_frame import described
from tachi_data.store import query, statements

sql = statements("tachi_data.matching")


def charts_of(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Find the chart of each look-up; of several the first in the catalogue's order of preference.

    A look-up that wants the ``only_one`` finds none of several.

    Args:
        look_ups: ``chart_look_up`` and the members of a look-up that are about the chart.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        One row per look-up that has a chart: ``chart_look_up``, ``chart_hits`` (how many charts fit as well as
        that one), ``level`` (its text), and the chart as `tachi_data.catalogue.chart_frame` has it.
    """
    each = "chart_look_up"
    found = query(con, sql("charts"), {"game": game}, wanted=_meant(look_ups, game))
    best = (
        found.sort("preference")
        .with_columns(
            chart_hits=(pl.col("is_primary") == pl.col("is_primary").first().over(each))
            .sum()
            .over(each)
            .cast(pl.Int64)
        )
        .filter(~(pl.col("only_one").fill_null(False) & (pl.len().over(each) > 1)))
        .unique(each, keep="first")
    )
    return described(best, game, each, "chart_hits", "level")


@cache
def difficulty_aliases() -> pl.DataFrame:
    """``game, alias, difficulty``: each name for several difficulties of a game, with one of them a row."""
    rows = {
        (game, alias, difficulty)
        for game in games.names()
        for gpt in games.gpts(game)
        for alias, difficulties in _aliases(gpt)
        for difficulty in difficulties
    }
    schema = dict.fromkeys(("game", "alias", "difficulty"), pl.String)
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


def _aliases(gpt: games.GPT) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from gpt.difficulty_aliases.items()
    yield from ((name, (name, own)) for own, name in gpt.sent_as.items())


def _meant(charts: pl.DataFrame, game: str) -> pl.DataFrame:
    """The look-ups of charts, one with an alias once for each difficulty that it stands for."""
    aliases = difficulty_aliases().filter(game=game)
    if aliases.is_empty():
        return charts
    stands_for = aliases.select(difficulty="alias", stands_for="difficulty")
    return charts.join(stands_for, on="difficulty", how="left", maintain_order="left").with_columns(
        difficulty=pl.coalesce("stands_for", "difficulty")
    )
