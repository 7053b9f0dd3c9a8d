"""Comparing stored rows with the rows that follow from the scores."""

from __future__ import annotations

from tachi_data.upkeep.verification.verify import verify

__all__ = ["verify"]
