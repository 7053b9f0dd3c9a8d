"""Orphans: try them again, take in history, and find out why they do not match.

report = reprocess_orphans(store)                  # everybody's; only_changed, only_due, user_ids
ingest_orphans(store, "orphan-scores.ndjson.gz")   # history of the reference server
triage(store)                                      # what they wait for, with suggestions
what_if(store, "changed/collections")              # what a changed catalogue would bring
write_patch("collections", accepted)               # accepted suggestions, as altTitles
explain(store, orphan_id)                          # the story of one
"""

from __future__ import annotations

from tachi_data.orphans._explaining import Explanation, explain
from tachi_data.orphans._ingesting import IngestReport, ingest_orphans
from tachi_data.orphans._keeping import find_orphan, restore_orphans, status
from tachi_data.orphans._patching import Patch, safe_suggestions, write_patch
from tachi_data.orphans._running import follow_up, reprocess_orphans
from tachi_data.orphans._runs import OrphanReport
from tachi_data.orphans._triage import suggestions, titles_of, triage
from tachi_data.orphans._trying import WhatIf, what_if

__all__ = [
    "Explanation",
    "IngestReport",
    "OrphanReport",
    "Patch",
    "WhatIf",
    "explain",
    "find_orphan",
    "follow_up",
    "ingest_orphans",
    "reprocess_orphans",
    "restore_orphans",
    "safe_suggestions",
    "status",
    "suggestions",
    "titles_of",
    "triage",
    "what_if",
    "write_patch",
]
