"""The SQL files of this package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def sql(name: str) -> str:
    """The text of ``<name>.sql``."""
    return files("tachi_data.importing").joinpath(f"{name}.sql").read_text()
