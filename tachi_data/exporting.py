"""Documents in the reference server's JSON shape, read from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments, documents
from tachi_data.catalogue import rules
from tachi_data.documents import goals as goal_documents
from tachi_data.documents.imports import stored_imports
from tachi_data.errors import UnknownNameError
from tachi_data.players.users import games_played
from tachi_data.scoring.personal_bests import ranked
from tachi_data.store import Store, expect_store, query, statements
from tachi_data.tables.scores import pbs_table, scores_table, unpacked

sql = statements("tachi_data", "exporting.sql")

Export = Callable[[DuckDBPyConnection, "int | None"], Iterator[dict[str, Any]]]


def export_documents(store: Store, kind: str, user_id: int | None = None) -> list[dict[str, Any]]:
    """Read all documents of a collection, of one player or of all players.

    Args:
        store: The store.
        kind: The collection: ``scores``, ``pbs``, ``sessions``, ``gameStats``, ``classAchievements``,
            ``orphans``, ``imports``, ``goalSubs``, ``questSubs`` or ``chartQueue``.
        user_id: The player; None reads the documents of all players. A chart in the queue belongs to no
            player, so ``chartQueue`` always has all of them.

    Returns:
        One dictionary per document, in the JSON shape of the reference server; times are Unix milliseconds.
        Scores, class achievements and orphans are in the order in which they were stored, scores by game.

    Raises:
        TachiError: There is no collection of this name.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> [score] = td.export_documents(store, "scores", user_id=7)
        >>> score["userID"], score["scoreData"]["score"], score["scoreData"]["grade"]
        (7, 912000, 'S')
    """
    expect_store(store)
    if kind not in COLLECTIONS:
        raise UnknownNameError("kind of document", kind, COLLECTIONS)
    if user_id is not None:
        arguments.player(user_id)
    with store.read() as con:
        return list(COLLECTIONS[kind](con, user_id))


def _rows(con: DuckDBPyConnection, name: str, **params: object) -> pl.DataFrame:
    return query(con, sql(name), params)


def _scores(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
    for game in games_played(con, "score_keys", user_id):
        yield from documents.scores(
            _rows(con, "scores", table=scores_table(game).name, user=user_id), rules(game, con)
        )


def _pbs(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
    for game in games_played(con, "pb_keys", user_id):
        rows = _rows(con, "pbs", table=pbs_table(game).name, user=user_id)
        for gpt in rules(game, con):
            mine = rows.filter(pl.col("playtype") == gpt.playtype)
            if not mine.is_empty():
                flat = ranked(unpacked(mine, game), gpt)
                full = mine.join(
                    flat.select("user_id", "chart_id", "rank", "out_of"),
                    on=["user_id", "chart_id"],
                    maintain_order="left",
                )
                wanted = pl.lit(True) if user_id is None else pl.col("user_id") == user_id
                yield from documents.personal_bests(full.filter(wanted), [gpt])


def _sessions(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
    score_ids = (
        _rows(con, "session_members", user=user_id)
        .sort("session_id", "session_position")
        .group_by("session_id", maintain_order=True)
        .agg(pl.col("score_id").alias("score_ids"))
    )
    rows = _rows(con, "of_user", table="sessions", user=user_id)
    yield from documents.sessions(
        rows.join(score_ids, on="session_id", how="left", maintain_order="left")
    )


def _of_user(
    table: str, convert: Callable[[pl.DataFrame], Iterator[dict[str, Any]]], *order: str
) -> Export:
    def export(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
        rows = _rows(con, "of_user", table=table, user=user_id)
        yield from convert(rows.sort(*order, maintain_order=True) if order else rows)

    return export


def _imports(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
    yield from stored_imports(con, _rows(con, "of_user", table="imports", user=user_id))


def _chart_queue(con: DuckDBPyConnection, user_id: int | None) -> Iterator[dict[str, Any]]:
    """Yields the unknown charts that wait for more players: all of them, as they belong to no player."""
    del user_id
    yield from documents.chart_queue(_rows(con, "chart_queue"))


COLLECTIONS: dict[str, Export] = {
    "scores": _scores,
    "pbs": _pbs,
    "sessions": _sessions,
    "gameStats": _of_user("game_stats", documents.game_stats),
    "classAchievements": _of_user("class_achievements", documents.class_achievements, "ordinal"),
    "orphans": _of_user("orphans", documents.orphans, "ordinal"),
    "imports": _imports,
    "goalSubs": _of_user("goal_subs", goal_documents.goal_subs, "user_id", "goal_id"),
    "questSubs": _of_user("quest_subs", goal_documents.quest_subs, "user_id", "quest_id"),
    "chartQueue": _chart_queue,
}
