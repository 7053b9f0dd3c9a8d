"""The ImportDocument, which is the answer of an import.

The store keeps it without its long lists (score IDs, errors, sessions), because other tables have their
rows. So the document stays small, and a deleted score disappears from it. `stored_imports` adds the lists
when a document is read.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.documents.goals import goal_info, quest_info
from tachi_data.frames import collected
from tachi_data.games import v3_name
from tachi_data.store import query, statements

sql = statements("tachi_data.documents")

# Errors of datapoints that are kept as orphans tell which; other errors have no such member.
ERROR = {"type": "outcome", "message": "message", "orphanID": "orphan_id"}
LISTS = {"scoreIDs": "score_ids", "errors": "errors", "createdSessions": "sessions"}


def import_documents(
    imports: pl.DataFrame,
    datapoints: pl.DataFrame,
    sessions: pl.DataFrame,
    deltas: pl.DataFrame,
    goals: pl.DataFrame,
    quests: pl.DataFrame,
) -> list[dict[str, Any]]:
    """Make the documents of a set of imports. ``source`` is the number of the import in the set.

    Args:
        imports: One row per import: ``source, import_id, import_type, user_id, user_intent, game``, and
            ``time_started, time_finished`` in Unix milliseconds.
        datapoints: One row per datapoint, in its order: ``source, outcome, message, score_id, orphan_id, playtype``.
        sessions: One row per session that an import touched: ``source, session_id, is_new``.
        deltas: One row per changed class: ``source, game, set, playtype, old, new``.
        goals: One row per goal that moved: ``source, goal_id, old, new``.
        quests: One row per quest that moved: ``source, quest_id, old, new``.

    Returns:
        One document per row of ``imports``, in that order.
    """
    imported = datapoints.lazy().filter(pl.col("outcome") == "ScoreImported")
    failed = datapoints.lazy().filter(~pl.col("outcome").is_in(["ScoreImported", "Skipped"]))
    change = pl.when("is_new").then(pl.lit("Created")).otherwise(pl.lit("Appended"))
    parts = {
        "scores": imported.group_by("source", maintain_order=True).agg(
            pl.col("score_id").alias("scores")
        ),
        "playtypes": imported.group_by("source", maintain_order=True).agg(
            pl.col("playtype").unique(maintain_order=True).alias("playtypes")
        ),
        "errors": _listed(failed, "errors", **ERROR),
        "sessions": _listed(
            sessions.lazy().with_columns(change=change),
            "sessions",
            sessionID="session_id",
            type="change",
        ),
        "deltas": _listed(
            deltas.lazy(),
            "deltas",
            game="game",
            set="set",
            playtype="playtype",
            old="old",
            new="new",
        ),
        "goals": _listed(goals.lazy(), "goals", goal_id="goal_id", old="old", new="new"),
        "quests": _listed(quests.lazy(), "quests", quest_id="quest_id", old="old", new="new"),
    }
    rows = imports.lazy()
    for part in parts.values():
        rows = rows.join(part, on="source", how="left", maintain_order="left")
    return [_document(row) for row in collected(rows).iter_rows(named=True)]


def without_lists(document: dict[str, Any]) -> str:
    """Returns an ImportDocument as JSON text, with its long lists empty."""
    return json.dumps({**document, **{key: [] for key in LISTS}}, ensure_ascii=False)


def stored_imports(con: DuckDBPyConnection, wanted: pl.DataFrame) -> list[dict[str, Any]]:
    """Read ImportDocuments with their long lists.

    Args:
        con: The connection of a transaction.
        wanted: One row per import: ``import_id, user_id``.

    Returns:
        One document per stored import, in the order of ``wanted``; an unknown import has none.
    """
    rows = query(
        con,
        sql("stored_imports"),
        wanted=wanted.select("import_id", "user_id").with_row_index("place"),
    )
    return [
        json.loads(row["document"])
        | {key: row[name] or [] for key, name in LISTS.items()}
        | {"errors": _errors(row["errors"])}
        for row in rows.iter_rows(named=True)
    ]


def stored_import(con: DuckDBPyConnection, import_id: str) -> dict[str, Any] | None:
    """Returns the ImportDocument of an import; None where the import is unknown."""
    wanted = query(con, sql("import_and_owner"), {"id": import_id})
    return next(iter(stored_imports(con, wanted)), None)


def _listed(rows: pl.LazyFrame, name: str, **fields: str) -> pl.LazyFrame:
    """Returns one row per source: its rows as a list of structs with these fields, named ``name``."""
    entry = pl.struct(pl.col(column).alias(field) for field, column in fields.items())
    return rows.group_by("source", maintain_order=True).agg(entry.alias(name))


def _errors(entries: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Returns the errors of a document, without the orphan where there is none."""
    return [
        entry if entry["orphanID"] else {"type": entry["type"], "message": entry["message"]}
        for entry in entries or ()
    ]


def with_v3(document: dict[str, Any]) -> dict[str, Any]:
    """Returns an ImportDocument with the names that today's original server gives games, beside ours.

    >>> document = {"game": "iidx", "playtypes": ["SP"], "classDeltas": []}
    >>> with_v3(document)["gameGroup"], with_v3(document)["games"]
    ('iidx', ['iidx-sp'])
    """
    game = document["game"]
    deltas = [
        delta | {"v3Game": v3_name(delta["game"], delta["playtype"])}
        for delta in document["classDeltas"]
    ]
    games = [v3_name(game, playtype) for playtype in document["playtypes"]]
    return document | {"gameGroup": game, "games": games, "classDeltas": deltas}


def _document(row: dict[str, Any]) -> dict[str, Any]:
    playtypes = row["playtypes"] or []
    return {
        "importID": row["import_id"],
        "importType": row["import_type"],
        "userID": row["user_id"],
        "userIntent": row["user_intent"],
        "game": row["game"],
        "playtypes": playtypes,
        "idStrings": [f"{row['game']}:{playtype}" for playtype in playtypes],
        "scoreIDs": row["scores"] or [],
        "errors": _errors(row["errors"]),
        "timeStarted": row["time_started"],
        "timeFinished": row["time_finished"],
        "createdSessions": row["sessions"] or [],
        "classDeltas": row["deltas"] or [],
        "goalInfo": [goal_info(change) for change in row["goals"] or ()],
        "questInfo": [quest_info(change) for change in row["quests"] or ()],
    }
