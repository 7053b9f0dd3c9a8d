"""Invented songs, charts and folders, and ways to write them to files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tachi_data.tables import catalogue, orphans, standings

Document = dict[str, Any]
# The tables that a change of the catalogue reads or writes.
STORED = (*catalogue.TABLES, *standings.TABLES, *orphans.TABLES)


def song(
    number: int, title: str, *alt_titles: str, artist: str = "Nobody", **data: Any
) -> Document:
    """A song document."""
    return {
        "id": number,
        "title": title,
        "artist": artist,
        "altTitles": list(alt_titles),
        "searchTerms": [],
        "data": data,
    }


def chart(chart_id: str, song_id: int, difficulty: str = "ANOTHER", **more: Any) -> Document:
    """A chart document of iidx SP, unless told otherwise; ``data`` adds to the usual members."""
    data = {"inGameID": 1000 + song_id, "notecount": 1000, "2dxtraSet": None}
    return {
        "chartID": chart_id,
        "songID": song_id,
        "playtype": "SP",
        "difficulty": difficulty,
        "level": "12",
        "levelNum": 12,
        "isPrimary": True,
        "versions": ["30", "31"],
        **more,
        "data": {**data, **more.get("data", {})},
    }


def folder(folder_id: str, query: Any, kind: str = "charts", **more: Any) -> Document:
    """A folder document of iidx SP, unless told otherwise."""
    return {
        "folderID": folder_id,
        "game": "iidx",
        "playtype": "SP",
        "title": folder_id,
        "type": kind,
        "data": query,
        "inactive": False,
        "searchTerms": [],
        **more,
    }


def goal(goal_id: str, chart_id: str) -> Document:
    """A goal document: HARD CLEAR a chart."""
    return {
        "goalID": goal_id,
        "game": "iidx",
        "playtype": "SP",
        "name": goal_id,
        "charts": {"type": "single", "data": chart_id},
        "criteria": {"mode": "single", "key": "lamp", "value": 5},
    }


def write(path: Path, collections: Mapping[str, Sequence[Any]]) -> Path:
    """Write a file per collection; gives the folder."""
    path.mkdir(parents=True, exist_ok=True)
    for name, documents in collections.items():
        text = json.dumps(documents, ensure_ascii=False)
        (path / f"{name}.json").write_text(text, encoding="utf-8")
    return path


SMALL: dict[str, list[Document]] = {
    "songs-iidx": [song(1, "5.1.1."), song(2, "Étude", "ETUDE 2"), song(3, "  spaced ")],
    "charts-iidx": [
        chart("c1", 1),
        chart("c1-old", 1, isPrimary=False, versions=["20"]),
        chart("c2", 2, "HYPER", level="8", levelNum=8),
        chart("c3", 3, playtype="DP"),
    ],
    "folders": [folder("F12", {"level": "12", "versions": "31"}), folder("Fall", {})],
    "goals": [goal("G1", "c1")],
    "quests": [
        {
            "questID": "Q1",
            "game": "iidx",
            "playtype": "SP",
            "name": "A quest",
            "desc": "",
            "questData": [{"title": "", "goals": [{"goalID": "G1"}]}],
        }
    ],
}
