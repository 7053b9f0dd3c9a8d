"""The names of runs in Prefect."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from prefect.runtime import flow_run


def on_store(words: str) -> Callable[[], str]:
    """Name a flow's runs by these words and their store."""
    return lambda: f"{words} {short(str(flow_run.parameters['store']))}"


def short(store: str) -> str:
    """A store without its folder, or the database of a lake; passwords are not shown."""
    if not store.startswith("ducklake:"):
        return Path(store).name
    database = re.search(r"\bdbname\s*=\s*'?([^'\s?]+)", store)
    return f"lake {database[1]}" if database else "lake"
