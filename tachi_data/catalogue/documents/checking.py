"""What must hold between the rows of a catalogue's files, and what is only worth a warning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import polars as pl

from tachi_data import games
from tachi_data.catalogue.documents.v2 import identifier
from tachi_data.errors import CatalogueError
from tachi_data.tables.catalogue import COLLECTIONS


def check_unique(name: str, rows: pl.DataFrame, source: str) -> None:
    """Refuse a document whose ID an earlier one of the file has.

    Args:
        name: Of the collection.
        rows: Its rows, in the order of the documents.
        source: What the file is called in the message.

    Raises:
        CatalogueError: There is such a document.
    """
    key = pl.struct(COLLECTIONS[name].id_column, "game")
    again = rows.select(again=~key.is_first_distinct())["again"]
    _refuse(name, rows, again, source, "an earlier document has the same ID")


def check_playtypes(charts: pl.DataFrame, game: str) -> None:
    """Refuse charts of a playtype that the game does not have; a game that is not known has any.

    Raises:
        CatalogueError: There is such a chart.
    """
    if game not in games.names():
        return
    playtypes = [gpt.playtype for gpt in games.gpts(game)]
    unknown = ~charts["playtype"].is_in(playtypes)
    message = f"its playtype must be one of: {', '.join(playtypes)}"
    _refuse("charts", charts, unknown, f"charts-{game}", message)


def check_courses(courses: pl.DataFrame, game: str) -> None:
    """Refuse courses for a class that their playtype does not have.

    Raises:
        CatalogueError: There is such a course.
    """
    known = [is_class(game, *row) for row in courses.select("playtype", "set", "value").iter_rows()]
    message = "no class of the game has this playtype, set and value"
    _refuse("courses", courses, ~pl.Series(known, dtype=pl.Boolean), f"courses-{game}", message)


def is_class(game: str, playtype: str, of_set: str, value: str) -> bool:
    """Whether a set of classes of the game and playtype has this value."""
    return (game, playtype, of_set, value) in _classes()


@cache
def _classes() -> frozenset[tuple[str, str, str, str]]:
    return frozenset(
        (game, gpt.playtype, name, value)
        for game in games.names()
        for gpt in games.every_gpt(game)
        for name, declared in gpt.classes.items()
        for value in declared.values
    )


def check_songs_of(charts: pl.DataFrame, songs: pl.DataFrame, game: str) -> None:
    """Refuse charts without a song.

    Raises:
        CatalogueError: There is such a chart.
    """
    orphaned = ~charts["song_id"].is_in(songs["song_id"].implode())
    _refuse("charts", charts, orphaned, f"charts-{game}", f"its song is not in songs-{game}")


def check_primary(charts: pl.DataFrame, game: str) -> None:
    """Refuse a second primary chart of a song, playtype and difficulty.

    Raises:
        CatalogueError: There is one.
    """
    key = pl.struct("song_id", "playtype", "difficulty", "is_primary")
    again = charts.select(again=pl.col("is_primary") & ~key.is_first_distinct())["again"]
    message = "an earlier primary chart has the same songID, playtype and difficulty"
    _refuse("charts", charts, again, f"charts-{game}", message)


def unknown_words(charts: pl.DataFrame, game: str) -> Iterator[str]:
    """Find what charts have that this version of the library does not know.

    Args:
        charts: The rows of a game's charts.
        game: The game, which may be unknown itself.

    Returns:
        A sentence for the difficulties and one for the versions of each playtype, if there are such.
    """
    if game not in games.names():
        yield f"{game}: this game is not known here; it is stored, but scores on it are not accepted."
        return
    for gpt in games.gpts(game):
        mine = charts.filter(pl.col("playtype") == gpt.playtype)
        stated = {"versions": mine["versions"].explode().drop_nulls()}
        known = {"versions": gpt.versions}
        if gpt.difficulties is not None and not gpt.open_difficulties:
            stated["difficulties"], known["difficulties"] = mine["difficulty"], gpt.difficulties
        for word, values in stated.items():
            unknown = values.filter(~values.is_in(list(known[word]))).unique().sort().to_list()
            if unknown:
                names = ", ".join(map(repr, unknown[:5])) + (", …" if len(unknown) > 5 else "")
                yield f"{game} {gpt.playtype}: some charts have {word} that are not known here: {names}."


def _refuse(name: str, rows: pl.DataFrame, wrong: pl.Series, source: str, message: str) -> None:
    """Raise for the first row where ``wrong`` is true."""
    if not wrong.any():
        return
    position = wrong.arg_true()[0]
    label = f"{identifier(name)} {rows[COLLECTIONS[name].id_column][position]!r:.200}"
    raise CatalogueError(f"{source}, document {position} ({label}): {message}.")
