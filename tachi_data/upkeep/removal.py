"""Deleting scores and imports; the rest of the store becomes as if they had never been there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments, documents
from tachi_data.catalogue import rules
from tachi_data.errors import TachiError
from tachi_data.games import names
from tachi_data.players.locks import lock
from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.refresh import refresh
from tachi_data.store import (
    Store,
    Transaction,
    execute,
    expect_store,
    first_row,
    insert,
    query,
    statements,
)
from tachi_data.tables.scores import scores_table
from tachi_data.upkeep.rows import delete_rows, stored_scores

sql = statements("tachi_data.upkeep")

WANTED = {"user_id": pl.Int64(), "score_id": pl.String()}
TOUCHED = {"user_id": pl.Int64(), "chart_id": pl.String()}


def revert_import(
    store: Store, import_id: str, *, now: int | None = None, dry_run: bool = False
) -> int:
    """Delete an import: its scores, its document, and the orphans that no other import met.

    A score that one of its orphans became later is deleted as well, unless another import of the player met
    the same orphan. Provided classes and achievements stay.

    Args:
        store: The store.
        import_id: The ID of the import.
        now: Unix milliseconds, to fix the clock.
        dry_run: Only count the scores; change nothing.

    Returns:
        The number of deleted scores.

    Raises:
        TachiError: There is no such import.
        ImportFatal: 409, an import of its player is running.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.revert_import(store, outcome.import_id)
        1
        >>> store.query("FROM scores_wacca").height, store.query("FROM orphans").height
        (0, 0)
    """
    expect_store(store)
    with store.write(keep=not dry_run) as con:
        row = first_row(con, sql("owner_of_import"), {"import_id": import_id})
        if row is None:
            raise TachiError(f"There is no import {import_id!r:.200}.")
        facts = {"user": row[0], "import_id": import_id}
        with lock(row[0], con):
            wanted = query(con, sql("scores_of_import"), facts)
            removed = remove_scores(wanted, con, now)
            con.execute(sql("delete_orphans_of_import"), facts)
            con.execute(sql("delete_problems_of_import"), facts)
            con.execute(sql("delete_sessions_of_import"), {"import_id": import_id})
            con.execute(sql("delete_import"), facts)
    return removed


def delete_scores(
    store: Store,
    user_id: int,
    score_ids: Sequence[str],
    *,
    blacklist: bool = False,
    dry_run: bool = False,
    now: int | None = None,
) -> int:
    """Delete scores of a player; all that follows from them is brought up to date.

    Args:
        store: The store.
        user_id: The player.
        score_ids: The IDs of the scores; an unknown ID is skipped.
        blacklist: Refuse these IDs in later imports of the player, also the unknown ones.
        dry_run: Only count the scores; change nothing.
        now: Unix milliseconds, to fix the clock.

    Returns:
        The number of deleted scores.

    Raises:
        ImportFatal: 409, an import of this player is running.
    """
    expect_store(store)
    arguments.player(user_id)
    listed = arguments.listed("score_ids", score_ids, '["T…"]')
    wanted = pl.DataFrame({"score_id": listed}, schema={"score_id": pl.String})
    wanted = wanted.with_columns(user_id=pl.lit(user_id, dtype=pl.Int64)).unique(
        maintain_order=True
    )
    with store.write(keep=not dry_run) as con, lock(user_id, con):
        if blacklist:
            _blacklist(wanted, con)
        return remove_scores(wanted, con, now)


def annotate_score(store: Store, game: str, score_id: str, notes: Mapping[str, Any]) -> None:
    """Set the comment or the highlight of a score; its personal best follows.

    Args:
        store: The store.
        game: The game of the score.
        score_id: The ID of the score.
        notes: ``comment`` (text or None) and ``highlight`` (true or false); an absent one stays as it is.
    """
    values = {
        "score_id": score_id,
        "is_said": "comment" in notes,
        "comment": notes.get("comment"),
        "highlight": notes.get("highlight"),
    }
    with store.write() as con:
        annotate = sql("annotate_score", scores=scores_table(game).name)
        rows = con.execute(annotate, values).fetchall()
        touched = pl.DataFrame(rows, schema=TOUCHED, orient="row")
        rebuild_personal_bests(touched, game, con)


def blacklist_scores(store: Store, user_id: int, score_ids: Sequence[str]) -> None:
    """Delete scores of a player, and refuse them in later imports.

    Args:
        store: The store.
        user_id: The player.
        score_ids: The IDs of the scores; they need not be stored.

    Raises:
        ImportFatal: 409, an import of this player is running.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.blacklist_scores(store, 7, outcome.document["scoreIDs"])
        >>> again = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> again.document["scoreIDs"]
        []
    """
    delete_scores(store, user_id, score_ids, blacklist=True)


def _blacklist(wanted: pl.DataFrame, con: DuckDBPyConnection) -> None:
    new = query(con, sql("not_blacklisted"), wanted=wanted)
    copies = [
        (d["scoreID"], json.dumps(d, ensure_ascii=False))
        for game in names()
        for d in documents.scores(stored_scores(wanted, game, con), rules(game, con))
    ]
    scores = pl.DataFrame(copies, schema={"score_id": pl.String, "score": pl.String}, orient="row")
    insert(
        con, "score_blacklist", new.join(scores, on="score_id", how="left", maintain_order="left")
    )


def remove_scores(wanted: pl.DataFrame, con: DuckDBPyConnection, now: int | None = None) -> int:
    """Delete scores of any number of players, and refresh all that follows from them.

    Args:
        wanted: One row per score: ``user_id, score_id``; an unknown score is skipped.
        con: The connection of a transaction that writes.
        now: Unix milliseconds, to fix the clock.

    Returns:
        The number of deleted scores.
    """
    tx = Transaction.at(con, now)
    return sum(_remove_of_game(wanted, game, tx) for game in names())


def _remove_of_game(wanted: pl.DataFrame, game: str, tx: Transaction) -> int:
    doomed = stored_scores(wanted, game, tx.con)
    if doomed.is_empty():
        return 0
    delete_rows(doomed, game, tx.con)
    _drop_empty_imports(doomed, tx.con)
    refresh(doomed, game, tx)
    return doomed.height


def _drop_empty_imports(doomed: pl.DataFrame, con: DuckDBPyConnection) -> None:
    """Delete the imports that lost the last of their scores."""
    execute(con, sql("drop_empty_imports"), doomed=doomed.select("user_id", "import_id").unique())
