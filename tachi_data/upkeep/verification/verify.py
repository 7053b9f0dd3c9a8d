"""Comparing stored personal bests, sessions, profiles and goals with the scores they follow from.

One group of players after the other, everything is computed again in a transaction, by the code that
imports use. The report lists the changes of that transaction. Without ``repair`` it is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments
from tachi_data.catalogue import rules, stale
from tachi_data.games import names
from tachi_data.standings.goals.update import update_goals
from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.profiles import provided_frame, update_profiles
from tachi_data.store import Store, Transaction, expect_store, query, statements
from tachi_data.tables.scores import pbs_table, scores_table, unpacked
from tachi_data.upkeep.derivation import derive_again
from tachi_data.upkeep.recompute import recompute_scores
from tachi_data.upkeep.rows import impossible
from tachi_data.upkeep.verification.differences import (
    DIFFERENCES,
    KEYS,
    differences,
    without_new_sessions,
)
from tachi_data.upkeep.verification.session_repair import settle_sessions
from tachi_data.upkeep.verification.staleness import is_open, with_stale

sql = statements("tachi_data.upkeep")

GROUP = 20_000  # The number of scores after which a transaction ends: about a second.
TABLES = {
    "session": "sessions",
    "profile": "game_stats",
    "goal": "goal_subs",
    "quest": "quest_subs",
}


def verify(
    store: Store,
    user_ids: Sequence[int] | None = None,
    *,
    repair: bool = False,
    recompute: bool = False,
    now: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> pl.DataFrame:
    """Compare stored rows with the rows that follow from the scores.

    Args:
        store: The store.
        user_ids: The players; None compares the rows of all players.
        repair: Store the computed rows, instead of only comparing.
        recompute: Also derive metrics and ratings of the scores again: after charts changed, such as a
            corrected note count. Scores on charts that are gone stay as they are.
        now: Unix milliseconds, to fix the clock.
        progress: Called after each group of players, with the number of players so far.

    Returns:
        One row per value that differs; no row means that the store is right. Columns: ``user_id, game, kind``
        (score, personal best, session, profile, goal, quest), ``key`` (the ID of the row), ``problem``
        (``differs``, ``missing``, ``superfluous``, ``impossible``, ``stale``), ``column``, ``stored``,
        ``recomputed``. A score that no import would accept is impossible, and ``stored`` says why. Otherwise the
        last three are null where a whole row is missing or superfluous. What follows from a chart that has
        changed since is no mistake: its problem is ``stale``, and ``repair`` computes it with the chart of today.
        A game whose scores follow older rules than those of today has one row of the kind ``rules`` and the
        problem ``stale``, and no others, as they would only follow from it; ``repair`` derives its scores again.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.verify(store).height
        0
        >>> with store.write() as con:
        ...     _ = con.execute("UPDATE pbs_wacca SET score = 1")
        >>> td.verify(store).select("kind", "column", "stored", "recomputed").row(0)
        ('personal best', 'score', '1', '912000')
    """
    expect_store(store)
    user_ids = arguments.players(user_ids)
    with store.read() as con:
        games = stale(con)
    derives = bool(games) and repair and user_ids is None
    if derives:
        derive_again(store, now=now)
    found, seen = [_stale(games)], 0
    for players in _groups(store, user_ids):
        with store.write(keep=repair) as con:
            part = _verified(players, recompute, Transaction.at(con, now))
        if is_open(part).any():
            with store.write(keep=False) as con:
                part = with_stale(part, con)
        found.append(part)
        seen += players.height
        if progress is not None:
            progress(seen)
    differs = pl.concat(found)
    if derives:
        return differs
    # What differs of a stale game follows from its rules.
    return differs.filter((pl.col("kind") == "rules") | ~pl.col("game").is_in(games))


def _stale(games: list[str]) -> pl.DataFrame:
    """Returns a row for each game whose scores follow older rules."""
    rows = pl.DataFrame({"game": games}, schema={"game": pl.String}).with_columns(
        key="game", kind=pl.lit("rules"), problem=pl.lit("stale")
    )
    return pl.concat([pl.DataFrame(schema=DIFFERENCES), rows], how="diagonal")


def _groups(store: Store, user_ids: Sequence[int] | None) -> list[pl.DataFrame]:
    """Returns the players (``user_id``) in groups with a bounded number of scores."""
    players = store.query(sql("players_with_data"), {"users": user_ids})
    group = pl.col("scores").cum_sum() // GROUP
    return [
        rows.select("user_id")
        for rows in players.with_columns(group=group).partition_by("group", maintain_order=True)
    ]


def _verified(players: pl.DataFrame, recompute: bool, tx: Transaction) -> pl.DataFrame:
    """Compute all rows of some players again; returns the differences."""
    games = query(tx.con, sql("games_with_data"), players=players)["game"].to_list()
    before = {game: _snapshot(players, game, tx.con) for game in names() if game in games}
    if not before:
        return pl.DataFrame(schema=DIFFERENCES)
    if recompute:
        for game, rows in before.items():
            recompute_scores(rows["score"], game, tx.con)
    scores, sessions = (
        {game: rows[subject] for game, rows in before.items()} for subject in ("score", "session")
    )
    settle_sessions(scores, sessions, tx)
    parts = [_impossible(rows["score"], game, tx.con) for game, rows in before.items()]
    for game, rows in before.items():
        _refresh(rows, game, tx)
        after = _snapshot(players, game, tx.con)
        parts += [differences(name, game, rows[name], after[name]) for name in KEYS]
    return without_new_sessions(pl.concat(parts), [*scores.values(), *sessions.values()])


def _impossible(stored: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns the scores that no import would accept; what is wrong with one stands in ``stored``."""
    found = [pl.DataFrame(schema=DIFFERENCES)]
    flat = unpacked(stored, game)
    for gpt in rules(game, con):
        scores = flat.filter(pl.col("playtype") == gpt.playtype)
        bad = impossible(scores.drop("user_id", "explicit_nulls"), gpt)
        named = scores.select("user_id", key="score_id").with_row_index("index")
        rows = bad.join(named, on="index", maintain_order="left").select(
            "user_id", "key", stored="message", game=pl.lit(game), kind=pl.lit("score")
        )
        found.append(rows.with_columns(problem=pl.lit("impossible")))
    return pl.concat(found, how="diagonal").select(*DIFFERENCES)


def _snapshot(players: pl.DataFrame, game: str, con: DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Returns all stored rows of some players in a game, by subject (see `KEYS`)."""
    tables = {"score": scores_table(game).name, "personal best": pbs_table(game).name}
    of_game = {
        subject: query(con, sql("rows_of_players"), {"rows": table}, players=players)
        for subject, table in tables.items()
    }
    text = sql("rows_of_players_in_game")
    return of_game | {
        subject: query(con, text, {"rows": table, "game": game}, players=players)
        for subject, table in TABLES.items()
    }


def _refresh(before: dict[str, pl.DataFrame], game: str, tx: Transaction) -> None:
    """Store personal bests, profiles and goals again, as they follow from the scores."""
    scores = before["score"]
    on_charts = [rows.select("user_id", "chart_id") for rows in (scores, before["personal best"])]
    rebuild_personal_bests(pl.concat(on_charts).unique(), game, tx.con)
    having = [rows.select("user_id", "playtype") for rows in (scores, before["profile"])]
    profiles = pl.concat(having).unique(maintain_order=True)
    if not profiles.is_empty():
        update_profiles(profiles, provided_frame({}), game, tx)
    update_goals(scores.with_columns(source=pl.lit(0, dtype=pl.Int64)), game, tx)
