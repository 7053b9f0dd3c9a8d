"""What must hold between the rows of a catalogue's files."""

from __future__ import annotations

import polars as pl

from tachi_data import games
from tachi_data.catalogue.documents.v2 import identifier
from tachi_data.errors import CatalogueError
from tachi_data.tables.catalogue import COLLECTIONS


def check_unique(name: str, rows: pl.DataFrame, source: str) -> None:
    """No two documents of a file have the same ID."""
    key = pl.struct(COLLECTIONS[name].id_column, "game")
    again = rows.select(again=~key.is_first_distinct())["again"]
    _refuse(name, rows, again, source, "an earlier document has the same ID")


def check_playtypes(charts: pl.DataFrame, game: str) -> None:
    """All charts are of a playtype that the game has."""
    playtypes = [gpt.playtype for gpt in games.gpts(game)]
    unknown = ~charts["playtype"].is_in(playtypes)
    message = f"its playtype must be one of: {', '.join(playtypes)}"
    _refuse("charts", charts, unknown, f"charts-{game}", message)


def check_courses(courses: pl.DataFrame, game: str) -> None:
    """All courses are for a class that their playtype has."""
    classes = {
        (gpt.playtype, name, value)
        for gpt in games.gpts(game)
        for name, declared in gpt.classes.items()
        for value in declared.values
    }
    known = [row in classes for row in courses.select("playtype", "set", "value").iter_rows()]
    message = "no class of the game has this playtype, set and value"
    _refuse("courses", courses, ~pl.Series(known, dtype=pl.Boolean), f"courses-{game}", message)


def check_charts(charts: pl.DataFrame, songs: pl.DataFrame, game: str) -> None:
    """All charts have their song; only one chart of a difficulty is the primary one."""
    orphaned = ~charts["song_id"].is_in(songs["song_id"].implode())
    _refuse("charts", charts, orphaned, f"charts-{game}", f"its song is not in songs-{game}")
    key = pl.struct("song_id", "playtype", "difficulty", "is_primary")
    again = charts.select(again=pl.col("is_primary") & ~key.is_first_distinct())["again"]
    message = "an earlier primary chart has the same songID, playtype and difficulty"
    _refuse("charts", charts, again, f"charts-{game}", message)


def _refuse(name: str, rows: pl.DataFrame, wrong: pl.Series, source: str, message: str) -> None:
    """Raise for the first row where ``wrong`` is true."""
    if not wrong.any():
        return
    position = wrong.arg_true()[0]
    label = f"{identifier(name)} {rows[COLLECTIONS[name].id_column][position]!r}"
    raise CatalogueError(f"{source}, document {position} ({label}): {message}.")
