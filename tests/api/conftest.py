"""One server without limits, for all tests that need no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tachi_data import integrations
from tests.api.servers import Service, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    settings = {"rate_limits": "false", "TACHI_KEY": integrations.new_key()}
    with serving(folder, sample / "catalogue", **settings) as running:
        yield running


@pytest.fixture(scope="session")
def scores(sample: Path) -> bytes:
    return (sample / "imports" / "batch-manual-sdvx-akari.json").read_bytes()
