"""The SQL files of this package."""

from __future__ import annotations

from tachi_data.store import load_sql


def sql(name: str) -> str:
    """The text of ``<name>.sql``."""
    return load_sql("tachi_data.importing", name)
