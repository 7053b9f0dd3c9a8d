"""A small invented catalogue of iidx SP charts, goals and quests, and a way to play on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

import tachi_data as td
from tachi_data.importing import ImportJob
from tachi_data.store import insert

NOW = 1_750_000_000_000
CHARTS = tuple(f"chart-{n}" for n in range(4))
FOLDER, EMPTY_FOLDER = "F-all", "F-empty"
FAILED, CLEAR, HARD_CLEAR, EX_HARD_CLEAR = 1, 4, 5, 6


def open_world(
    path: str, goals: Sequence[Mapping[str, Any]] = (), quests: Sequence[Mapping[str, Any]] = ()
) -> td.Store:
    """A store with four songs of one chart each (1000 notes), a folder of all, and these goals."""
    Path(path).write_bytes(_songs())
    store = td.open_store(path)
    td.patch_catalogue(store, {"goals": list(goals), "quests": list(quests)})
    return store


@cache
def _songs() -> bytes:
    """The file of a store with the songs, the charts and the folder: making one takes a while."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "songs.duckdb"
        with td.open_store(path) as store:
            songs, charts = (list(map(of, range(len(CHARTS)))) for of in (_song, _chart))
            td.patch_catalogue(store, {"songs-iidx": songs, "charts-iidx": charts})
            with store.write() as con:
                rows = [(FOLDER, "iidx", "SP", chart) for chart in CHARTS]
                columns = ["folder_id", "game", "playtype", "chart_id"]
                insert(con, "folder_charts", pl.DataFrame(rows, schema=columns, orient="row"))
        return path.read_bytes()


def _song(n: int) -> dict[str, Any]:
    names = {"title": f"Song {n}", "artist": "Nobody", "altTitles": [], "searchTerms": []}
    return {"id": n, **names, "data": {"genre": "TEST", "displayVersion": "27"}}


def _chart(n: int) -> dict[str, Any]:
    data = {
        "inGameID": 1000 + n,
        "notecount": 1000,
        "2dxtraSet": None,
        "bpiCoefficient": None,
        "kaidenAverage": None,
        "worldRecord": None,
        "hashSHA256": None,
    }
    return {
        "chartID": CHARTS[n],
        "songID": n,
        "playtype": "SP",
        "difficulty": "ANOTHER",
        "level": "12",
        "levelNum": 12,
        "isPrimary": True,
        "versions": ["27", "28"],
        "data": data,
    }


def goal(
    goal_id: str, charts: Any, key: str, value: float, *, count: float | None = None, mode: str = ""
) -> dict[str, Any]:
    """A goal document; ``charts`` is a folder (``F-…``), one chart, or a list of them."""
    kind = "multi" if isinstance(charts, list) else "single"
    if isinstance(charts, str) and charts.startswith("F-"):
        kind = "folder"
    criteria = {"mode": mode or "single", "key": key, "value": value}
    return {
        "goalID": goal_id,
        "game": "iidx",
        "playtype": "SP",
        "name": goal_id,
        "charts": {"type": kind, "data": charts},
        "criteria": criteria if count is None else {**criteria, "countNum": count},
    }


def quest(quest_id: str, *goal_ids: str) -> dict[str, Any]:
    """A quest document with its goals in one part."""
    part = {"title": "All", "desc": "", "goals": [{"goalID": i} for i in goal_ids]}
    return {
        "questID": quest_id,
        "game": "iidx",
        "playtype": "SP",
        "name": quest_id,
        "desc": "",
        "questData": [part],
    }


def questline(questline_id: str, *quest_ids: str) -> dict[str, Any]:
    """A questline document."""
    return {
        "questlineID": questline_id,
        "game": "iidx",
        "playtype": "SP",
        "name": questline_id,
        "desc": "",
        "quests": list(quest_ids),
    }


def played(
    chart: int, lamp: str = "CLEAR", score: int = 1000, *, bp: int | None = None
) -> dict[str, Any]:
    """A BATCH-MANUAL score on a chart by number."""
    optional = {} if bp is None else {"optional": {"bp": bp}}
    return {
        "matchType": "tachiSongID",
        "identifier": str(chart),
        "difficulty": "ANOTHER",
        "score": score,
        "lamp": lamp,
        **optional,
    }


def job(user: int, *scores: Mapping[str, Any]) -> ImportJob:
    """An import of these scores."""
    meta = {"game": "iidx", "playtype": "SP", "service": "test"}
    return ImportJob("ir/direct-manual", {"meta": meta, "scores": list(scores)}, user)


def play(store: td.Store, user: int, *scores: Mapping[str, Any], now: int = NOW) -> dict[str, Any]:
    """Import scores; gives the ImportDocument."""
    (outcome,) = td.import_many(store, [job(user, *scores)], now=now)
    assert outcome.fatal is None
    assert not outcome.document["errors"]
    return outcome.document


def goal_subs(store: td.Store, user: int | None = 1) -> dict[str, dict[str, Any]]:
    """Subscription documents of a player, by goal."""
    return {s["goalID"]: s for s in td.export_documents(store, "goalSubs", user_id=user)}


def quest_subs(store: td.Store, user: int | None = 1) -> dict[str, dict[str, Any]]:
    """Subscription documents of a player, by quest."""
    return {s["questID"]: s for s in td.export_documents(store, "questSubs", user_id=user)}
