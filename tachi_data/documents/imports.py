"""The ImportDocument: what an import answers with.

It is stored without its long lists (score IDs, errors, sessions), which are rows elsewhere anyway: so
it stays small, and a score that is deleted is gone from it, too. `stored_imports` puts it together.
"""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.documents.goals import goal_info, quest_info
from tachi_data.frames import collected
from tachi_data.store import query, statements

sql = statements("tachi_data.documents")

LISTS = {"scoreIDs": "score_ids", "errors": "errors", "createdSessions": "sessions"}


def import_documents(
    imports: pl.DataFrame,
    datapoints: pl.DataFrame,
    sessions: pl.DataFrame,
    deltas: pl.DataFrame,
    goals: pl.DataFrame,
    quests: pl.DataFrame,
) -> list[dict[str, Any]]:
    """One document per import (``imports``, by ``source``), from what became of everything.

    ``datapoints`` has ``source, outcome, message, score_id, playtype`` in datapoint order; ``sessions``
    ``source, session_id, is_new``; ``deltas`` ``source, set, playtype, old, new``; ``goals``
    ``source, goal_id, old, new`` and ``quests`` ``source, quest_id, old, new``.
    """
    imported = datapoints.lazy().filter(pl.col("outcome") == "ScoreImported")
    failed = datapoints.lazy().filter(~pl.col("outcome").is_in(["ScoreImported", "Skipped"]))
    kinds = pl.when("is_new").then(pl.lit("Created")).otherwise(pl.lit("Appended"))
    parts = {
        "scores": imported.group_by("source", maintain_order=True).agg(
            pl.col("score_id").alias("scores")
        ),
        "playtypes": imported.group_by("source", maintain_order=True).agg(
            pl.col("playtype").unique(maintain_order=True).alias("playtypes")
        ),
        "errors": _listed(failed, "errors", type="outcome", message="message"),
        "sessions": _listed(
            sessions.lazy().with_columns(kind=kinds),
            "sessions",
            sessionID="session_id",
            type="kind",
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
    """What is stored of an ImportDocument, as JSON text."""
    return json.dumps({**document, **{key: [] for key in LISTS}}, ensure_ascii=False)


def stored_imports(con: DuckDBPyConnection, wanted: pl.DataFrame) -> list[dict[str, Any]]:
    """The ImportDocuments of these imports (``import_id, user_id``), in this order.

    One that is not there is left out.
    """
    rows = query(
        con,
        sql("stored_imports"),
        wanted=wanted.select("import_id", "user_id").with_row_index("place"),
    )
    return [
        json.loads(row["document"]) | {key: row[name] or [] for key, name in LISTS.items()}
        for row in rows.iter_rows(named=True)
    ]


def stored_import(con: DuckDBPyConnection, import_id: str) -> dict[str, Any] | None:
    """The ImportDocument of an import; None where there is none."""
    wanted = query(con, sql("import_and_owner"), {"id": import_id})
    return next(iter(stored_imports(con, wanted)), None)


def _listed(rows: pl.LazyFrame, name: str, **fields: str) -> pl.LazyFrame:
    """The rows of each source as one list of structs."""
    entry = pl.struct(pl.col(column).alias(field) for field, column in fields.items())
    return rows.group_by("source", maintain_order=True).agg(entry.alias(name))


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
        "errors": row["errors"] or [],
        "timeStarted": row["time_started"],
        "timeFinished": row["time_finished"],
        "createdSessions": row["sessions"] or [],
        "classDeltas": row["deltas"] or [],
        "goalInfo": [goal_info(change) for change in row["goals"] or ()],
        "questInfo": [quest_info(change) for change in row["quests"] or ()],
    }
