"""The catalogue grows by the real songs of a year and a half, and scores on them become scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td

NOW = 1_767_225_600_000
HOUR = 3_600_000
# By game: its match type for IDs, and a score and lamp that any chart allows.
GAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "chunithm": ("inGameID", {"score": 1_000_000, "noteLamp": "NONE", "clearLamp": "CLEAR"}),
    "maimaidx": ("inGameID", {"percent": 99.5, "lamp": "CLEAR"}),
    "popn": ("inGameID", {"score": 90_000, "clearMedal": "clearCircle"}),
    "sdvx": ("sdvxInGameID", {"score": 9_500_000, "lamp": "CLEAR"}),
    "wacca": ("songTitle", {"score": 950_000, "lamp": "CLEAR"}),
}


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text())
    return documents


def batch(shared: Path, game: str) -> dict[str, Any]:
    """A score on each chart of songs that only the newer catalogue has."""
    match_type, metrics = GAMES[game]
    known = {song["id"] for song in read(shared / "catalogue-2024-03", f"songs-{game}")}
    titles = {s["id"]: s["title"] for s in read(shared / "catalogue", f"songs-{game}")}
    charts = [
        c
        for c in read(shared / "catalogue", f"charts-{game}")
        if c["songID"] not in known and c["isPrimary"]
    ]
    scores = [
        {
            **metrics,
            "matchType": match_type,
            "identifier": titles[chart["songID"]]
            if match_type == "songTitle"
            else str(_game_id(chart["data"]["inGameID"])),
            "difficulty": chart["difficulty"],
            "timeAchieved": NOW - 400 * 24 * HOUR + 3 * HOUR * place // 10,
        }
        for place, chart in enumerate(charts)
    ]
    return {
        "meta": {"game": game, "playtype": charts[0]["playtype"], "service": "growth"},
        "scores": scores,
    }


def _game_id(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


@pytest.mark.slow
def test_scores_on_songs_to_come(shared: Path, tmp_path: Path) -> None:
    bodies = {game: json.dumps(batch(shared, game)).encode() for game in GAMES}
    grown = td.open_store(tmp_path / "grown.duckdb")
    whole = td.open_store(tmp_path / "whole.duckdb")
    td.load_catalogue(grown, shared / "catalogue-2024-03", games=GAMES)
    td.load_catalogue(whole, shared / "catalogue", games=GAMES)
    for game, body in bodies.items():
        before = td.import_scores(grown, "file/batch-manual", body, user_id=1, now=NOW)
        after = td.import_scores(whole, "file/batch-manual", body, user_id=1, now=NOW)
        found = after.datapoints["outcome"].value_counts(sort=True).rows()
        assert found[0][0] == "ScoreImported", (game, after.datapoints["message"][0])
        assert "ScoreImported" not in set(before.datapoints["outcome"]), game
    waiting = len(td.export_documents(grown, "orphans"))
    td.load_catalogue(grown, shared / "catalogue", games=GAMES)
    report = td.reprocess_orphans(grown, only_changed=True, now=NOW)
    assert report.success > 3_000
    assert waiting == report.success + report.removed + len(td.export_documents(grown, "orphans"))

    def stored(store: td.Store, kind: str, *names: str) -> list[tuple[Any, ...]]:
        return sorted(
            tuple(map(repr, map(d.get, names))) for d in td.export_documents(store, kind, user_id=1)
        )

    score = ("scoreID", "chartID", "songID", "timeAchieved", "scoreData", "calculatedData")
    assert stored(grown, "scores", *score) == stored(whole, "scores", *score)
    pb = ("chartID", "composedFrom", "scoreData", "calculatedData", "rankingData")
    assert stored(grown, "pbs", *pb) == stored(whole, "pbs", *pb)
    session = ("game", "timeStarted", "timeEnded", "calculatedData")
    assert stored(grown, "sessions", *session) == stored(whole, "sessions", *session)
    stats = ("game", "ratings", "classes")
    assert stored(grown, "gameStats", *stats) == stored(whole, "gameStats", *stats)
    assert not td.verify(grown).height
    again = td.reprocess_orphans(grown, now=NOW)
    assert (again.success, again.removed) == (0, 0)
    assert stored(grown, "scores", *score) == stored(whole, "scores", *score)
    grown.close()
    whole.close()
