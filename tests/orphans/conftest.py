"""A store with the sample's catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tachi_data as td


@pytest.fixture
def store(tmp_path: Path, sample: Path) -> Iterator[td.Store]:
    with td.open_store(tmp_path / "store.duckdb") as opened:
        td.load_catalogue(opened, sample / "catalogue")
        yield opened
