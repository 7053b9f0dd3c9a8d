"""Which tests a run has: the quick run leaves out, and does not even load, files that take long.

A file that is named on the command line is run, whatever it costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
# The tests below these places have this marker.
MARKED = {
    "tachi_data/explore": "slow",  # Altair alone takes 3 s to load.
    "tests/backlog/test_killed_workers.py": "slow",
    "tests/backlog/test_lost_imports.py": "slow",
    "tests/backlog/test_presence.py": "slow",
    "tests/bench": "bench",
    "tests/catalogue/test_any_documents.py": "slow",
    "tests/catalogue/test_command.py": "slow",
    "tests/catalogue/test_courses.py": "slow",
    "tests/catalogue/test_fetching.py": "slow",
    "tests/catalogue/test_folders.py": "slow",
    "tests/catalogue/test_keys.py": "slow",
    "tests/catalogue/test_predicates.py": "slow",
    "tests/catalogue/test_v3.py": "slow",
    "tests/cli": "slow",
    "tests/clients": "slow",
    "tests/conformance/test_recorded_cases.py": "slow",
    "tests/conformance/test_all_recorded_cases.py": "thorough",
    "tests/conformance/test_v3_store.py": "thorough",
    "tests/docs/test_commands.py": "slow",
    "tests/docs/test_how_to_add.py": "slow",
    "tests/escaping/test_ways_out.py": "slow",
    "tests/explore/test_explore.py": "slow",
    "tests/exporting": "slow",
    "tests/import_types/api": "slow",
    "tests/import_types/file": "slow",
    "tests/import_types/ir": "slow",
    "tests/import_types/test_fuzz.py": "slow",
    "tests/import_types/test_golden.py": "slow",
    "tests/import_types/test_hostile.py": "slow",
    "tests/import_types/test_orphans_come_back.py": "slow",
    "tests/import_types/test_properties.py": "slow",
    "tests/import_types/test_long_values.py": "slow",
    "tests/import_types/test_older_documents.py": "slow",
    "tests/import_types/upstreams": "slow",
    "tests/importing/test_any_history.py": "slow",
    "tests/importing/test_chart_votes.py": "slow",
    "tests/importing/test_ddr_hashes.py": "slow",
    "tests/importing/test_generations.py": "slow",
    "tests/importing/test_preparation.py": "slow",
    "tests/importing/test_same_result.py": "slow",
    "tests/importing/test_sets.py": "slow",
    "tests/importing/test_titles_round_trip.py": "thorough",
    "tests/orphans": "slow",
    "tests/pipelines": "flow",
    "tests/schemas/test_borders.py": "slow",
    "tests/service": "slow",
    "tests/standings/goals": "slow",
    "tests/standings/test_sessions.py": "slow",
    "tests/store/test_older_stores.py": "slow",
    "tests/store/test_sharing.py": "slow",
    "tests/torture": "slow",
    "tests/upkeep": "slow",
    "tests/what_ifs": "slow",
}


def place(path: Path) -> str:
    """Return the path from the repository's folder; empty for one that is outside."""
    return path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""


def marker_of(path: Path, config: pytest.Config) -> str | None:
    """Return the marker that a file has by its place; None if it has none, or is asked for by name."""
    whole = place(path)
    found = next((p for p in MARKED if whole == p or whole.startswith(f"{p}/")), None)
    if found is None:
        return None
    if config.getoption("update_golden", False):  # Its tests are slow ones.
        return None
    named = [place(Path(argument.partition("::")[0]).resolve()) for argument in config.args]
    return None if any(name.startswith(found) for name in named) else MARKED[found]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files whose tests ``-m`` leaves out, and modules without a doctest."""
    marker = marker_of(collection_path, config)
    if marker is not None and f"not {marker}" in config.getoption("markexpr"):
        return True
    is_code = place(collection_path).startswith("tachi_data/") and collection_path.suffix == ".py"
    if is_code and ">>> " not in collection_path.read_text(encoding="utf-8"):
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Mark the tests of the slow files; those of the others bear their marker themselves."""
    for item in items:
        if (marker := marker_of(item.path, config)) in ("slow", "thorough"):
            item.add_marker(marker)


@pytest.fixture(scope="session")
def example_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `docs.example`, of which each doctest takes a copy."""
    from docs import example

    file = tmp_path_factory.mktemp("example") / "example.duckdb"
    example.make_store(file)
    return file


@pytest.fixture(autouse=True)
def example(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> Iterator[None]:
    """Let the examples of docstrings use the names of `docs.example`; for other tests it does nothing."""
    text = getattr(getattr(request.node, "dtest", None), "docstring", None) or ""
    if re.search(r"\btd\.|\(store\b|\bstore\.", text):
        from docs.example import names

        file, folder = request.getfixturevalue("example_file"), request.getfixturevalue("tmp_path")
        doctest_namespace.update(names(folder, file, text))
    yield
    doctest_namespace.clear()
