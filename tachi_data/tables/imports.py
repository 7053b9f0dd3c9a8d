"""What is stored of imports: what became of them, and what waits."""

from __future__ import annotations

import polars as pl

from tachi_data.store import Table

TIME = pl.Datetime("ms")
TEXT, INTEGER, FLAG = pl.String(), pl.Int64(), pl.Boolean()

VOTE_COLUMNS = {
    "game": TEXT,
    "playtype": TEXT,
    "sha256": TEXT,
    "md5": TEXT,
    "user_id": INTEGER,
    "chart": TEXT,
    "song": TEXT,
    "ordinal": INTEGER,
}

TABLES = (
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
        "score_blacklist",
        {"user_id": INTEGER, "score_id": TEXT, "score": TEXT},
        "One row is a refused score.",
    ),
    Table(
        "chart_queue",
        VOTE_COLUMNS,
        "One row is a player's vote for an unknown chart, with the documents it would become.",
    ),
    Table(
        "counters",
        {"name": TEXT, "value": INTEGER},
        "One row is the last value that was given out.",
    ),
)
