"""Orphans: trying them again, taking in old ones, and finding out why they do not match.

report = reprocess_orphans(store)                  # of all players; only_changed, only_due, user_ids
ingest_orphans(store, "orphan-scores.ndjson.gz")   # an export of the reference server
triage(store)                                      # the titles that orphans wait for, with suggestions
what_if(store, "changed/collections")              # the scores that a changed catalogue would bring
write_patch("collections", accepted)               # accepted suggestions, as altTitles
explain(store, orphan_id)                          # the story of one orphan
"""

from __future__ import annotations

from tachi_data.orphans.archive import (
    find_orphan,
    put_away,
    rejections,
    restore_orphans,
    status,
)
from tachi_data.orphans.dry_run import WhatIf, what_if
from tachi_data.orphans.history import IngestReport, ingest_orphans, number_of_lines
from tachi_data.orphans.run import reprocess_orphans
from tachi_data.orphans.run_state import OrphanReport
from tachi_data.orphans.triage.answer import OrphanAnswer, why_orphans
from tachi_data.orphans.triage.explain import Explanation, explain
from tachi_data.orphans.triage.patch import Patch, safe_suggestions, write_patch
from tachi_data.orphans.triage.triage import suggestions, titles_of, triage

__all__ = [
    "Explanation",
    "IngestReport",
    "OrphanAnswer",
    "OrphanReport",
    "Patch",
    "WhatIf",
    "explain",
    "find_orphan",
    "ingest_orphans",
    "number_of_lines",
    "put_away",
    "rejections",
    "reprocess_orphans",
    "restore_orphans",
    "safe_suggestions",
    "status",
    "suggestions",
    "titles_of",
    "triage",
    "what_if",
    "why_orphans",
    "write_patch",
]
