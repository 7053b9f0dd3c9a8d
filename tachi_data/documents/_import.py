"""The ImportDocument: what an import answers with."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.documents._goals import goal_info, quest_info


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
    imported = datapoints.filter(pl.col("outcome") == "ScoreImported")
    failed = datapoints.filter(~pl.col("outcome").is_in(["ScoreImported", "Skipped"]))
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
            sessions.with_columns(kind=kinds), "sessions", sessionID="session_id", type="kind"
        ),
        "deltas": _listed(
            deltas, "deltas", game="game", set="set", playtype="playtype", old="old", new="new"
        ),
        "goals": _listed(goals, "goals", goal_id="goal_id", old="old", new="new"),
        "quests": _listed(quests, "quests", quest_id="quest_id", old="old", new="new"),
    }
    rows = imports
    for part in parts.values():
        rows = rows.join(part, on="source", how="left", maintain_order="left")
    return [_document(row) for row in rows.iter_rows(named=True)]


def _listed(rows: pl.DataFrame, name: str, **fields: str) -> pl.DataFrame:
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
