"""An invented catalogue in the form of 2026 (v3)."""

from __future__ import annotations

from typing import Any

from tests.catalogue.documents import Document


def v3_id(prefix: str, number: int) -> str:
    """An identifier as v3 has them: a letter and 19 hexadecimal digits."""
    return f"{prefix}{number:019x}"


def song(number: int, title: str, **more: Any) -> Document:
    """A song document, whose identifier is made of its legacy one."""
    return {
        "id": v3_id("S", number),
        "legacySongID": number,
        "title": title,
        "artist": "Nobody",
        "altTitles": [],
        "searchTerms": [],
        "data": {},
        **more,
    }


def chart(chart_id: str, song_id: int, difficulty: str = "ANOTHER", **more: Any) -> Document:
    """A chart document as of iidx; its identifier is made of its legacy one."""
    data = {"inGameID": 1000 + song_id, "notecount": 1000, "2dxtraSet": None}
    return {
        "id": v3_id("C", sum(map(ord, chart_id))),
        "legacyChartID": chart_id,
        "songID": v3_id("S", song_id),
        "difficulty": difficulty,
        "level": "12",
        "levelNum": 12,
        "isPrimary": True,
        "versions": ["30", "31"],
        **more,
        "data": {**data, **more.get("data", {})},
    }


def folder(folder_id: str, where: str, **more: Any) -> Document:
    """A folder document of iidx-sp, unless told otherwise."""
    return {
        "id": v3_id("F", sum(map(ord, folder_id))),
        "legacyFolderID": folder_id,
        "game": "iidx-sp",
        "title": folder_id,
        "searchTerms": [],
        "inactive": False,
        "slug": folder_id.lower(),
        "where": where,
        **more,
    }


def goal(goal_id: str, kind: str, data: Any, **criteria: Any) -> Document:
    """A goal document of iidx-sp: HARD CLEAR what ``data`` names."""
    return {
        "goalID": goal_id,
        "game": "iidx-sp",
        "name": goal_id,
        "charts": {"type": kind, "data": data},
        "criteria": {"mode": "single", "key": "lamp", "value": 5, **criteria},
    }


SMALL: dict[str, list[Document]] = {
    "songs-iidx": [song(1, "5.1.1."), song(2, "Étude"), song(3, "spaced")],
    "charts-iidx-sp": [
        chart("c1", 1),
        chart("c1-old", 1, isPrimary=False, versions=["20"]),
        chart("c2", 2, "HYPER", level="8", levelNum=8),
    ],
    "charts-iidx-dp": [chart("c3", 3)],
    "folders": [
        folder("F12", "chart.level = '12'", versionFilter=["31"]),
        folder("Fall", "chart.level_num > 0", slug=None),
    ],
    "goals": [
        goal("G1", "single", v3_id("C", sum(map(ord, "c1")))),
        goal("G2", "multi", [v3_id("C", sum(map(ord, "c2"))), v3_id("C", 1)]),
        goal("G3", "folder", v3_id("F", sum(map(ord, "F12"))), source="calculated"),
    ],
    "quests": [
        {
            "questID": "Q1",
            "game": "iidx-sp",
            "name": "A quest",
            "desc": "",
            "questData": [{"title": "", "goals": [{"goalID": "G1"}]}],
        }
    ],
    "questlines": [
        {"questlineID": "L1", "game": "iidx-sp", "name": "A line", "desc": "", "quests": ["Q1"]}
    ],
    "bms-course-lookup": [
        {
            "game": "bms-7k",
            "md5sums": "0" * 128,
            "set": "genocideDan",
            "title": "a dan",
            "value": "NORMAL_1",
        }
    ],
}
