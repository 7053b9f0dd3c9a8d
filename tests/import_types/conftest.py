"""The stores of these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tests.conftest import Open
from tests.stores import open_new


@pytest.fixture(scope="session")
def open_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens the store with a catalogue of these documents, closed at the end of all tests.

    There is one per catalogue, so that every test takes players of its own (`samples.PLAYERS`).
    """
    stores: dict[str, td.Store] = {}

    def open_store(catalogue: dict[str, Any]) -> td.Store:
        key = json.dumps(catalogue, sort_keys=True)
        if key not in stores:
            folder: Path = tmp_path_factory.mktemp("store")
            stores[key] = open_new(folder / "test.duckdb")
            td.patch_catalogue(stores[key], catalogue)
        return stores[key]

    yield open_store
    for store in stores.values():
        store.close()
