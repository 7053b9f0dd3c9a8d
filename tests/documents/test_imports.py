"""ImportDocuments: put together from frames, stored without their long lists, and read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl

from tachi_data.documents.imports import (
    ImportDocuments,
    import_documents,
    stored_import,
    stored_imports,
)
from tachi_data.standings.goals.update import GOAL_CHANGES, QUEST_CHANGES
from tachi_data.store import insert
from tests.standings.tables import store_scores, tables

Rows = Sequence[tuple[Any, ...]]
DATAPOINTS = {
    "source": pl.Int64,
    "outcome": pl.String,
    "message": pl.String,
    "score_id": pl.String,
    "playtype": pl.String,
    "orphan_id": pl.String,
}
SESSIONS = {"source": pl.Int64, "session_id": pl.String, "is_new": pl.Boolean}
DELTAS = {
    "source": pl.Int64,
    "game": pl.String,
    "set": pl.String,
    "playtype": pl.String,
    "old": pl.String,
    "new": pl.String,
}


def imports(*sources: int) -> pl.DataFrame:
    row = {"import_type": "file/x", "user_intent": True, "game": "iidx"}
    times = {"time_started": 10, "time_finished": 20}
    rows = [{"source": s, "import_id": f"I{s}", "user_id": s} | row | times for s in sources]
    return pl.DataFrame(rows)


def made(
    *sources: int,
    datapoints: Rows = (),
    sessions: Rows = (),
    deltas: Rows = (),
    goals: Rows = (),
    quests: Rows = (),
) -> ImportDocuments:
    listed = (
        (datapoints, DATAPOINTS),
        (sessions, SESSIONS),
        (deltas, DELTAS),
        (goals, GOAL_CHANGES),
        (quests, QUEST_CHANGES),
    )
    frames = (pl.DataFrame(list(rows), schema=schema, orient="row") for rows, schema in listed)
    return import_documents(imports(*sources), *frames)


def documents(*sources: int, **rows: Rows) -> list[dict[str, Any]]:
    found = made(*sources, **rows)
    return [found.document(place) for place in range(len(found))]


def imported(source: int, score_id: str, playtype: str = "SP") -> tuple[Any, ...]:
    return (source, "ScoreImported", None, score_id, playtype, None)


def test_an_import_of_nothing_has_empty_lists() -> None:
    (document,) = documents(1)
    empty = [key for key, value in document.items() if value == []]
    assert sorted(empty) == [
        "classDeltas",
        "createdSessions",
        "errors",
        "goalInfo",
        "idStrings",
        "playtypes",
        "questInfo",
        "scoreIDs",
    ]
    assert (document["importID"], document["userID"], document["userIntent"]) == ("I1", 1, True)
    assert (document["timeStarted"], document["timeFinished"]) == (10, 20)


def test_documents_come_in_the_order_of_the_imports() -> None:
    found = documents(2, 1, datapoints=[imported(1, "a"), imported(2, "b")])
    assert [(d["importID"], d["scoreIDs"]) for d in found] == [("I2", ["b"]), ("I1", ["a"])]


def test_score_ids_stand_in_the_order_of_their_datapoints() -> None:
    (document,) = documents(1, datapoints=[imported(1, "z"), imported(1, "a"), imported(1, "m")])
    assert document["scoreIDs"] == ["z", "a", "m"]


def test_playtypes_are_each_listed_once_as_they_appear() -> None:
    rows = [imported(1, "a", "DP"), imported(1, "b", "SP"), imported(1, "c", "DP")]
    (document,) = documents(1, datapoints=rows)
    assert document["playtypes"] == ["DP", "SP"]
    assert document["idStrings"] == ["iidx:DP", "iidx:SP"]


def test_datapoints_that_failed_are_errors_and_skipped_ones_are_not() -> None:
    rows = [
        (1, "SongOrChartNotFound", "No song x.", None, None, "O1"),
        (1, "Skipped", "Known.", "a", "SP", None),
        (1, "InvalidDatapoint", 'Bad ,"orphanID":null lamp.', None, None, None),
    ]
    (document,) = documents(1, datapoints=rows)
    assert document["scoreIDs"] == []
    assert document["errors"] == [
        {"type": "SongOrChartNotFound", "message": "No song x.", "orphanID": "O1"},
        {"type": "InvalidDatapoint", "message": 'Bad ,"orphanID":null lamp.'},
    ]


def test_sessions_are_created_or_appended() -> None:
    (document,) = documents(1, sessions=[(1, "Q2", True), (1, "Q1", False)])
    assert document["createdSessions"] == [
        {"sessionID": "Q2", "type": "Created"},
        {"sessionID": "Q1", "type": "Appended"},
    ]


def test_class_deltas_keep_their_order() -> None:
    rows = [(1, "iidx", "dan", "SP", None, "DAN_1"), (1, "iidx", "dan", "DP", "DAN_1", "DAN_2")]
    (document,) = documents(1, deltas=rows)
    assert document["classDeltas"] == [
        {"game": "iidx", "set": "dan", "playtype": "SP", "old": None, "new": "DAN_1"},
        {"game": "iidx", "set": "dan", "playtype": "DP", "old": "DAN_1", "new": "DAN_2"},
    ]


def test_goals_and_quests_show_what_changed() -> None:
    none = dict.fromkeys(dict(GOAL_CHANGES["old"]))
    goal = (1, 1, "G", none, none | {"achieved": True})
    quest = (1, 1, "Q", {"progress": 0, "achieved": False}, {"progress": 1, "achieved": True})
    (document,) = documents(1, goals=[goal], quests=[quest])
    (entry,) = document["goalInfo"]
    names = ["achieved", "outOf", "outOfHuman", "progress", "progressHuman"]
    assert (entry["goalID"], sorted(entry["old"])) == ("G", names)
    assert (entry["new"]["achieved"], entry["new"]["progress"]) == (True, None)
    assert document["questInfo"] == [{"questID": "Q", "old": quest[3], "new": quest[4]}]


def test_the_stored_text_has_no_long_lists() -> None:
    rows = [imported(1, "a"), (1, "InvalidDatapoint", "Bad.", None, None, None)]
    found = made(1, datapoints=rows, sessions=[(1, "Q", True)])
    stored = json.loads(found.texts[0])
    assert [stored[key] for key in ("scoreIDs", "errors", "createdSessions")] == [[], [], []]
    assert stored == found.document(0) | {"scoreIDs": [], "errors": [], "createdSessions": []} | {
        "skipped": 0
    }
    assert found.document(0)["scoreIDs"] == ["a"]


def test_answers_count_what_was_skipped_and_have_remarks_where_there_are_some() -> None:
    rows = [
        (1, "Skipped", "Known.", "a", "SP", None),
        (2, "ScoreImported", 'Took "x" for "y".', "b", "SP", None),
    ]
    found = made(1, 2, 3, datapoints=rows)
    answers = [found.answer(place) for place in range(3)]
    more = [{"skipped": 1}, {"skipped": 0, "remarks": [rows[1][2]]}, {"skipped": 0}]
    assert answers == [found.document(place) | more[place] for place in range(3)]
    assert [json.loads(text) for text in found.texts] == [a | {"scoreIDs": []} for a in answers]


def test_whole_numbers_of_goals_are_stored_as_integers() -> None:
    old = {
        "progress": 5.0,
        "progress_human": '"progress":5.0,',
        "out_of": 7.0,
        "out_of_human": "7.0",
        "achieved": False,
    }
    found = made(1, goals=[(1, 1, "G", old, old | {"progress": 5.25})])
    (change,) = found.document(0)["goalInfo"]
    assert json.dumps(change["old"]["progress"]) == "5"
    assert json.loads(found.texts[0])["goalInfo"] == [change]
    assert (change["new"]["progress"], change["old"]["progressHuman"]) == (5.25, '"progress":5.0,')
    assert '"outOf":7,' in found.texts[0]


def stored(found: ImportDocuments) -> duckdb.DuckDBPyConnection:
    """Tables with these documents, without their lists."""
    con = tables(c=15)
    rows = [json.loads(text) for text in found.texts]
    keys = [{"import_id": row["importID"], "user_id": row["userID"]} for row in rows]
    insert(con, "imports", pl.DataFrame(keys).with_columns(document=found.texts))
    return con


def test_a_stored_import_gets_its_lists_back_in_their_order() -> None:
    rows = [
        imported(1, "b"),
        (1, "InvalidDatapoint", "Bad é.", None, None, None),
        imported(1, "a"),
        (1, "SongOrChartNotFound", "No.", None, None, "O1"),
    ]
    found = made(1, datapoints=rows, sessions=[(1, "Q2", True), (1, "Q1", False)])
    con = stored(found)
    store_scores(
        con,
        {"score_id": "a", "import_id": "I1", "ordinal": 2},
        {"score_id": "b", "import_id": "I1", "ordinal": 1},
        {"score_id": "c", "import_id": "I2", "ordinal": 0},
    )
    errors = {"outcome": [rows[3][1], rows[1][1]], "message": [rows[3][2], rows[1][2]]}
    at = {"import_id": "I1", "position": [1, 0]}
    kept = {"orphan_id": pl.Series(["O1", None], dtype=pl.String)}
    insert(con, "problems", pl.DataFrame(errors | kept | at))
    sessions = {"session_id": ["Q1", "Q2"], "is_new": [False, True]}
    insert(con, "import_sessions", pl.DataFrame(sessions | at))
    assert stored_import(con, "I1") == found.document(0) | {"skipped": 0}


def test_a_score_that_was_deleted_is_gone_from_its_document() -> None:
    con = stored(made(1, datapoints=[imported(1, "a"), imported(1, "b")]))
    store_scores(con, {"score_id": "b", "import_id": "I1"})
    found = stored_import(con, "I1")
    assert found is not None
    assert found["scoreIDs"] == ["b"]


def test_stored_imports_come_in_the_order_that_is_asked_for() -> None:
    con = stored(made(1, 2, 3))
    wanted = pl.DataFrame({"import_id": ["I3", "I9", "I1"], "user_id": [3, 9, 1]})
    assert [d["importID"] for d in stored_imports(con, wanted)] == ["I3", "I1"]


def test_an_unknown_import_is_none() -> None:
    assert stored_import(stored(made(1)), "I9") is None
