"""A store of its own for each test, and the small catalogue as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tachi_data.store import Store, open_store
from tests.catalogue.documents import SMALL, STORED, write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store with the catalogue's tables."""
    with open_store(tmp_path / "test.duckdb", tables=STORED) as opened:
        yield opened


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with the small catalogue."""
    return write(tmp_path / "small", SMALL)
