"""Running recorded cases of the reference server, and what of them does not agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def disagreements(shared: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Run the cases of a folder, and return what disagrees beyond the listed deviations, by case.

    Args:
        shared: The shared files, with the tool that runs cases.
        folder: The cases, ``*.ndjson``.
        *options: More options of the tool.
    """
    command = [
        sys.executable,
        str(shared / "tools" / "conformance.py"),
        str(folder),
        *("--jobs", "1", "--json", "--deviations", str(HERE / "deviations.toml")),
        *options,
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode in (0, 1), run.stderr
    bad: dict[str, Any] = json.loads(run.stdout)["bad"]
    return bad


def write_every_tenth(files: Iterable[Path], folder: Path) -> int:
    """Write every tenth case of each file, beginning with the first, into a folder; return how many there are."""
    count = 0
    for file in files:
        lines = file.read_text(encoding="utf-8").strip().split("\n")[::10]
        (folder / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        count += len(lines)
    return count
