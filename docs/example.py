"""The example that all docstrings share: a song, two plays, and a store that knows the song.

The page ``reference/python.md`` shows the song and the plays. The doctests run with these names: ``conftest.py``.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl

import tachi_data as td

CATALOGUE = {
    "songs-wacca": [
        {
            "id": 1,
            "title": "Paper Lantern",
            "artist": "Nobody",
            "altTitles": [],
            "searchTerms": [],
            "data": {"displayVersion": "reverse", "genre": "VARIETY"},
        }
    ],
    "charts-wacca": [
        {
            "chartID": "paper-lantern-hard",
            "songID": 1,
            "playtype": "Single",
            "difficulty": "HARD",
            "level": "7",
            "levelNum": 7.5,
            "isPrimary": True,
            "versions": ["reverse"],
            "data": {"inGameID": 1001},
        }
    ],
    "goals": [
        {
            "goalID": "clear-paper-lantern",
            "name": "CLEAR Paper Lantern",
            "game": "wacca",
            "playtype": "Single",
            "charts": {"type": "single", "data": "paper-lantern-hard"},
            "criteria": {"key": "lamp", "mode": "single", "value": 1},
        }
    ],
}
PLAY = {
    "matchType": "songTitle",
    "identifier": "Paper Lantern",
    "difficulty": "HARD",
    "score": 912_000,
    "lamp": "CLEAR",
}
SCORES = {
    "meta": {"game": "wacca", "playtype": "Single", "service": "my notes"},
    "scores": [PLAY, PLAY | {"identifier": "A new song"}],
}


def write_seeds(folder: Path) -> None:
    """Write the catalogue as files, as `td.load_catalogue` reads them."""
    folder.mkdir()
    for name, documents in CATALOGUE.items():
        (folder / f"{name}.json").write_text(json.dumps(documents), encoding="utf-8")


def make_store(file: Path) -> None:
    """Make a store that has the catalogue, and no scores yet."""
    with td.open_store(file) as store:
        td.patch_catalogue(store, CATALOGUE)


def names(folder: Path, store_file: Path, asked: str) -> dict[str, Any]:
    """Return what a docstring, whose text is ``asked``, may use."""
    found = {
        "td": td,
        "pl": pl,
        "json": json,
        "folder": folder,
        "play": PLAY,
        "scores": json.dumps(SCORES).encode(),
    }
    if "seeds" in asked:
        write_seeds(folder / "seeds")
        found["seeds"] = folder / "seeds"
    if "(store" in asked or "store." in asked:
        shutil.copy(store_file, folder / "tachi.duckdb")
        found["store"] = td.open_store(folder / "tachi.duckdb")
    return found
