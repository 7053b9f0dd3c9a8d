"""Deriving the scores of stale games again, with all that follows from them, after rules have changed.

Rules change when a store moves to v3, and with a release of this package (`tachi_data.games.rules_version`). The
work is done in groups of players. A group and the note of how far the work has come are one transaction, so it can
be interrupted at any time; the next call goes on behind the last group.

Validation is not repeated: a score that would be refused today stays. A rating whose formula fails is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import catalogue_generation, rules_of_today, stale
from tachi_data.standings.goals.update import update_goals
from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.profiles import provided_frame, update_profiles
from tachi_data.standings.refresh import refresh_sessions
from tachi_data.store import Store, Transaction, execute, insert, query, statements
from tachi_data.tables.scores import scores_table
from tachi_data.upkeep.recompute import recompute_scores

sql = statements("tachi_data.upkeep")

GROUP = 20_000  # The number of scores after which a transaction ends: about a second.
REPORT = {"game": pl.String(), "scores": pl.Int64(), "changed": pl.Int64(), "unrated": pl.Int64()}


@dataclass(frozen=True)
class _Work:
    """The games to derive again, and the player behind whom that begins."""

    games: tuple[str, ...]
    generation: int
    done: int | None


def derive_again(
    store: Store, *, now: int | None = None, progress: Callable[[int], object] | None = None
) -> pl.DataFrame:
    """Derive the scores of stale games again: metrics, ratings, personal bests, sessions, profiles and goals.

    Classes that change with it are no achievements. Score IDs stay as they are.

    Args:
        store: The store.
        now: Unix milliseconds, to fix the clock.
        progress: Called after each group of players, with the number of players so far.

    Returns:
        One row per game: ``game``, the number of ``scores`` that were looked at, the number that ``changed``, and
        the number of ``unrated`` ones, of which a formula fails with the new rules. No row means that no game was
        stale.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> derive_again(store).height
        0
    """
    with store.read() as con:
        work = _work(con)
    parts, seen = [pl.DataFrame(schema=REPORT)], 0
    for players in _groups(store, work):
        with store.write() as con:
            tx = Transaction.at(con, now)
            parts.append(pl.concat([_derive(players, game, tx) for game in work.games]))
            last = int(players["user_id"].to_list()[-1])
            _note(work, con, derived_user_id=last)
        seen += players.height
        if progress is not None:
            progress(seen)
    if work.games:
        with store.write() as con:
            _note(work, con, derived_user_id=None)
    counted = pl.concat(parts).group_by("game", maintain_order=True).sum()
    missing = [game for game in work.games if game not in counted["game"]]
    none = pl.DataFrame({"game": missing, **dict.fromkeys(list(REPORT)[1:], 0)}, schema=REPORT)
    return pl.concat([counted, none])


def _work(con: DuckDBPyConnection) -> _Work:
    """The stale games. Work that was interrupted goes on, if it had the rules of today in all of them."""
    games, generation = tuple(stale(con)), catalogue_generation(con)
    wanted = rules_of_today(games, generation)
    reached = query(con, sql("reached_player"), wanted=wanted)["derived_user_id"].to_list()
    return _Work(games, generation, None if None in reached else min(reached, default=None))


def _groups(store: Store, work: _Work) -> Iterator[pl.DataFrame]:
    """Yields the players (``user_id``) who have the games, in groups with a bounded number of scores."""
    if not work.games:
        return
    params = {"games": list(work.games), "done": work.done}
    players = store.query(sql("players_of_games"), params)
    group = (pl.col("scores").cum_sum() - pl.col("scores")) // GROUP
    for rows in players.with_columns(group=group).partition_by("group", maintain_order=True):
        yield rows.select("user_id")


def _derive(players: pl.DataFrame, game: str, tx: Transaction) -> pl.DataFrame:
    """Derive all scores of some players in a game again; returns a row of the report."""
    table = {"rows": scores_table(game).name}
    scores = query(tx.con, sql("rows_of_players"), table, players=players)
    done = recompute_scores(scores, game, tx.con, keep_unrated=False)
    touched = scores.select("user_id", "playtype", "chart_id", "session_id")
    if scores.height:
        refresh_sessions(touched, game, tx.con)
        rebuild_personal_bests(touched, game, tx.con)
    params = {"rows": "game_stats", "game": game}
    stored = query(tx.con, sql("rows_of_players_in_game"), params, players=players)
    profiles = pl.concat([rows.select("user_id", "playtype") for rows in (touched, stored)])
    if profiles.height:
        update_profiles(profiles.unique(), provided_frame({}), game, tx, achieves=False)
    update_goals(touched.with_columns(source=pl.lit(0, dtype=pl.Int64)), game, tx)
    row = (game, scores.height, done.changed, done.unrated)
    return pl.DataFrame([row], schema=REPORT, orient="row")


def _note(work: _Work, con: DuckDBPyConnection, *, derived_user_id: int | None) -> None:
    """Note how far the games are derived; None notes that they follow the rules of today."""
    rules = rules_of_today(work.games, work.generation)
    noted = query(con, sql("derived_rules"), {"last": derived_user_id}, wanted=rules)
    execute(con, sql("delete_rules"), noted=noted.select("game"))
    insert(con, "game_rules", noted)
