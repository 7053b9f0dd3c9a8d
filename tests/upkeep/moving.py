"""The sample's catalogue in the form of v3, and stores to compare."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tachi_data as td
from tachi_data.sample._jobs import jobs
from tests.catalogue.v3_documents import v3_id

NOW = 1_767_225_600_000
Documents = list[dict[str, Any]]


def in_v3(catalogue: Path, folder: Path) -> Path:
    """Write the songs, charts, goals and quests of a v2 catalogue in the form of v3."""
    folder.mkdir()
    read = {path.stem: json.loads(path.read_text()) for path in catalogue.glob("*.json")}
    written: dict[str, Documents] = {}
    charts: dict[str, str] = {}
    for game, playtypes in {
        "iidx": ("SP", "DP"),
        "sdvx": ("Single",),
        "wacca": ("Single",),
    }.items():
        written[f"songs-{game}"] = [
            song | {"id": _id("S", game, song["id"]), "legacySongID": song["id"]}
            for song in read[f"songs-{game}"]
        ]
        for playtype in playtypes:
            mine = [c for c in read[f"charts-{game}"] if c["playtype"] == playtype]
            name = f"charts-{game}-{playtype.lower()}" if len(playtypes) > 1 else f"charts-{game}"
            written[name] = [_chart(chart, game) for chart in mine]
            charts |= {chart["legacyChartID"]: chart["id"] for chart in written[name]}
    goals = {
        goal["goalID"]: _goal(goal, charts)
        for goal in read["goals"]
        if goal["charts"]["type"] != "folder"
    }
    written["goals"] = list(goals.values())
    written["quests"] = [_quest(quest, goals) for quest in read["quests"]]
    for name, documents in written.items():
        (folder / f"{name}.json").write_text(json.dumps(documents))
    return folder


def _id(letter: str, game: str, number: int) -> str:
    return v3_id(letter, number + 1_000_000 * sum(map(ord, game)))


def _chart(chart: dict[str, Any], game: str) -> dict[str, Any]:
    named = {"id": f"C{hash(chart['chartID']) % 16**19:019x}", "legacyChartID": chart["chartID"]}
    kept = {k: v for k, v in chart.items() if k not in ("playtype", "chartID")}
    return named | kept | {"songID": _id("S", game, chart["songID"])}


def _name(document: dict[str, Any]) -> str:
    game, playtype = document["game"], document["playtype"]
    return f"{game}-{playtype.lower()}" if game == "iidx" else game


def _goal(goal: dict[str, Any], charts: dict[str, str]) -> dict[str, Any]:
    of = goal["charts"]
    data = [charts[c] for c in of["data"]] if of["type"] == "multi" else charts[of["data"]]
    kept = {k: v for k, v in goal.items() if k != "playtype"}
    new = {"goalID": f"{goal['goalID']}-v3", "game": _name(goal), "charts": of | {"data": data}}
    return kept | new


def _quest(quest: dict[str, Any], goals: dict[str, dict[str, Any]]) -> dict[str, Any]:
    sections = [
        section
        | {
            "goals": [
                {"goalID": f"{g['goalID']}-v3"} for g in section["goals"] if g["goalID"] in goals
            ]
        }
        for section in quest["questData"]
    ]
    kept = {k: v for k, v in quest.items() if k != "playtype"}
    return kept | {"game": _name(quest), "questData": sections}


def played(store: td.Store, sample: Path, *, upto: int | None = None) -> None:
    """Import the files of the sample, each under an ID that is the same in every store."""
    found = [
        td.ImportJob(j.import_type, j.source, j.user_id, True, j.options, f"{i:040x}")
        for i, j in enumerate(jobs(sample / "imports")[:upto])
    ]
    td.import_many(store, found, now=NOW)


def standing(store: td.Store) -> dict[str, list[str]]:
    """All that follows from scores, without random IDs and names."""
    random = ("sessionID", "name")
    kinds = ("scores", "pbs", "sessions", "gameStats", "goalSubs", "questSubs")
    return {
        kind: sorted(
            json.dumps({k: v for k, v in d.items() if k not in random}, sort_keys=True)
            for d in td.export_documents(store, kind)
        )
        for kind in kinds
    }
