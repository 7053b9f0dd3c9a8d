"""Taking scores away again, so that what remains is as if they had never been there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import documents
from tachi_data.errors import TachiError
from tachi_data.games import names
from tachi_data.players.locks import lock
from tachi_data.standings.personal_bests import rebuild_personal_bests
from tachi_data.standings.refresh import refresh
from tachi_data.store import Store, Transaction, execute, first_row, insert, query, statements
from tachi_data.tables.scores import scores_table
from tachi_data.upkeep.rows import delete_rows, stored_scores

sql = statements("tachi_data.upkeep")

WANTED = {"user_id": pl.Int64(), "score_id": pl.String()}
TOUCHED = {"user_id": pl.Int64(), "chart_id": pl.String()}


def revert_import(
    store: Store, import_id: str, *, now: int | None = None, dry_run: bool = False
) -> int:
    """Take an import back: its scores, the orphans that only it met, and its document.

    Scores that its orphans became later go as well, unless another import of the player met the same
    orphan. Provided classes and achievements stay.

    Args:
        store: The store.
        import_id: The ID of the import.
        now: Unix milliseconds, to fix the clock.
        dry_run: Only count, change nothing.

    Returns:
        How many scores go.

    Raises:
        TachiError: There is no such import.
        ImportFatal: 409, an import of its player is running.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.revert_import(store, outcome.import_id, dry_run=True)
        1
        >>> td.revert_import(store, outcome.import_id)
        1
        >>> store.query("FROM scores_wacca").height
        0
    """
    with store.write(keep=not dry_run) as con:
        row = first_row(con, sql("owner_of_import"), {"import_id": import_id})
        if row is None:
            raise TachiError(f"There is no import {import_id}.")
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
    now: int | None = None,
) -> int:
    """Delete scores of a user; with ``blacklist`` they are refused in the future. Gives how many went."""
    wanted = pl.DataFrame({"score_id": list(score_ids)}, schema={"score_id": pl.String})
    wanted = wanted.with_columns(user_id=pl.lit(user_id, dtype=pl.Int64)).unique(
        maintain_order=True
    )
    with store.write() as con, lock(user_id, con):
        if blacklist:
            _blacklist(wanted, con)
        return remove_scores(wanted, con, now)


def annotate_score(store: Store, game: str, score_id: str, notes: Mapping[str, Any]) -> None:
    """Set the ``comment`` or ``highlight`` of a score; its personal best follows."""
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
    """Refuse these scores of a player from now on, and delete those that are stored.

    Args:
        store: The store.
        user_id: The player.
        score_ids: The IDs of the scores.

    Raises:
        ImportFatal: 409, an import of the player is running.

    Example:
        >>> first = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.blacklist_scores(store, 7, first.document["scoreIDs"])
        >>> again = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> again.datapoints["outcome"][0]
        'Skipped'
    """
    delete_scores(store, user_id, score_ids, blacklist=True)


def _blacklist(wanted: pl.DataFrame, con: DuckDBPyConnection) -> None:
    new = query(con, sql("not_blacklisted"), wanted=wanted)
    copies = [
        (d["scoreID"], json.dumps(d, ensure_ascii=False))
        for game in names()
        for d in documents.scores(stored_scores(wanted, game, con), game)
    ]
    scores = pl.DataFrame(copies, schema={"score_id": pl.String, "score": pl.String}, orient="row")
    insert(
        con, "score_blacklist", new.join(scores, on="score_id", how="left", maintain_order="left")
    )


def remove_scores(wanted: pl.DataFrame, con: DuckDBPyConnection, now: int | None = None) -> int:
    """Delete scores (``user_id, score_id``) of any number of users and refresh all that they touch."""
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
    """The document of an import goes with the last of its scores."""
    execute(con, sql("drop_empty_imports"), doomed=doomed.select("user_id", "import_id").unique())
