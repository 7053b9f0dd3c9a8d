"""Recorded runs of the reference server: everything agrees, apart from the listed deviations."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import shared_folder

HERE = Path(__file__).parent
FILES = sorted(p.stem for p in (shared_folder() / "conformance").glob("*.ndjson"))


def family(file: str) -> str:
    """Files that are run together, as each run loads catalogues first: half a minute for a family."""
    alone = file in ("file-batch-manual", "ir-direct-manual")
    kind = file.split("-")[0]
    return file if alone else kind if kind in ("file", "api", "ir") else "others"


FAMILIES = {name: [f for f in FILES if family(f) == name] for name in map(family, FILES)}


@pytest.mark.parametrize("name", FAMILIES or ["(none)"])
def test_recorded_cases_agree(name: str, shared: Path) -> None:
    files = "|".join(FAMILIES[name])
    command = [
        sys.executable,
        str(shared / "tools" / "conformance.py"),
        *("--only", f"^({files})/", "--jobs", "1", "--json"),
        *("--deviations", str(HERE / "deviations.toml")),
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode in (0, 1), run.stderr
    assert json.loads(run.stdout)["bad"] == {}
