"""Recorded runs of the reference server: everything agrees, apart from the listed deviations."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import shared_folder

HERE = Path(__file__).parent
FILES = sorted(p.stem for p in (shared_folder() / "conformance").glob("*.ndjson")) or ["(none)"]


@pytest.mark.parametrize("file", FILES)
def test_recorded_cases_agree(file: str, shared: Path) -> None:
    command = [
        sys.executable,
        str(shared / "tools" / "conformance.py"),
        *("--only", f"^{file}/", "--jobs", "1", "--json"),
        *("--deviations", str(HERE / "deviations.toml")),
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode in (0, 1), run.stderr
    assert json.loads(run.stdout)["bad"] == {}
