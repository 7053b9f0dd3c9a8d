"""The service against its own description, by Schemathesis: no 500, and answers that fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tachi_data.players import integrations
from tests.service.servers import Service, serving

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Logging out would end the session of this test; services that are not set up are 500 by contract.
LEFT_OUT = "/auth/logout|oauth2callback|/import/from-api"


@pytest.mark.slow
def test_the_service_is_what_it_says(tmp_path: Path, sample: Path, scores: bytes) -> None:
    pytest.importorskip("schemathesis")
    settings = {"rate_limits": "false", "TACHI_KEY": integrations.new_key()}
    with serving(tmp_path, sample / "catalogue", **settings) as service:
        done = schemathesis(service, service.cookie(1))
    (tmp_path / "schemathesis.txt").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr


def schemathesis(service: Service, headers: dict[str, str]) -> subprocess.CompletedProcess[str]:
    url = f"{service.client.base_url}/openapi.json"
    config = service.folder / "schemathesis.toml"
    config.write_text('[parameters]\n"path.user" = "me"\n')
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", url]
    command += ["--no-color", "--no-shrink"]
    command += ["--checks", ",".join(CHECKS), "--exclude-path-regex", LEFT_OUT]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    command += ["--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", "10", "--workers", "1", "--seed", "1", "--continue-on-failure"]
    command += ["--generation-database", "none", "--max-time", "12", "--warnings", "off"]
    command += ["--suppress-health-check", "all"]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=service.folder, timeout=120
    )
