"""The stored tables, and opening a store that has them."""

from __future__ import annotations

from tachi_data.tables.opening import open_store

__all__ = ["open_store"]
