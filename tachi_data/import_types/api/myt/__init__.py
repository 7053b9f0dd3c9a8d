"""MYT: its plays, and the client."""

from __future__ import annotations

from tachi_data.import_types.api.myt.plays import IMPORT_TYPES

__all__ = ["IMPORT_TYPES"]
