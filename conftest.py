"""Which files are looked into for tests and doctests, so that the quick run also starts quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# All tests of such a folder have this marker, and loading them takes seconds (Prefect, Altair).
FOLDERS = {"tests/bench": "bench", "tests/pipelines": "flow"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out folders that ``-m`` leaves out as a whole, and modules without a doctest."""
    path = collection_path.relative_to(HERE).as_posix() if HERE in collection_path.parents else ""
    marker = FOLDERS.get(path)
    if marker is not None and f"not {marker}" in config.getoption("markexpr"):
        return True
    is_code = path.startswith("tachi_data/") and collection_path.suffix == ".py"
    if is_code and ">>> " not in collection_path.read_text(encoding="utf-8"):
        return True
    return None
