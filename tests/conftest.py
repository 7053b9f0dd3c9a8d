"""What all tests share: Hypothesis profiles, and the way to data that is not in the repository.

The specification's examples and full catalogue live beside a maintainer's checkout, in a folder
``shared``, and are not part of this repository. Tests that use them ask for the fixture ``shared``
(or ``shared_file``), and skip with the reason where the folder is missing.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import tachi_data as td
from tests import postgres
from tests.stores import open_new

Document = dict[str, Any]
Open = Callable[[Document], td.Store]
REPOSITORY = Path(__file__).parent.parent

# The environment of the lake has none of what the notebooks draw with (`make test-lake`).
collect_ignore = (
    [] if find_spec("altair") else ["explore/test_explore.py", "bench/test_notebooks.py"]
)

settings.register_profile("dev", deadline=None, max_examples=25)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=4,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write expected.json of the samples, and the generated parts of pages, to be read and committed",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def shared_folder() -> Path:
    """Where the shared data would be: ``TACHI_SHARED``, or ``shared`` beside the repository.

    A plain function, so that a module can list files for ``parametrize``; it may not exist.
    """
    return Path(os.environ.get("TACHI_SHARED") or REPOSITORY.parent / "shared")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the shared data, so that ``-m "not shared"`` leaves them out."""
    for item in items:
        if {"shared", "shared_file"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips the test where there is none."""
    folder = shared_folder()
    if not folder.is_dir():
        pytest.skip(f"no shared data: {folder} is not there (TACHI_SHARED says where to look)")
    return folder


@pytest.fixture(scope="session")
def shared_file(shared: Path) -> Callable[[str], Path]:
    """Gives a file or folder of the shared data by its path; skips where it is missing."""

    def find(path: str) -> Path:
        if not (shared / path).exists():
            pytest.skip(f"no shared data: {shared / path} is not there")
        return shared / path

    return find


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample catalogue and import files, which are part of the repository."""
    return REPOSITORY / "data" / "sample"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Document], Path]:
    """Gives the file of a closed store with a catalogue of these documents, to be copied: making one takes a while."""
    folder = tmp_path_factory.mktemp("filled")
    files: dict[str, Path] = {}

    def file_of(catalogue: Document) -> Path:
        key = json.dumps(catalogue, sort_keys=True)
        if key not in files:
            path = folder / f"{len(files)}.duckdb"
            with open_new(path) as store:
                td.patch_catalogue(store, catalogue)
            files[key] = path
        return files[key]

    return file_of


@pytest.fixture
def new_store(tmp_path: Path, filled: Callable[[Document], Path]) -> Iterator[Open]:
    """Opens a store that no other test sees, with a catalogue of these documents."""
    with ExitStack() as stack:
        yield lambda catalogue: stack.enter_context(
            td.open_store(shutil.copy(filled(catalogue), tmp_path / "test.duckdb"))
        )


@pytest.fixture(scope="session")
def sample_store(sample: Path) -> Callable[[Path], td.Store]:
    """Opens a new store with the sample catalogue at a path; the catalogue is loaded once."""
    return lambda path: open_new(path, sample / "catalogue")


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    """The folder of a PostgreSQL server's socket; skips where DuckLake or PostgreSQL is missing."""
    with postgres.server() as folder:
        yield folder


@pytest.fixture
def lake_url(postgres_socket: Path, tmp_path: Path) -> str:
    """The URL of a DuckLake that is not there yet."""
    return postgres.new_lake(postgres_socket, tmp_path)
