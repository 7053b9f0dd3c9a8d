"""Each notebook on a store of a million scores: 200 players, three games; in less than a minute.

``TACHI_MILLION`` names the store; it is made where it is not there, and kept. By default it is made anew.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import tachi_data as td
from tachi_data.sample import batch_manual, catalogue

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore"),  # Those of Jupyter's own client.
]

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
GAMES = ("iidx", "sdvx", "wacca")
PLAYERS = 200
SCORES = 5_400  # Of a player, a twentieth of them orphans.
TOGETHER = 20


def jobs() -> Iterator[td.ImportJob]:
    """Three imports of each player, one in each game."""
    collections = catalogue()
    for user in range(1, PLAYERS + 1):
        for game in GAMES:
            seed = user * 10 + len(game)
            content = batch_manual(
                SCORES // len(GAMES), game=game, collections=collections, seed=seed
            )
            yield td.ImportJob("file/batch-manual", content, user)


def fill(path: Path, sample: Path) -> None:
    started, waiting = time.perf_counter(), list[td.ImportJob]()
    with td.open_store(path) as store:
        td.load_catalogue(store, sample / "catalogue")
        for number, job in enumerate(jobs(), start=1):
            waiting.append(job)
            if number % (TOGETHER * len(GAMES)) == 0:
                td.import_many(store, waiting)
                waiting.clear()
    print(f"\nstore made in {time.perf_counter() - started:.0f} s")


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Path:
    kept = os.environ.get("TACHI_MILLION")
    path = Path(kept) if kept else tmp_path_factory.mktemp("million") / "million.duckdb"
    if not path.exists():
        fill(path, sample)
    with td.open_store(path) as store:
        scores = store.query("SELECT count(*) FROM scores").item()
    print(f"\n{scores:,} scores")
    assert scores >= 1_000_000
    return path


@pytest.mark.parametrize("name", [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))])
def test_a_notebook_on_a_million_scores(name: str, million: Path, sample: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    place = next(
        i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", ())
    )
    notebook.cells.insert(
        place + 1,
        nbformat.v4.new_code_cell(
            f"STORE = {str(million)!r}\nCATALOGUE = {str(sample / 'catalogue')!r}\n"
            f"NEWER = {str(sample / 'catalogue-newer')!r}"
        ),
    )
    started = time.perf_counter()
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    seconds = time.perf_counter() - started
    print(f"\n{name}: {seconds:.1f} s")
    assert seconds < 60
