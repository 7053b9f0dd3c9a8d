"""One server without limits, for all tests that need no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tachi_data as td
from tachi_data.players import integrations
from tests.import_types.samples import SAMPLES
from tests.service.servers import Service, serving


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    settings = {"rate_limits": "false", "TACHI_KEY": integrations.new_key()}
    with serving(folder, sample / "catalogue", **settings) as running:
        yield running


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with the catalogues of the samples of game clients."""
    settings = {"rate_limits": "false", "TACHI_KEY": integrations.new_key()}
    with serving(tmp_path_factory.mktemp("clients"), **settings) as running:
        for sample in SAMPLES:
            if sample.import_type.startswith("ir/"):
                td.patch_catalogue(running.store, sample.catalogue)
        yield running


@pytest.fixture(scope="session")
def scores(sample: Path) -> bytes:
    return (sample / "imports" / "batch-manual-sdvx-akari.json").read_bytes()
