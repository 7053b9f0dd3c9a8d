"""What is stored of imports: what became of them, and what waits."""

from __future__ import annotations

from tachi_data.tables.columns import stored

CHART_QUEUE = stored(
    "chart_queue",
    "game playtype sha256 md5 user_id chart song ordinal",
    "One row is a player's vote for an unknown chart, with the documents it would become.",
)
VOTE_COLUMNS = CHART_QUEUE.columns

TABLES = (
    stored(
        "imports",
        "import_id import_type user_id user_intent game time_started time_finished document "
        "timings",
        "One row is a finished import with its ImportDocument, but for the long lists in it.",
    ),
    stored(
        "import_sessions",
        "import_id position session_id is_new",
        "One row is a session that an import created or added scores to.",
    ),
    stored(
        "problems",
        "import_id user_id game import_type position line outcome message data orphan_id",
        "One row is a datapoint that did not become a score, with the raw record.",
    ),
    stored(
        "import_trackers",
        "import_id import_type user_id user_intent time_started status message status_code "
        "progress owner heartbeat attempts not_before",
        "One row is an import that waits, is running or has failed.",
    ),
    stored(
        "score_blacklist",
        "user_id score_id score",
        "One row is a refused score.",
    ),
    CHART_QUEUE,
    stored(
        "counters",
        "name value",
        "One row is the last value that was given out.",
    ),
)
