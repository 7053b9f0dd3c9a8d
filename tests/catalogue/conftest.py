"""A store of its own for each test, and the small catalogue as files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tachi_data.store import Store, open_store
from tests.catalogue.documents import SMALL, STORED, write


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty store with the catalogue's tables."""
    path = tmp_path_factory.mktemp("empty") / "store.duckdb"
    open_store(path, tables=STORED).close()
    return path


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty store with the catalogue's tables."""
    with open_store(shutil.copy(empty, tmp_path / "test.duckdb"), tables=STORED) as opened:
        yield opened


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with the small catalogue."""
    return write(tmp_path / "small", SMALL)
