"""A DDR song that is found by its hash: without the chart it is waited for, without any it is our fault."""

from __future__ import annotations

from pathlib import Path

import pytest

import tachi_data as td

SONG = {
    "id": 1,
    "title": "A",
    "artist": "x",
    "altTitles": [],
    "searchTerms": [],
    "data": {"ddrSongHash": "hash", "flareCategory": "GOLD", "basename": "a", "inGameID": 1},
}
CHART = {
    "chartID": "a",
    "songID": 1,
    "playtype": "SP",
    "difficulty": "EXPERT",
    "level": "10",
    "levelNum": 10,
    "isPrimary": True,
    "versions": ["world"],
    "data": {"inGameID": 1, "stepCount": 300},
}


@pytest.mark.parametrize(
    ("charts", "outcome"),
    [
        ([], "InternalError"),
        ([CHART], "SongOrChartNotFound"),
        ([CHART | {"difficulty": "BASIC"}], "ScoreImported"),
    ],
)
def test_a_song_by_its_hash(tmp_path: Path, charts: list[object], outcome: str) -> None:
    score = {"matchType": "ddrSongHash", "identifier": "hash", "difficulty": "BASIC"}
    score |= {"score": 900_000, "lamp": "CLEAR"}
    body = {"meta": {"game": "ddr", "playtype": "SP", "service": "tests"}, "scores": [score]}
    with td.open_store(tmp_path / "store.duckdb") as store:
        td.patch_catalogue(store, {"songs-ddr": [SONG], "charts-ddr": charts})
        done = td.import_scores(store, "ir/direct-manual", body, user_id=1)
        assert done.datapoints["outcome"].to_list() == [outcome], done.datapoints["message"][0]
        waiting = len(td.export_documents(store, "orphans"))
        assert waiting == (outcome == "SongOrChartNotFound")
