"""The stores of these tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td

Open = Callable[[dict[str, Any]], td.Store]


@pytest.fixture
def new_store(tmp_path: Path, filled: Callable[[dict[str, Any]], Path]) -> Iterator[Open]:
    """Opens a store that no other test sees, with a catalogue of these documents."""
    with ExitStack() as stack:
        yield lambda catalogue: stack.enter_context(
            td.open_store(shutil.copy(filled(catalogue), tmp_path / "test.duckdb"))
        )


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], Path]:
    """Gives the file of a closed store with a catalogue of these documents, to be copied."""
    files: dict[str, Path] = {}

    def file_of(catalogue: dict[str, Any]) -> Path:
        key = json.dumps(catalogue, sort_keys=True)
        if key not in files:
            path = tmp_path_factory.mktemp("filled") / "store.duckdb"
            with td.open_store(path) as store:
                td.patch_catalogue(store, catalogue)
            files[key] = path
        return files[key]

    return file_of


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
            stores[key] = td.open_store(str(folder / "test.duckdb"))
            td.patch_catalogue(stores[key], catalogue)
        return stores[key]

    yield open_store
    for store in stores.values():
        store.close()
