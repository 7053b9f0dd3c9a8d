"""Find the song and chart of each look-up: two joins against the catalogue's key tables.

A look-up names a song (by ``song_kind`` and ``song_key``) and then one of its charts, or a chart
directly (``chart_kind`` and ``chart_key``). The kinds are those of the catalogue's tables
``song_keys`` and ``chart_keys``; all comparisons are equality. A difficulty that a game declares as an
alias stands for each of several (`difficulty_aliases`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import games
from tachi_data.frames import collected
from tachi_data.store import query, statements

sql = statements("tachi_data.matching")

KEYS: dict[str, pl.DataType] = {
    "song_kind": pl.String(),
    "song_key": pl.String(),
    "song_exact": pl.String(),
    "artist": pl.String(),
    "chart_kind": pl.String(),
    "chart_key": pl.String(),
    "playtype": pl.String(),
    "difficulty": pl.String(),
    "version": pl.String(),
    "primary_only": pl.Boolean(),
    "official_only": pl.Boolean(),
    "only_one": pl.Boolean(),
}
# What is stored of a look-up with an orphan.
LOOK_UP = [name for name in KEYS if name not in ("primary_only", "official_only", "only_one")]
SONG_KEYS = ("song_kind", "song_key", "song_exact", "artist")
CHART_KEYS = tuple(name for name in KEYS if name not in SONG_KEYS)
NO_SONGS = pl.DataFrame(
    schema={
        "song_look_up": pl.UInt32,
        "song_hits": pl.Int64,
        "song_id": pl.Int64,
        "song_is_empty": pl.Boolean,
    }
)


def match(look_ups: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Tie each look-up to a song and a chart of one game.

    Args:
        look_ups: ``row`` and the columns of `KEYS`.
        game: The game in which all of them look.
        con: A connection to a store with the catalogue.

    Returns:
        For every row, in order: ``row``, ``song_hits`` (how many songs fit; null for a look-up that names
        no song), ``song_id``, ``song_is_empty`` (whether the song has no chart at all, of a kind of key
        for which the game declares that as an error), ``chart_id`` (null where there is none) and
        ``chart_hits`` (how many charts fit as well as that one).
    """
    names_song = pl.col("song_kind").is_not_null()
    numbered = look_ups.lazy().with_row_index("at")
    wanted = numbered.with_columns(song_look_up=pl.when(names_song).then(_first_alike(SONG_KEYS)))
    songs = collected(
        wanted.filter(pl.col("at") == pl.col("song_look_up")).select("song_look_up", *SONG_KEYS)
    )
    found = _songs(songs, game, con) if songs.height else NO_SONGS
    named = collected(
        wanted.join(found.lazy(), on="song_look_up", how="left", maintain_order="left")
        .with_columns(
            song_hits=pl.when(names_song).then(pl.col("song_hits").fill_null(0)),
            chart_key=pl.when(names_song)
            .then(pl.col("song_id").cast(pl.String))
            .otherwise(pl.col("chart_key")),
        )
        .with_columns(chart_look_up=_first_alike(CHART_KEYS))
    )
    charts = collected(
        named.lazy()
        .filter(pl.col("at") == pl.col("chart_look_up"))
        .drop_nulls("chart_key")
        .select("chart_look_up", *CHART_KEYS)
    )
    found = _first_charts(_meant(charts, game), game, con)
    return collected(
        named.lazy()
        .join(found.lazy(), on="chart_look_up", how="left", maintain_order="left")
        .select("row", "song_hits", "song_id", "song_is_empty", "chart_id", "chart_hits")
    )


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


def _first_charts(charts: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """The chart of each look-up: of several, the first in the catalogue's order of preference.

    A look-up that wants the ``only_one`` finds none of several.
    """
    each = "chart_look_up"
    return (
        _run("charts", charts, game, con)
        .sort("preference")
        .with_columns(
            chart_hits=(pl.col("is_primary") == pl.col("is_primary").first().over(each))
            .sum()
            .over(each)
            .cast(pl.Int64)
        )
        .filter(~(pl.col("only_one").fill_null(False) & (pl.len().over(each) > 1)))
        .unique(each, keep="first")
        .select(each, "chart_id", "chart_hits")
    )


def _first_alike(keys: Sequence[str]) -> pl.Expr:
    """The place of the first look-up with the same keys, so that equal ones are looked up once."""
    return pl.col("at").first().over(keys)


def _songs(songs: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """How many songs fit each look-up, and the song that is meant."""
    hits = pl.len().over("song_look_up").cast(pl.Int64)
    found = _run("songs", songs, game, con).with_columns(song_hits=hits)
    several = found.filter(pl.col("song_hits") > 1)
    if several.height:
        found = pl.concat(
            [found.filter(pl.col("song_hits") == 1), _told_apart(several, songs, game, con)]
        )
    strict = songs.filter(pl.col("song_kind").is_in(_strict_kinds(game)))
    if strict.is_empty():
        return found.with_columns(song_is_empty=pl.lit(None, dtype=pl.Boolean))
    wanted = found.join(strict, on="song_look_up", how="semi").drop_nulls("song_id")
    empty = _run("empty_songs", wanted, game, con).with_columns(song_is_empty=pl.lit(True))
    return found.join(empty, on="song_look_up", how="left")


def _strict_kinds(game: str) -> list[str]:
    """The kinds of song keys for which a song without charts is an error, not an unknown chart."""
    declared = (item for gpt in games.gpts(game) for item in gpt.song_keys.items())
    return sorted({kind for kind, key in declared if key.needs_charts})


def _told_apart(
    several: pl.DataFrame, songs: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """One row per look-up that several songs fit: the song that alone is spelled exactly so, or none."""
    wanted = several.join(songs, on="song_look_up")
    spelled = _run("spelled", wanted, game, con).unique("song_look_up", keep="none")
    meant = pl.col("song_id_spelled")
    return (
        several.unique("song_look_up")
        .join(spelled, on="song_look_up", how="left", suffix="_spelled")
        .select(
            "song_look_up",
            song_id=meant,
            song_hits=pl.when(meant.is_not_null()).then(1).otherwise("song_hits"),
        )
    )


def _run(name: str, wanted: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """The rows of a statement of this package over the look-ups ``wanted``."""
    return query(con, sql(name), {"game": game}, wanted=wanted)
