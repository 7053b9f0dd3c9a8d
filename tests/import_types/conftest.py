"""``--update-golden`` and the stores of these tests.

Give the folder with the option: ``pytest tests/import_types --update-golden -k sdvx``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td

Open = Callable[[dict[str, Any]], td.Store]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write expected.json of the samples anew, to be read and committed",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def open_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens a new store with a catalogue of these documents; closed at the end of all tests."""
    stores: list[td.Store] = []

    def open_store(catalogue: dict[str, Any]) -> td.Store:
        folder: Path = tmp_path_factory.mktemp("store")
        store = td.open_store(str(folder / "test.duckdb"))
        stores.append(store)
        td.patch_catalogue(store, catalogue)
        return store

    yield open_store
    for store in stores:
        store.close()
