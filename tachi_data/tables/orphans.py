"""Orphans, their archive, and the runs over them."""

from __future__ import annotations

import polars as pl

from tachi_data.store import Table

TIME = pl.Datetime("ms")
TEXT, INTEGER, FLAG = pl.String(), pl.Int64(), pl.Boolean()

ORPHAN_COLUMNS = {
    "orphan_id": TEXT,
    "user_id": INTEGER,
    "game": TEXT,
    "import_type": TEXT,
    "data": TEXT,
    "context": TEXT,
    "message": TEXT,
    "time_inserted": TIME,
    "import_id": TEXT,
    "ordinal": INTEGER,
    # What its look-up was, so that a join tells whether a parent exists by now.
    "song_kind": TEXT,
    "song_key": TEXT,
    "song_exact": TEXT,
    "artist": TEXT,
    "chart_kind": TEXT,
    "chart_key": TEXT,
    "playtype": TEXT,
    "difficulty": TEXT,
    "version": TEXT,
    "attempts": INTEGER,
    "last_attempt": TIME,
    "last_error": TEXT,
    "catalogue_version": INTEGER,
    "unexpected": INTEGER,
    "quarantined": FLAG,
    "converter_version": TEXT,
    # Why it is to be tried whatever changes: the run that put it off, or "restored" or "new chart".
    "due": TEXT,
}

TABLES = (
    Table(
        "orphans", ORPHAN_COLUMNS, "One row is a datapoint without a chart, kept to be tried again."
    ),
    Table(
        "orphan_archive",
        {
            **ORPHAN_COLUMNS,
            "reason": TEXT,
            "time_removed": TIME,
            "run_id": TEXT,
            "deorphaned_by": TEXT,
            "score_id": TEXT,
        },
        "One row is an orphan that became a score or was rejected; it can be restored.",
    ),
    Table(
        "orphan_runs",
        {
            "run_id": TEXT,
            "is_global": FLAG,
            "which": TEXT,
            "user_ids": pl.List(pl.Int64),
            "time_started": TIME,
            "time_finished": TIME,
            "status": TEXT,
            "lease_until": TIME,
            "catalogue_version": INTEGER,
            "since_version": INTEGER,
            "since_upper": INTEGER,
            "upper": INTEGER,
            "cursor": INTEGER,
            "selected": INTEGER,
            "seen": INTEGER,
            "processed": INTEGER,
            "failed": INTEGER,
            "success": INTEGER,
            "removed": INTEGER,
            "deferred": INTEGER,
        },
        "One row is a run over orphans, with its progress.",
    ),
)
