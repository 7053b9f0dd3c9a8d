"""CG: three networks (dev, nag, gan) with one interface, and a file for each of their games."""

from __future__ import annotations

from tachi_data.import_types.api.cg.plays import IMPORT_TYPES

__all__ = ["IMPORT_TYPES"]
