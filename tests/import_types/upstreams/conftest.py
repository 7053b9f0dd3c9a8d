"""A store whose players are linked to the services of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.players import integrations
from tests.stores import open_new


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[td.Store]:
    monkeypatch.setenv("TACHI_KEY", integrations.new_key())
    with open_new(tmp_path / "store.duckdb") as opened:
        yield opened
