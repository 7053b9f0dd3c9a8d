"""Rows as documents: names in camelCase, times in milliseconds, and values that are absent or null."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from tachi_data import documents
from tachi_data.games import gpts
from tachi_data.tables.scores import packed
from tests.standings.tables import NOW, PBS, SCORES, moment, scores

TIME = moment(0)


def score_documents(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    frame = packed(scores(*rows), "sdvx", SCORES)
    missing = {"time_added": TIME, "score_meta": pl.lit(None, dtype=pl.String)}
    return list(documents.scores(frame.with_columns(**missing), gpts("sdvx")))


def data_of(**score: Any) -> dict[str, Any]:
    (document,) = score_documents(score)
    found: dict[str, Any] = document["scoreData"]
    return found


def test_a_score_has_the_names_and_times_of_a_document() -> None:
    (document,) = score_documents({"score_id": "T", "hour": 1, "import_id": "I", "service": "s"})
    assert document["scoreID"] == "T"
    assert (document["importID"], document["service"], document["comment"]) == ("I", "s", None)
    assert (document["timeAchieved"], document["timeAdded"]) == (NOW + 3_600_000, NOW)
    assert (document["game"], document["playtype"], document["userID"]) == ("sdvx", "Single", 1)


def test_scores_keep_their_order_and_may_have_no_time() -> None:
    found = score_documents({"score_id": "b", "hour": 1}, {"score_id": "a"}, {"score_id": "c"})
    assert [(d["scoreID"], d["timeAchieved"] is None) for d in found] == [
        ("b", False),
        ("a", True),
        ("c", True),
    ]


def test_metrics_stand_beside_the_places_of_their_values() -> None:
    data = data_of(score=9_000_000, lamp="CLEAR", grade="A+")
    assert (data["score"], data["lamp"], data["grade"]) == (9_000_000, "CLEAR", "A+")
    assert data["enumIndexes"] == {"lamp": 1, "grade": 4}


def test_judgements_and_optional_metrics_that_are_null_are_absent() -> None:
    data = data_of(**{"judgements.near": 0, "optional.ex_score": 4000})
    assert data["judgements"] == {"near": 0}
    assert data["optional"] == {"exScore": 4000, "enumIndexes": {}}


def test_an_explicit_null_is_null_and_not_absent() -> None:
    data = data_of(explicit_nulls=["judgements.miss", "optional.max_combo"])
    assert data["judgements"] == {"miss": None}
    assert data["optional"] == {"maxCombo": None, "enumIndexes": {}}


def test_rows_without_a_list_of_explicit_nulls_have_none() -> None:
    assert data_of(explicit_nulls=None)["judgements"] == {}


def test_ratings_are_named_as_the_game_declares_them() -> None:
    found = score_documents({"ratings.vf6": 0.245}, {})
    assert [d["calculatedData"] for d in found] == [{"VF6": 0.245}, {"VF6": None}]


def test_the_meta_of_a_score_is_an_object_even_where_none_is_stored() -> None:
    frame = packed(scores({}, {}), "sdvx", SCORES).with_columns(
        time_added=TIME, score_meta=pl.Series([None, '{"inSkillAnalyser": true}'])
    )
    found = [d["scoreMeta"] for d in documents.scores(frame, gpts("sdvx"))]
    assert found == [{}, {"inSkillAnalyser": True}]


def test_a_personal_best_names_its_scores_and_its_rank() -> None:
    composed = pl.Series([[{"name": "Best Score", "score_id": "T"}]])
    row = packed(scores({"hour": 0}).with_columns(composed_from=composed), "sdvx", PBS)
    ranked = row.with_columns(rank=pl.lit(2), out_of=pl.lit(3))
    (document,) = documents.personal_bests(ranked, gpts("sdvx"))
    assert document["composedFrom"] == [{"name": "Best Score", "scoreID": "T"}]
    assert document["rankingData"] == {"rank": 2, "outOf": 3, "rivalRank": None}
    assert document["timeAchieved"] == NOW
    assert document["scoreData"]["score"] == 9_000_000


def test_a_session_lists_its_scores_and_its_times() -> None:
    row = {"session_id": "Q", "user_id": 1, "game": "sdvx", "playtype": "Single", "name": "Good"}
    more = {"description": None, "highlight": False, "ratings": '{"ProfileVF6": 12.5}'}
    frame = pl.DataFrame([row | more]).with_columns(
        score_ids=pl.Series([["b", "a"]]),
        time_inserted=moment(2),
        time_started=moment(0),
        time_ended=moment(1),
    )
    (document,) = documents.sessions(frame)
    assert document["scoreIDs"] == ["b", "a"]
    assert document["calculatedData"] == {"ProfileVF6": 12.5}
    times = [document[name] - NOW for name in ("timeStarted", "timeEnded", "timeInserted")]
    assert times == [0, 3_600_000, 7_200_000]
    assert (document["desc"], document["name"]) == (None, "Good")


def test_a_profile_is_decoded() -> None:
    key = {"user_id": 1, "game": "sdvx", "playtype": "Single"}
    texts = {"ratings": '{"VF6":null}', "classes": '{"dan":"DAN_3"}'}
    (document,) = documents.game_stats(pl.DataFrame([key | texts]))
    assert document == {
        "userID": 1,
        "game": "sdvx",
        "playtype": "Single",
        "ratings": {"VF6": None},
        "classes": {"dan": "DAN_3"},
    }


def test_an_achievement_says_from_which_class_to_which() -> None:
    key = {"user_id": 1, "game": "sdvx", "playtype": "Single", "class_set": "dan"}
    classes = pl.DataFrame([key | {"class_old_value": None, "class_value": "DAN_3"}])
    (document,) = documents.class_achievements(classes.with_columns(time_achieved=TIME))
    assert (document["classOldValue"], document["classValue"]) == (None, "DAN_3")
    assert (document["classSet"], document["timeAchieved"]) == ("dan", NOW)


def test_an_orphan_keeps_its_record_and_its_context() -> None:
    row = {"orphan_id": "O", "import_type": "file/x", "user_id": 1, "game": "sdvx"}
    texts = {"data": '{"title": "é"}', "context": "{}", "message": "No such song."}
    frame = pl.DataFrame([row | texts]).with_columns(time_inserted=TIME)
    (document,) = documents.orphans(frame)
    assert (document["data"], document["context"]) == ({"title": "é"}, {})
    assert (document["errMsg"], document["timeInserted"]) == ("No such song.", NOW)


def test_songs_and_charts_are_decoded() -> None:
    song = {"song_id": 1, "title": "t", "artist": "a", "alt_titles": ["b"], "search_terms": []}
    chart = {"chart_id": "c", "song_id": 1, "playtype": "Single", "difficulty": "EXH"}
    more = {"level": "15+", "level_num": 15.5, "is_primary": True, "versions": ["exceed"]}
    (first,) = documents.songs(pl.DataFrame([song | {"data": '{"x": 1}'}]))
    (second,) = documents.charts(pl.DataFrame([chart | more | {"data": '{"y": 2}'}]))
    assert (first["id"], first["altTitles"], first["data"]) == (1, ["b"], {"x": 1})
    assert (second["chartID"], second["levelNum"], second["data"]) == ("c", 15.5, {"y": 2})


def test_a_chart_in_the_queue_has_placeholders_for_the_ids_it_lacks() -> None:
    chart, song = json.dumps({"chartID": "c"}), json.dumps({"title": "t"})
    row = {"game": "bms", "playtype": "7K", "chart": chart, "song": song, "user_ids": [2, 1]}
    (document,) = documents.chart_queue(pl.DataFrame([row]))
    assert document == {
        "gptString": "bms:7K",
        "chartDoc": {"chartID": "c", "songID": 0},
        "songDoc": {"title": "t", "id": 0},
        "userIDs": [2, 1],
    }
