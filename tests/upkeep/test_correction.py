"""Corrected scores leave what imports of the right scores would have left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import tachi_data as td

NOW = 1_767_225_600_000
HOUR = 3_600_000


@pytest.fixture
def store(tmp_path: Path, sample_store: Callable[[Path], td.Store]) -> Iterator[td.Store]:
    with sample_store(tmp_path / "store.duckdb") as opened:
        yield opened


def charts(store: td.Store) -> list[str]:
    found = store.query(
        "SELECT chart_id FROM charts WHERE game = 'sdvx' AND difficulty = 'EXH' ORDER BY chart_id"
    )
    return [str(chart) for chart in found["chart_id"]]


def play(store: td.Store, chart_id: str, user: int = 1, **changes: Any) -> str:
    song = store.query("SELECT song_id FROM charts WHERE chart_id = ?", [chart_id])["song_id"][0]
    score = {
        "matchType": "tachiSongID",
        "identifier": str(song),
        "difficulty": "EXH",
        "score": 9_000_000,
        "lamp": "CLEAR",
        "timeAchieved": NOW - 24 * HOUR,
    }
    body = {
        "meta": {"game": "sdvx", "playtype": "Single", "service": "tests"},
        "scores": [score | changes],
    }
    outcome = td.import_scores(store, "ir/direct-manual", body, user_id=user, now=NOW)
    return str(outcome.datapoints["score_id"][0])


def state(store: td.Store, user: int) -> dict[str, Any]:
    """What follows from a player's scores, without what names the player or an import."""
    kinds = {
        "scores": ("chartID", "scoreData", "calculatedData", "timeAchieved", "comment"),
        "pbs": ("chartID", "scoreData", "calculatedData", "timeAchieved"),
        "sessions": ("timeStarted", "timeEnded", "calculatedData"),
        "gameStats": ("ratings", "classes"),
    }
    return {
        kind: sorted(
            repr([d.get(name) for name in names])
            for d in td.export_documents(store, kind, user_id=user)
        )
        for kind, names in kinds.items()
    }


def changes(score_id: str, **values: Any) -> pl.DataFrame:
    return pl.DataFrame({"score_id": [score_id], **{name: [v] for name, v in values.items()}})


@pytest.mark.parametrize(
    ("values", "right"),
    [
        ({"score": 9_900_000}, {"score": 9_900_000}),
        ({"lamp": "EXCESSIVE CLEAR"}, {"lamp": "EXCESSIVE CLEAR"}),
        (
            {"time_achieved": pl.Series([NOW - 25 * HOUR]).cast(pl.Datetime("ms"))[0]},
            {"timeAchieved": NOW - 25 * HOUR},
        ),
        ({"time_achieved": None}, {"timeAchieved": None}),
        ({"comment": "again"}, {"comment": "again"}),
    ],
)
def test_a_corrected_score(store: td.Store, values: dict[str, Any], right: dict[str, Any]) -> None:
    first = charts(store)[0]
    wrong = play(store, first)
    play(store, first, user=2, **right)
    answer = td.update_scores(store, 1, changes(wrong, **values), now=NOW)
    assert answer["outcome"].to_list() == ["updated"]
    assert (answer["new_score_id"][0] == wrong) == (not {"score", "lamp"} & set(values))
    assert state(store, 1) == state(store, 2)
    assert td.verify(store).is_empty()


def test_a_score_moves_to_another_chart(store: td.Store) -> None:
    first, second = charts(store)[:2]
    wrong = play(store, first)
    play(store, second, user=2)
    td.update_scores(store, 1, changes(wrong, chart_id=second), now=NOW)
    assert state(store, 1) == state(store, 2)
    assert [pb["chartID"] for pb in td.export_documents(store, "pbs", user_id=1)] == [second]
    assert td.verify(store).is_empty()


def test_a_score_that_becomes_equal_to_another_merges_into_it(store: td.Store) -> None:
    first = charts(store)[0]
    right, wrong = play(store, first), play(store, first, score=9_000_001)
    answer = td.update_scores(store, 1, changes(wrong, score=9_000_000), now=NOW)
    assert answer.rows() == [(wrong, right, "merged")]
    assert [s["scoreID"] for s in td.export_documents(store, "scores", user_id=1)] == [right]
    assert td.verify(store).is_empty()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"chart_id": "nope"}, "no sdvx chart 'nope'"),
        ({"user_id": 3}, "'user_id' of sdvx scores cannot be changed"),
        ({"scroe": 3}, "'scroe' of sdvx scores cannot be changed"),
        ({"lamp": None}, "lamp: is missing"),
        ({"lamp": "SHINY"}, "lamp: must be one of FAILED"),
        ({"score": 10_000_001}, "score: must be at most 10,000,000, got 10000001"),
        ({"score": -1}, "score: must be at least 0, got -1"),
    ],
)
def test_what_cannot_be_changed_is_refused_whole(
    store: td.Store, values: dict[str, Any], message: str
) -> None:
    score_id = play(store, charts(store)[0])
    before = state(store, 1)
    with pytest.raises(td.TachiError, match=message):
        td.update_scores(store, 1, changes(score_id, **values), now=NOW)
    assert state(store, 1) == before


def test_a_score_of_somebody_else_is_not_found(store: td.Store) -> None:
    score_id = play(store, charts(store)[0], user=2)
    with pytest.raises(td.TachiError, match=f"Player 1 has no score '{score_id}'"):
        td.update_scores(store, 1, changes(score_id, score=1), now=NOW)
