"""A real server in each of its two modes, with the worker that the second one needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import tachi_data as td
from tests.clients.catalogue import CATALOGUE
from tests.service.servers import Service, serving

MODES = {"direct": "false", "external": "true"}


@pytest.fixture(scope="session", params=MODES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sample: Path
) -> Iterator[Service]:
    settings = {"rate_limits": "false", "external_processing": MODES[request.param]}
    folder = tmp_path_factory.mktemp(request.param)
    with ExitStack() as running:
        service = running.enter_context(serving(folder, sample / "catalogue", **settings))
        td.patch_catalogue(service.store, CATALOGUE)
        if request.param == "external":
            running.enter_context(worker(service))
        yield service


@contextmanager
def worker(service: Service) -> Iterator[None]:
    command = [sys.executable, "-m", "tachi_data.cli", "worker"]
    with (service.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, env=service.environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)
