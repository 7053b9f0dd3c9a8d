"""Orphans, their archive, and the runs over them."""

from __future__ import annotations

from tachi_data.tables.columns import stored

# The look-up is among them, so that a join tells whether the catalogue has the song or chart by now.
_ORPHAN = (
    "orphan_id user_id game import_type data context message time_inserted import_id "
    "ordinal song_kind song_key song_exact artist chart_kind chart_key playtype "
    "difficulty version attempts last_attempt last_error catalogue_version unexpected "
    "quarantined converter_version due"
)
ORPHANS = stored(
    "orphans", _ORPHAN, "One row is a datapoint without a chart, kept to be tried again."
)
ORPHAN_COLUMNS = tuple(ORPHANS.columns)

TABLES = (
    ORPHANS,
    stored(
        "orphan_archive",
        f"{_ORPHAN} reason time_removed run_id deorphaned_by score_id",
        "One row is an orphan that became a score or was rejected; it can be restored.",
    ),
    stored(
        "orphan_runs",
        "run_id is_global which user_ids time_started time_finished status lease_until "
        "catalogue_version since_version since_upper upper cursor selected seen processed "
        "failed success removed deferred",
        "One row is a run over orphans, with its progress.",
    ),
)
