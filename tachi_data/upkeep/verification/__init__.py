"""Whether what is stored is what follows from the scores."""

from __future__ import annotations

from tachi_data.upkeep.verification.verify import verify

__all__ = ["verify"]
