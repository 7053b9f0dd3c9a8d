"""One Prefect server for all tests of flows, and stores with the sample's catalogue."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from tests.stores import open_new

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    """A store with the sample's catalogue; tests work on copies."""
    path: Path = tmp_path_factory.mktemp("filled") / "store.duckdb"
    open_new(path, sample / "catalogue").close()
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "store.duckdb"))
