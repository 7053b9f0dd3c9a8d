"""Recorded runs of the reference server: every tenth one agrees, apart from the listed deviations.

All of them take 15 minutes of one core: see `test_all_recorded_cases`.
"""

from pathlib import Path

import pytest

from tests.conformance.comparing import disagreements, write_every_tenth
from tests.conftest import shared_folder

FILES = sorted((shared_folder() / "conformance").glob("*.ndjson"))
# Two parts of equal length. Each run loads catalogues first.
PARTS = {
    "files": [f for f in FILES if f.stem.startswith("file-")],
    "others": [f for f in FILES if not f.stem.startswith("file-")],
}


@pytest.mark.parametrize("part", PARTS)
def test_recorded_cases_agree(part: str, shared: Path, tmp_path: Path) -> None:
    assert write_every_tenth(PARTS[part], tmp_path) >= 45
    assert disagreements(shared, tmp_path) == {}
