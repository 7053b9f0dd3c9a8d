"""USC-IR: its plays, and the client."""

from __future__ import annotations

from tachi_data.import_types.ir.usc.plays import IMPORT_TYPES

__all__ = ["IMPORT_TYPES"]
