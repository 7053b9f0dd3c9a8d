"""A store with the sample's catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tachi_data as td


@pytest.fixture
def store(tmp_path: Path, sample_store: Callable[[Path], td.Store]) -> Iterator[td.Store]:
    with sample_store(tmp_path / "store.duckdb") as opened:
        yield opened
