"""Orphans: try them again, take in history, and find out why they do not match."""

from __future__ import annotations

from tachi_data.orphans._ingesting import IngestReport, ingest_orphans
from tachi_data.orphans._running import OrphanReport, reprocess_orphans

__all__ = ["IngestReport", "OrphanReport", "ingest_orphans", "reprocess_orphans"]
