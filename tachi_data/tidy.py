"""Tidy frames: what a player has done, over all games, with titles and levels, in one call.

The rows are filtered in DuckDB, and only the columns that are wanted are read. SQL has views of the same names:
``scores``, ``personal_bests``, ``history`` and ``ratings``; ``sessions`` is a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments, games
from tachi_data.errors import TachiError, UnknownNameError
from tachi_data.names import snake
from tachi_data.players.users import games_played
from tachi_data.store import Store, Table, expect_store, query, statements
from tachi_data.tables.columns import column
from tachi_data.tables.game_columns import group, metrics
from tachi_data.tables.scores import GROUPS, columns_of, pbs_table, scores_table

sql = statements("tachi_data", "tidy.sql")

WHOSE = ("user_id", "game", "playtype")
CHART = ("title", "artist", "difficulty", "level", "level_num")
FACTS = ("time_achieved", "service", "comment", "is_primary", "song_id", "chart_id", "score_id")
AFTER_ALL = datetime(9999, 1, 1)  # noqa: DTZ001 - the store has UTC without a zone.
# Long texts that few ask for: they cost as much time as all others.
ON_REQUEST = ("highlight", "session_id", "import_type", "import_id", "time_added")


def scores(
    store: Store,
    user_id: int | None = None,
    game: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Read scores with the titles, difficulties and levels of their charts.

    Args:
        store: The store.
        user_id: The player; None reads the scores of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``; None reads all games.
        since: Only scores that were achieved at this time (UTC) or later.
        until: Only scores that were achieved before this time (UTC).
        columns: The columns to read, in this order; fewer are read faster. None reads all but ``highlight,
            session_id, import_type, import_id, time_added``, which only this argument asks for.

    Returns:
        One row per score, in no special order: the player, game, title and level; the metrics; the ratings; the
        time (UTC), the service, the comment and the IDs of song, chart and score. Without a game there are the
        metrics and ratings of all games, null where a game lacks them. With a game there are its judgements and
        optional metrics, too.

    Raises:
        TachiError: There is no such game or column.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.scores(store, user_id=7).select("game", "title", "level", "score", "lamp").rows()
        [('wacca', 'Paper Lantern', '7', 912000, 'CLEAR')]
        >>> td.scores(store, 7, "wacca", columns=["title", "grade", "ratings.rate"]).rows()
        [('Paper Lantern', 'S', 15.0)]
    """
    return _read(store, SCORES, user_id, game, columns, since, until)


def newest_scores(
    store: Store,
    user_id: int | None = None,
    game: str | None = None,
    *,
    title: str | None = None,
    limit: int = 50,
) -> tuple[pl.DataFrame, int]:
    """Read the newest scores; DuckDB finds them, so that the others are not read.

    Args:
        store: The store.
        user_id: The player; None reads the scores of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``; None reads all games.
        title: Only titles with this text in them, in capital or small letters.
        limit: The most scores that are read.

    Returns:
        The scores, with the columns of `scores`, the newest first and those without a time last; and how many
        scores there are in all.
    """
    expect_store(store)
    asked, playtype = _game_of(game)
    facts = {"user": user_id, "game": asked, "playtype": playtype, "title": title}
    newest = store.query(sql("newest_scores"), {**facts, "limit": max(limit, 1)})
    moments = newest["time_achieved"]
    # Where one of the newest has no time, all scores are read, as no time says which ones are wanted.
    since = None if moments.null_count() else moments.min() or AFTER_ALL
    assert since is None or isinstance(since, datetime)
    rows = scores(store, user_id, game, since=since)
    place = newest.select("game", "user_id", "score_id").with_row_index("place")
    found = (
        rows.join(place, on=["game", "user_id", "score_id"]).sort("place").drop("place").head(limit)
    )
    return found, newest["total"].to_list()[0] if newest.height else 0


def personal_bests(
    store: Store,
    user_id: int | None = None,
    game: str | None = None,
    *,
    columns: Sequence[str] | None = None,
) -> pl.DataFrame:
    """Read personal bests with the titles, difficulties and levels of their charts.

    Args:
        store: The store.
        user_id: The player; None reads the personal bests of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``; None reads all games.
        columns: The columns to read, in this order; None reads all but ``highlight``.

    Returns:
        One row per player and chart, in no special order, with columns as those of `scores`. The time is that of the
        score that gave the personal best its main metric.

    Raises:
        TachiError: There is no such game or column.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.personal_bests(store, 7, "wacca:Single", columns=["title", "difficulty", "score"]).rows()
        [('Paper Lantern', 'HARD', 912000)]
    """
    return _read(store, BESTS, user_id, game, columns)


def history(
    store: Store, of: str, user_id: int | None = None, game: str | None = None
) -> pl.DataFrame:
    """Read all scores on a chart or on a song, in the order of time.

    Args:
        store: The store.
        of: The ID of a chart, or a title of a song, in capital or small letters.
        user_id: The player; None reads the scores of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``, where several have the title.

    Returns:
        One row per score, with columns as those of `scores` and two more: ``attempt`` is the number of the score
        among the player's scores on the chart, from 1; ``is_best`` says that no earlier one of these was as good.
        Scores without a time come last.

    Raises:
        TachiError: There is no such game, chart or title.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.history(store, "paper lantern", user_id=7).select("attempt", "score", "is_best").rows()
        [(1, 912000, True)]
    """
    expect_store(store)
    asked, playtype = _game_of(game)
    names = {"name": of, "game": asked, "playtype": playtype}
    with store.read() as con:
        wanted = query(con, sql("charts_called"), names)
        if wanted.is_empty():
            similar = query(con, sql("similar_titles"), {"name": of, "game": asked})["title"]
            hint = ", ".join(f'"{title}"' for title in similar)
            raise TachiError(
                f"There is no chart or title {of!r:.200}."
                + (f" Similar titles: {hint}." if hint else " The catalogue has no songs.")
            )
        rows = query(con, sql("history"), {"user": user_id}, wanted=wanted)
    return _flat(rows, HISTORY.all_columns(*sorted(set(wanted["game"]))))


def ratings(store: Store, user_id: int | None = None, game: str | None = None) -> pl.DataFrame:
    """Read the ratings and classes of profiles.

    Args:
        store: The store.
        user_id: The player; None reads those of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``; None reads all games.

    Returns:
        One row per rating or class: ``user_id, game, playtype``, ``kind`` (``rating`` or ``class``), ``name`` as in
        documents, ``value`` of a rating, ``rank`` of a class.

    Raises:
        TachiError: There is no such game.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.ratings(store, 7).select("kind", "name", "value", "rank").rows()
        [('rating', 'naiveRate', 15.0, None), ('class', 'colour', None, 'ASH')]
    """
    expect_store(store)
    asked, playtype = _game_of(game)
    params = {"user": user_id, "game": asked, "playtype": playtype}
    return store.query(sql("ratings"), params)


def sessions(store: Store, user_id: int | None = None, game: str | None = None) -> pl.DataFrame:
    """Read sessions: scores that were played one after the other.

    Args:
        store: The store.
        user_id: The player; None reads those of all players.
        game: A game such as ``iidx``, or a game and playtype such as ``iidx:SP``; None reads all games.

    Returns:
        One row per session, in the order of time: ``user_id, game, playtype, name``, the times (UTC), the length in
        ``minutes``, the number of ``scores``, the ratings of the session (``ratings.<name>``, null where it has too
        few scores) and its ID.

    Raises:
        TachiError: There is no such game.

    Example:
        >>> plays = {"meta": {"game": "wacca", "playtype": "Single", "service": "mine"},
        ...          "scores": [play | {"timeAchieved": 1_700_000_000_000}]}
        >>> outcome = td.import_scores(store, "file/batch-manual", json.dumps(plays).encode(), user_id=7)
        >>> td.sessions(store, 7).select("game", "scores", "minutes").rows()
        [('wacca', 1, 0.0)]
    """
    expect_store(store)
    asked, playtype = _game_of(game)
    params = {"user": user_id, "game": asked, "playtype": playtype}
    rows = store.query(sql("sessions"), params)
    wanted = [g for n in ([asked] if asked else games.names()) for g in games.every_gpt(n)]
    named = dict.fromkeys(name for gpt in wanted for name in gpt.session_ratings)
    members = pl.col("ratings").str.json_decode(pl.Struct(dict.fromkeys(named, pl.Float64())))
    return rows.with_columns(
        members.struct.field(name).alias(f"ratings.{snake(name)}") for name in named
    ).select(
        *(c for c in rows.columns if c not in ("ratings", "session_id")),
        *(f"ratings.{snake(name)}" for name in named),
        "session_id",
    )


# --- reading ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """A tidy frame: its columns (``after`` are those after the metrics and ratings), and where its rows are."""

    after: tuple[str, ...]
    on_request: tuple[str, ...] = ()
    has_details: bool = True
    table: Callable[[str], Table] = scores_table
    keys: str = "score_keys"

    def all_columns(self, *only: str) -> list[str]:
        """Returns the names of the columns of some games, with their details; without a game, of all games."""
        gpts = [gpt for name in only or games.names() for gpt in games.every_gpt(name)]
        groups = (
            ("judgements", "optional", "ratings") if only and self.has_details else ("ratings",)
        )
        own = [name for gpt in gpts for name in metrics(gpt)]
        own += [name for g in groups for gpt in gpts for name in group(gpt, g)]
        return [*WHOSE, *CHART, *dict.fromkeys(own), *self.after]


SCORES = Shape(FACTS, ON_REQUEST)
BESTS = Shape(
    ("time_achieved", "is_primary", "song_id", "chart_id"),
    ("highlight",),
    table=pbs_table,
    keys="pb_keys",
)
HISTORY = Shape(("attempt", "is_best", *FACTS), has_details=False)


def _read(
    store: Store,
    shape: Shape,
    user_id: int | None,
    gpt: str | None,
    columns: Sequence[str] | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pl.DataFrame:
    expect_store(store)
    if user_id is not None:
        arguments.player(user_id)
    game, playtype = _game_of(gpt)
    known = shape.all_columns(*() if game is None else (game,))
    wanted = known if columns is None else arguments.listed("columns", columns, '["title"]')
    _check_columns(wanted, [*known, *shape.on_request], game)
    params = {"user": user_id, "playtype": playtype, "since": since, "until": until}
    with store.read() as con:
        if game is not None:
            return pl.concat(_of_game(shape, game, wanted, params, con))
        played = games_played(con, shape.keys, user_id)
        return _of_games(shape, played, wanted, params, con)


def _of_game(
    shape: Shape,
    game: str,
    wanted: Sequence[str],
    params: Mapping[str, object],
    con: DuckDBPyConnection,
) -> list[pl.DataFrame]:
    """Read the rows of a game, in some frames. Songs and charts are put in here: DuckDB would copy each text."""
    songs = query(con, sql("songs_of_game"), {"game": game}).with_row_index("song_at")
    charts = query(con, sql("charts_of_game"), {"game": game}).with_row_index("chart_at")
    read = _stored_columns(name for name in wanted if name not in ("game", *CHART))
    facts = {**params, "columns": [*read, "song_at", "chart_at"]}
    rows = query(
        con,
        sql("of_game", table=shape.table(game).name),
        facts,
        known_songs=songs.select("song_id", "song_at"),
        known_charts=charts.select("chart_id", "chart_at"),
    )
    frames = []
    for piece in _pieces(rows):
        texts = [songs[name].gather(piece["song_at"]) for name in ("title", "artist")]
        texts += [charts[name].gather(piece["chart_at"]) for name in CHART[2:]]
        constant = pl.repeat(game, piece.height, eager=True).alias("game")
        frames.append(_flat(piece.hstack([*texts, constant]), wanted))
    return frames


def _pieces(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yields the parts of a frame that lie in one piece of memory, as frames of other parts meet without a copy."""
    start = 0
    for length in rows[:, 0].chunk_lengths():
        yield rows.slice(start, length)
        start += length


def _of_games(
    shape: Shape,
    played: Sequence[str],
    wanted: Sequence[str],
    params: Mapping[str, object],
    con: DuckDBPyConnection,
) -> pl.DataFrame:
    """Read each game by itself: columns that a game lacks cost much in a union of all games."""
    frames = [_no_rows(shape).select(wanted)]
    for game in played:
        known = {*shape.all_columns(game), *shape.on_request}
        own = ["user_id", *(name for name in wanted if name in known and name != "user_id")]
        frames += _of_game(shape, game, own, params, con)
    # Not `select`, which copies the columns into one piece.
    return pl.concat(frames, how="diagonal_relaxed")[list(wanted)]


@cache
def _no_rows(shape: Shape) -> pl.DataFrame:
    """No row, with the columns of all games and their types."""
    stored = (columns_of(shape.table(game)) for game in games.names())
    types = {name: column(name).dtype for name in ("game", *CHART)}
    return pl.concat(
        (pl.DataFrame(schema=types | {n: c.dtype for n, c in of.items()}) for of in stored),
        how="diagonal_relaxed",
    )


def _stored_columns(wanted: Iterable[str]) -> list[str]:
    """Returns the stored columns, structs among them, that have the wanted ones."""
    return list(dict.fromkeys(name.partition(".")[0] for name in wanted))


def _check_columns(wanted: Sequence[str], known: Sequence[str], game: str | None) -> None:
    for name in wanted:
        if name not in known:
            if game is None and name.partition(".")[0] in ("judgements", "optional"):
                raise TachiError(f"The column {name!r:.200} needs a game, such as game='iidx'.")
            raise UnknownNameError("column", name, known)


def _game_of(text: str | None) -> tuple[str | None, str | None]:
    """Returns the game and the playtype that a text such as ``iidx`` or ``iidx:SP`` names."""
    if text is None:
        return None, None
    gpt = games.named(text)[0]
    return gpt.game, gpt.playtype if ":" in text else None


def _flat(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Returns the columns; those with a dot are members of structs."""

    def read(name: str) -> pl.Series:
        group, _, member = name.partition(".")
        if member and group in GROUPS:
            return rows[group].struct.field(member).alias(name)
        return rows[name]

    # Not `select`, which copies the columns into one piece.
    return pl.DataFrame(list(map(read, columns)))
