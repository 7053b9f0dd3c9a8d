"""Orphans for tests: scores on a song that the sample catalogue does not have, and that song."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tachi_data as td

NOW = 1_767_225_600_000
CONTEXT = {"game": "iidx", "playtype": "SP", "service": "foo", "version": None}
SCORE = {
    "matchType": "songTitle",
    "identifier": "New Song",
    "difficulty": "ANOTHER",
    "score": 500,
    "lamp": "CLEAR",
}


def new_song(notecount: int = 500) -> dict[str, list[dict[str, Any]]]:
    song = {"id": 900, "title": "New Song", "artist": "x", "altTitles": [], "searchTerms": []}
    chart = {
        "chartID": "new-song-a",
        "songID": 900,
        "playtype": "SP",
        "difficulty": "ANOTHER",
        "level": "10",
        "levelNum": 10,
        "isPrimary": True,
        "versions": ["31"],
        "data": {"inGameID": 900, "notecount": notecount, "hashSHA256": None, "2dxtraSet": None},
    }
    chart["data"] |= {"kaidenAverage": None, "worldRecord": None, "bpiCoefficient": None}
    data = {"displayVersion": "31", "genre": "x"}
    return {"songs-iidx": [{**song, "data": data}], "charts-iidx": [chart]}


def submit(store: td.Store, *scores: dict[str, Any], user_id: int = 1) -> td.ImportOutcome:
    body = {"meta": {"game": "iidx", "playtype": "SP", "service": "foo"}, "scores": list(scores)}
    return td.import_scores(store, "ir/direct-manual", body, user_id=user_id, now=NOW)


def counters(report: td.OrphanReport) -> tuple[int, int, int, int]:
    assert report.processed == report.failed + report.success + report.removed
    return report.processed, report.failed, report.success, report.removed


def document(number: int, **changes: Any) -> dict[str, Any]:
    data = {**SCORE, "score": 100 + number}
    facts = {"importType": "ir/direct-manual", "userID": 1, "data": data, "context": CONTEXT}
    return {**facts, "game": "iidx", "orphanID": f"O{number:064x}", "timeInserted": NOW} | changes


def write_export(path: Path, documents: Iterable[Any]) -> Path:
    """An export of these documents, one in a line."""
    path.write_text("".join(json.dumps(d) + "\n" for d in documents))
    return path
