"""What an import stores beside scores and personal bests."""

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
    Table("users", {"user_id": INTEGER, "time_added": TIME}, "One row is a player."),
    Table(
        "imports",
        {
            "import_id": TEXT,
            "import_type": TEXT,
            "user_id": INTEGER,
            "user_intent": FLAG,
            "game": TEXT,
            "time_started": TIME,
            "time_finished": TIME,
            "document": TEXT,
            "timings": TEXT,
        },
        "One row is a finished import with its ImportDocument, but for the long lists in it.",
    ),
    Table(
        "import_sessions",
        {"import_id": TEXT, "position": INTEGER, "session_id": TEXT, "is_new": FLAG},
        "One row is a session that an import created or added scores to.",
    ),
    Table(
        "problems",
        {
            "import_id": TEXT,
            "user_id": INTEGER,
            "game": TEXT,
            "import_type": TEXT,
            "position": INTEGER,
            "line": INTEGER,
            "outcome": TEXT,
            "message": TEXT,
            "data": TEXT,
            "orphan_id": TEXT,
        },
        "One row is a datapoint that did not become a score, with the raw record.",
    ),
    Table(
        "import_trackers",
        {
            "import_id": TEXT,
            "import_type": TEXT,
            "user_id": INTEGER,
            "user_intent": FLAG,
            "time_started": TIME,
            "status": TEXT,
            "message": TEXT,
            "status_code": INTEGER,
            "progress": TEXT,
            "owner": TEXT,
            "heartbeat": TIME,
            "attempts": INTEGER,
            "not_before": TIME,
        },
        "One row is an import that waits, is running or has failed.",
    ),
    Table(
        "import_locks",
        {"user_id": INTEGER, "holder": TEXT, "lease_until": TIME},
        "One row is a held lock.",
    ),
    Table(
        "sessions",
        {
            "session_id": TEXT,
            "user_id": INTEGER,
            "game": TEXT,
            "playtype": TEXT,
            "name": TEXT,
            "description": TEXT,
            "highlight": FLAG,
            "time_inserted": TIME,
            "time_started": TIME,
            "time_ended": TIME,
            "ratings": TEXT,
        },
        "One row is a session; its scores carry its id.",
    ),
    Table(
        "game_stats",
        {"user_id": INTEGER, "game": TEXT, "playtype": TEXT, "ratings": TEXT, "classes": TEXT},
        "One row is a player's profile on one game and playtype.",
    ),
    Table(
        "class_achievements",
        {
            "user_id": INTEGER,
            "game": TEXT,
            "playtype": TEXT,
            "class_set": TEXT,
            "class_old_value": TEXT,
            "class_value": TEXT,
            "time_achieved": TIME,
            "ordinal": INTEGER,
        },
        "One row is a class that a player reached.",
    ),
    Table(
        "score_blacklist",
        {"user_id": INTEGER, "score_id": TEXT, "score": TEXT},
        "One row is a refused score.",
    ),
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
    Table(
        "counters",
        {"name": TEXT, "value": INTEGER},
        "One row is the last value that was given out.",
    ),
)
