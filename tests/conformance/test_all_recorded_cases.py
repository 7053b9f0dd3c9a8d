"""All recorded runs of the reference server agree, apart from the listed deviations."""

from pathlib import Path

import pytest

from tests.conformance.comparing import disagreements

FAMILIES = {
    "file-batch-manual": "file-batch-manual",
    "ir-direct-manual": "ir-direct-manual",
    "other files": "file-(?!batch-manual).*",
    "other clients": "ir-(?!direct-manual).*",
    "services": "api-.*",
    "rules": "(?!file-|ir-|api-).*",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded_cases_agree(family: str, shared: Path) -> None:
    only = f"^({FAMILIES[family]})/"
    assert disagreements(shared, shared / "conformance", "--only", only) == {}
