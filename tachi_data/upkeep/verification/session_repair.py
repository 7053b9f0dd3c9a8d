"""Repairing sessions, and the places of scores in them, after any history of imports and corrections.

The scores alone do not decide which of them share a session. It depends on the sessions that were stored
when each score came: a session that lost scores in its middle stays one session, and two sessions that grew
towards each other stay two. After any history, however,

- a score with a time is in one session, of its player, game and playtype; a score without a time is in none;
- IDs of sessions are unique, and so are the places of scores within a session.

A stored session keeps its ID, name, description and highlight. A score without a session joins one, as if
the score were imported now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.standings.refresh import drop_sessions, refresh_sessions
from tachi_data.standings.sessions import insert_sessions, move_scores, place_scores
from tachi_data.store import Transaction, insert, query, statements
from tachi_data.tables.scores import unpacked
from tachi_data.upkeep.rows import stored_scores

sql = statements("tachi_data.upkeep")

OWNER = ["user_id", "game", "playtype"]
PLACE = ["session_id", "session_position"]
SCORE = ["user_id", "game", "score_id"]
ORDER = ["session_position", "time_achieved", "score_id"]


@dataclass(frozen=True, eq=False)
class Placement:
    """Sessions and scores, by the repair that they need.

    Attributes:
        missing: Sessions that scores name and the store lacks: ``session_id, user_id, game, playtype``.
        inhabited: Sessions that have scores; they get new bounds and ratings.
        empty: Sessions without scores; they are deleted, unless a score joins them.
        moved: Scores with a new session or a new place in it, or with none.
        homeless: Scores with a time that are in no session.
    """

    missing: pl.DataFrame
    inhabited: pl.DataFrame
    empty: pl.DataFrame
    moved: pl.DataFrame
    homeless: pl.DataFrame


def settle_sessions(
    scores: Mapping[str, pl.DataFrame],
    sessions: Mapping[str, pl.DataFrame],
    tx: Transaction,
) -> None:
    """Repair the sessions of some players, and the places of their scores.

    Args:
        scores: All stored scores of the players, by game.
        sessions: All stored sessions of the players, by game.
        tx: The transaction.
    """
    columns = [*OWNER, *PLACE, "score_id", "time_achieved"]
    members = pl.concat(
        [rows.with_columns(game=pl.lit(game)).select(columns) for game, rows in scores.items()]
    )
    stored = pl.concat(list(sessions.values()))
    kept = _kept(stored, members)
    _replace(stored, kept, tx.con)
    placement = _placement(kept, members, tx.con)
    for game in scores:
        of_game = pl.col("game") == game
        missing = placement.missing.filter(of_game)
        insert_sessions(missing.drop("game"), game, tx)
        move_scores(placement.moved.filter(of_game), game, tx.con)
        refresh_sessions(placement.inhabited.filter(of_game), game, tx.con)
        homeless = stored_scores(placement.homeless.filter(of_game), game, tx.con)
        place_scores(unpacked(homeless, game), game, tx)
        # Empty sessions are deleted last: a score that lost its session may have found it again.
        refresh_sessions(placement.empty.filter(of_game), game, tx.con)


def _kept(sessions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Returns each session once; a session that fits none of its scores gets their game and playtype."""
    timed = members.drop_nulls(["session_id", "time_achieved"])
    fitting = timed.group_by("session_id", *OWNER).agg(fits=pl.len())
    first = (
        timed.sort("session_id", *ORDER, nulls_last=True)
        .unique(["session_id", "user_id"], keep="first", maintain_order=True)
        .select("session_id", "user_id", own_game="game", own_playtype="playtype")
    )
    fits = pl.col("fits").is_not_null()
    return (
        sessions.join(fitting, on=["session_id", *OWNER], how="left", maintain_order="left")
        .join(first, on=["session_id", "user_id"], how="left", maintain_order="left")
        .sort("fits", "time_inserted", descending=[True, False], nulls_last=True)
        .unique("session_id", keep="first", maintain_order=True)
        .with_columns(
            pl.when(fits).then(name).otherwise(pl.coalesce(f"own_{name}", name)).alias(name)
            for name in ("game", "playtype")
        )
        .select(sessions.columns)
    )


def _replace(stored: pl.DataFrame, kept: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Replace the stored sessions that differ from the kept ones."""
    same = stored.join(kept, on=stored.columns, how="semi", nulls_equal=True)
    wrong = stored.filter(
        pl.col("session_id").is_duplicated()
        | ~pl.col("session_id").is_in(same["session_id"].implode())
    )
    if wrong.is_empty():
        return
    drop_sessions(wrong, con)
    insert(con, "sessions", kept.join(wrong, on="session_id", how="semi"))


def _placement(kept: pl.DataFrame, members: pl.DataFrame, con: DuckDBPyConnection) -> Placement:
    timed = members.drop_nulls("time_achieved")
    missing = _missing(kept, timed, con)
    owners = pl.concat([kept.select("session_id", *OWNER), missing])
    right = timed.join(owners, on=["session_id", *OWNER], how="semi")
    stray = members.drop_nulls("session_id").join(right, on=SCORE, how="anti")
    crowded = right.filter(
        pl.col("session_position").is_null() | pl.struct(PLACE).is_duplicated()
    ).select("session_id")
    renumbered = (
        right.join(crowded.unique(), on="session_id", how="semi")
        .sort("session_id", *ORDER, nulls_last=True)
        .with_columns(session_position=pl.int_range(pl.len()).over("session_id"))
    )
    nowhere = [pl.lit(None, dtype=stray.schema[name]).alias(name) for name in PLACE]
    return Placement(
        missing,
        owners.join(right, on="session_id", how="semi"),
        owners.join(right, on="session_id", how="anti"),
        pl.concat([stray.with_columns(nowhere), renumbered]),
        timed.join(right, on=SCORE, how="anti"),
    )


def _missing(kept: pl.DataFrame, timed: pl.DataFrame, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the sessions that scores name and no player has; each belongs to the owner of its first score."""
    named = (
        timed.drop_nulls("session_id")
        .join(kept, on="session_id", how="anti")
        .sort("session_id", *ORDER, nulls_last=True)
        .unique("session_id", keep="first", maintain_order=True)
        .select("session_id", *OWNER)
    )
    taken = query(con, sql("taken_sessions"), wanted=named)
    return named.join(taken, on="session_id", how="anti", maintain_order="left")
