"""The notebooks' form; that they run is tested by nbmake (`make test`)."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_few_and_short_and_the_first_has_the_parameters(path: Path) -> None:
    cells: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) <= 15
    assert code[0]["metadata"] == {"tags": ["parameters"]}
    assert code[0]["source"][0].startswith("STORE = None")
    for cell in code:
        assert 1 <= len([line for line in cell["source"] if line.strip()]) <= 5
    assert cells[0]["source"][0].startswith("# ")
    assert cells[0]["source"][0].endswith("?\n")


def test_the_how_to_names_every_notebook() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "explore-in-notebooks.md"
    text = page.read_text("utf-8")
    assert [path.stem for path in NOTEBOOKS if f"`{path.stem}`" not in text] == []
