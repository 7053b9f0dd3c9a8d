"""A store with a small catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import tachi_data as td
from tests.importing.world import load


@pytest.fixture
def store(tmp_path: Path) -> Iterator[td.Store]:
    with td.open_store(tmp_path / "stages.duckdb") as opened:
        yield load(opened)
