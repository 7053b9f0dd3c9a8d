"""FLO, EAG and MIN, three networks with one interface ("kai"): their plays, and the client."""

from __future__ import annotations

from tachi_data.import_types.api.kai.plays import IMPORT_TYPES

__all__ = ["IMPORT_TYPES"]
