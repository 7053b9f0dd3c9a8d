"""Deleting and correcting stored scores, and verifying all that follows from scores."""

from __future__ import annotations

from tachi_data.upkeep.correction import update_scores
from tachi_data.upkeep.derivation import derive_again
from tachi_data.upkeep.removal import (
    annotate_score,
    blacklist_scores,
    delete_scores,
    revert_import,
)
from tachi_data.upkeep.verification import verify

__all__ = [
    "annotate_score",
    "blacklist_scores",
    "delete_scores",
    "derive_again",
    "revert_import",
    "update_scores",
    "verify",
]
