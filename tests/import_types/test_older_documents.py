"""Documents of BATCH-MANUAL as exporters wrote them earlier: imported, as orphans, and out of history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

import tachi_data as td
from tachi_data.games import gpt
from tachi_data.import_types.older_documents import CHUNITHM_LAMPS, modern_document, modern_score
from tests.conftest import Open

JSON = "file/batch-manual"
SONG = {"id": 1, "title": "Old Song", "artist": "Nobody", "altTitles": [], "searchTerms": []}
CHART = {
    "chartID": "old-master",
    "songID": 1,
    "playtype": "Single",
    "difficulty": "MASTER",
    "level": "13",
    "levelNum": 13,
    "isPrimary": True,
    "versions": ["new"],
    "data": {"inGameID": 5},
}
CATALOGUE = {"songs-chunithm": [SONG | {"data": {}}], "charts-chunithm": [CHART]}
OLD = {
    "score": 1_000_000,
    "lamp": "ALL JUSTICE",
    "matchType": "songTitle",
    "identifier": "Old Song",
    "difficulty": "MASTER",
    "judgements": {"jcrit": 1, "miss": 0},
    "hitMeta": {"maxCombo": 5},
}
META = {"game": "chunithm", "playtype": "Single", "service": "an exporter"}


def lamps_of(store: td.Store) -> list[tuple[str, str]]:
    found = [s["scoreData"] for s in td.export_documents(store, "scores")]
    return [(data["noteLamp"], data["clearLamp"]) for data in found]


@pytest.mark.parametrize(("lamp", "lamps"), CHUNITHM_LAMPS.items())
def test_the_one_lamp_of_chunithm_became_two(
    new_store: Open, lamp: str, lamps: tuple[str, str]
) -> None:
    store = new_store(CATALOGUE)
    score = 1_010_000 if lamp == "ALL JUSTICE CRITICAL" else 1_000_000
    source = orjson.dumps({"head": META, "body": [OLD | {"lamp": lamp, "score": score}]})
    outcome = td.import_scores(store, JSON, source, user_id=7)
    assert outcome.datapoints["outcome"].to_list() == ["ScoreImported"]
    assert lamps_of(store) == [lamps]
    (data,) = (s["scoreData"] for s in td.export_documents(store, "scores"))
    assert data["judgements"] == {"jcrit": 1, "miss": 0}
    assert data["optional"]["maxCombo"] == 5


def test_orphans_of_older_documents_keep_the_score_as_sent_and_come_in(
    new_store: Open, tmp_path: Path
) -> None:
    store = new_store({})
    source = orjson.dumps({"meta": META, "scores": [OLD]})
    td.import_scores(store, JSON, source, user_id=7)
    (orphan,) = td.export_documents(store, "orphans")
    assert orphan["data"] == OLD
    of_history = {
        "importType": JSON,
        "userID": 8,
        "game": "chunithm",
        "data": OLD | {"optional": []},
        "context": META | {"version": None},
    }
    (tmp_path / "history.ndjson").write_bytes(orjson.dumps(of_history))
    assert td.ingest_orphans(store, tmp_path / "history.ndjson").count("taken") == 1
    td.patch_catalogue(store, CATALOGUE)
    assert td.reprocess_orphans(store).success == 2
    assert lamps_of(store) == [CHUNITHM_LAMPS["ALL JUSTICE"]] * 2


@pytest.mark.parametrize(
    ("score", "named"),
    [
        (OLD | {"lamp": "FULL CHAIN"}, "lamp"),
        (OLD | {"noteLamp": "NONE"}, "lamp"),
        (OLD | {"playtype": "Double"}, "playtype"),
        (OLD | {"colour": 1}, "colour"),
    ],
)
def test_what_is_not_certain_is_refused_by_its_name(
    new_store: Open, score: dict[str, Any], named: str
) -> None:
    source = orjson.dumps({"meta": META, "scores": [score]})
    with pytest.raises(td.ImportFatal, match=rf"^scores\[0\]\.{named}: "):
        td.import_scores(new_store(CATALOGUE), JSON, source, user_id=7)


def test_a_score_of_today_stays_as_it_is() -> None:
    value = gpt("jubeat", "Single")
    today = {"score": 1, "musicRate": 2.5, "lamp": "CLEAR", "matchType": "inGameID"}
    assert modern_score(today, value) == today
    assert modern_score(today | {"percent": 3}, value) == today | {"percent": 3}
    older = {"score": 1, "percent": 2.5, "lamp": "CLEAR"}
    assert modern_score(older, value) == {"score": 1, "musicRate": 2.5, "lamp": "CLEAR"}


@pytest.mark.parametrize(
    "document", [7, None, [], {}, {"meta": {}, "head": {}, "scores": [], "body": []}]
)
def test_documents_of_today_stay_as_they_are(document: Any) -> None:
    assert modern_document(document) == document
