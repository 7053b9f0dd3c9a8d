"""Sessions: scores that lie less than two hours apart.

A group of new scores joins the nearest stored session that is less than two hours away, or overlaps the
group. Without such a session the group becomes a new one. A score without a time is in no session.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.frames import all_collected, json_members
from tachi_data.games import GPT
from tachi_data.names import snake
from tachi_data.scoring.ratings import session_ratings
from tachi_data.standings.known import NO_GROUPS, known
from tachi_data.standings.session_names import names_for
from tachi_data.store import Transaction, execute, insert, statements
from tachi_data.tables.scores import scores_table

sql = statements("tachi_data.standings")

GAP = pl.duration(hours=2, time_unit="ms")
PLAYER = ("user_id", "playtype")
PLACE = ["session_id", "session_position"]
NO_SESSIONS = pl.DataFrame(
    schema={
        "source": pl.Int64,
        "playtype": pl.String,
        "session_id": pl.String,
        "is_new": pl.Boolean,
    }
)
NONE_CHANGED = pl.DataFrame(schema={"session_id": pl.String, "is_new": pl.Boolean})


@dataclass(frozen=True, eq=False)
class Grouped:
    """New scores in groups of which each belongs to one session.

    Attributes:
        scores: The scores that have a time, by player and time, with ``session_group``.
        groups: One row per group: ``session_group, user_id, playtype, time_started, time_ended``.
    """

    scores: pl.DataFrame
    groups: pl.DataFrame


NO_GROUPED = Grouped(pl.DataFrame(schema={"time_achieved": pl.Datetime("ms")}), NO_GROUPS)


@dataclass(frozen=True, eq=False)
class Sessions:
    """The sessions of new scores.

    Attributes:
        scores: The new scores, with ``session_id`` and ``session_position`` (from 0).
        touched: One row per import and session: ``source, playtype, session_id, is_new``, in the order of
            the ImportDocument.
        changed: One row per session that is new, or is widened: ``session_id, user_id, playtype, is_new``, its
            bounds, and ``ratings`` over all its scores.
    """

    scores: pl.DataFrame
    touched: pl.DataFrame
    changed: pl.DataFrame


def grouped(scores: pl.DataFrame) -> Grouped:
    """Group new scores of which each lies less than two hours from the next.

    Args:
        scores: Complete new scores of any number of players: ``row, source, user_id, playtype, time_achieved,
            ratings.*``.
    """
    lazy = (
        scores.lazy()
        .select("row", "source", *PLAYER, "time_achieved", "^ratings\\..*$")
        .drop_nulls("time_achieved")
        .sort(*PLAYER, "time_achieved", "row")
        .with_columns(_group_number().alias("session_group"))
    )
    groups = lazy.group_by("session_group", maintain_order=True).agg(
        *(pl.col(c).first() for c in PLAYER),
        time_started=pl.col("time_achieved").first(),
        time_ended=pl.col("time_achieved").last(),
    )
    return Grouped(*all_collected(lazy, groups))


def into_sessions(
    scores: pl.DataFrame,
    grouped: Grouped,
    near: pl.DataFrame,
    gpts: Sequence[GPT],
    *,
    one_by_one: bool = False,
) -> Sessions:
    """Find the sessions of new scores, or make them up; `store_sessions` stores them.

    Args:
        scores: The new scores.
        grouped: Their groups.
        near: The scores of the stored sessions near the groups: see `tachi_data.standings.known.Known`.
        gpts: The playtypes of the game of all of them, with the rules that hold.
        one_by_one: List the scores of a session in the order of ``row``, as if each had been imported alone;
            otherwise they are listed by time.

    Returns:
        The scores with their sessions, and the sessions of each import.
    """
    timed = grouped.scores
    if timed.is_empty():
        none = scores.with_columns(
            session_id=pl.lit(None, dtype=pl.String), session_position=pl.lit(None, dtype=pl.Int64)
        )
        return Sessions(none, NO_SESSIONS, NONE_CHANGED)
    groups, earlier = _choose(grouped.groups, near)
    chosen = timed.lazy().join(
        groups.lazy().select("session_group", "session_id", "is_new"),
        on="session_group",
        maintain_order="left",
    )
    stored = earlier.lazy().group_by("session_id").agg(stored=pl.col("session_position").max() + 1)
    placed = (
        (chosen.sort("row") if one_by_one else chosen)
        .join(stored, on="session_id", how="left", maintain_order="left")
        .with_columns(
            session_position=pl.col("stored").fill_null(0)
            + pl.int_range(pl.len()).over("session_id")
        )
    )
    members = placed.select("row", "session_id", "session_position")
    touched = (
        chosen.sort("row")
        .with_columns(order=pl.col("row").min().over("source", "playtype"))
        .group_by("source", "playtype", "session_id", maintain_order=True)
        .agg(pl.col("is_new").first(), pl.col("order").first(), pl.col("session_group").min())
        .sort("source", "order", "session_group")
        .select(NO_SESSIONS.columns)
    )
    rated = scores.lazy().join(members, on="row", how="left", maintain_order="left")
    listed, touching, joined = all_collected(placed, touched, rated)
    return Sessions(joined, touching, _rated(groups, listed, earlier, gpts))


def _group_number() -> pl.Expr:
    """Returns the number of each score's group; a gap of two hours or more begins a new group."""
    same = pl.all_horizontal(pl.col(c) == pl.col(c).shift() for c in PLAYER)
    starts = ~same.fill_null(False) | (
        pl.col("time_achieved") - pl.col("time_achieved").shift() >= GAP
    )
    return starts.cum_sum()


def _choose(groups: pl.DataFrame, near: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Choose a session for each group.

    Returns:
        One row per group: its bounds, and the ID of a stored or a new session. And one row per score that the
        stored sessions have already.
    """
    fresh = pl.Series([f"Q{secrets.token_hex(20)}" for _ in range(groups.height)], dtype=pl.String)
    # The nearest session; of several the first to start, then the session with the smaller ID.
    rows = near.lazy()
    nearest = (
        rows.sort("distance", "time_started", "session_id")
        .unique("session_group", keep="first", maintain_order=True)
        .select("session_group", "session_id")
    )
    chosen = groups.lazy().join(nearest, on="session_group", how="left", maintain_order="left")
    # Two groups may join one session.
    once = nearest.unique("session_id", keep="first")
    earlier = rows.join(once, on=["session_group", "session_id"], how="semi").drop_nulls("user_id")
    found, members = all_collected(
        chosen.with_columns(
            is_new=pl.col("session_id").is_null(), session_id=pl.col("session_id").fill_null(fresh)
        ),
        earlier.drop("session_group", "time_started", "distance"),
    )
    return found, members


def _rated(
    groups: pl.DataFrame, placed: pl.DataFrame, earlier: pl.DataFrame, gpts: Sequence[GPT]
) -> pl.DataFrame:
    """The sessions of the groups, each rated over all its scores."""
    sessions = groups.group_by("session_id", maintain_order=True).agg(
        *(pl.col(c).first() for c in (*PLAYER, "is_new")),
        pl.col("time_started").min(),
        pl.col("time_ended").max(),
    )
    rated = session_ratings_of(pl.concat([earlier, placed], how="diagonal"), sessions, gpts)
    return sessions.join(rated, on="session_id", how="left", maintain_order="left")


def store_sessions(sessions: Sessions, game: str, tx: Transaction) -> None:
    """Insert the new sessions, and widen the stored ones.

    Args:
        sessions: The result of `into_sessions`; the scores have still to be stored with it.
        game: The game of all of them.
        tx: The transaction, which sees the same stored sessions.
    """
    changed = sessions.changed
    if changed.is_empty():
        return
    complete = _new_sessions(changed.drop("is_new"), game, tx)
    if changed["is_new"].all():
        insert(tx.con, "sessions", complete)
    else:
        execute(tx.con, sql("merge_sessions"), merged=complete)


def insert_sessions(sessions: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Store new sessions of a game, each with a random name.

    Args:
        sessions: One row per session: ``session_id, user_id, playtype``, and, where they are known,
            ``time_started, time_ended, ratings``.
        game: The game of all of them.
        tx: The transaction.
    """
    insert(tx.con, "sessions", _new_sessions(sessions, game, tx))


def _new_sessions(sessions: pl.DataFrame, game: str, tx: Transaction) -> pl.DataFrame:
    return sessions.with_columns(
        names_for(sessions.height).alias("name"),
        game=pl.lit(game),
        highlight=pl.lit(False),
        time_inserted=tx.moment,
    )


def session_ratings_of(
    scores: pl.DataFrame, sessions: pl.DataFrame, gpts: Sequence[GPT]
) -> pl.DataFrame:
    """Rate sessions from all their scores.

    Args:
        scores: The scores of whole sessions: ``session_id`` and ``ratings.*``.
        sessions: One row per session: ``session_id, playtype``.
        gpts: The playtypes of the game of all of them, with the rules that hold.

    Returns:
        One row per session with scores: ``session_id``, and ``ratings`` as JSON text by document name.
    """
    parts = []
    for gpt in gpts:
        ids = sessions.filter(pl.col("playtype") == gpt.playtype).select("session_id")
        if ids.is_empty():
            continue
        rated = session_ratings(scores.join(ids, on="session_id", how="semi"), gpt)
        members = {n: pl.col(f"ratings.{snake(n)}") for n in gpt.session_ratings}
        parts.append(rated.select("session_id", ratings=json_members(members)))
    return pl.concat(parts)


def place_scores(scores: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Find or create the sessions of stored scores that have none, as if the scores were imported now."""
    if scores.is_empty():
        return
    numbered = scores.drop(PLACE).with_row_index("row").with_columns(source=pl.lit(0, pl.Int64))
    groups = grouped(numbered)
    near = known(game, tx.con, groups=groups.groups).near
    placed = into_sessions(numbered, groups, near, rules(game, tx.con))
    store_sessions(placed, game, tx)
    move_scores(placed.scores, game, tx.con)


def move_scores(scores: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Store the session of each score (``user_id, score_id``), and its place in the session."""
    if scores.is_empty():
        return
    execute(
        con,
        sql("place_scores", scores=scores_table(game).name),
        placed=scores.select("user_id", "score_id", *PLACE),
    )
