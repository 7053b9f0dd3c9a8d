"""Orphans: try them again, take in history, and find out why they do not match."""

from __future__ import annotations

from tachi_data.orphans._ingesting import IngestReport, ingest_orphans
from tachi_data.orphans._keeping import find_orphan, restore_orphans
from tachi_data.orphans._running import OrphanReport, reprocess_orphans
from tachi_data.orphans._triage import triage

__all__ = [
    "IngestReport",
    "OrphanReport",
    "find_orphan",
    "ingest_orphans",
    "reprocess_orphans",
    "restore_orphans",
    "triage",
]
