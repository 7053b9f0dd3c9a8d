"""A play with the result of an earlier one is skipped: the outcome names that score, the answer counts it."""

from __future__ import annotations

from typing import Any

import pytest

import tachi_data as td
from tachi_data.documents.imports import stored_import
from tests.importing.world import NOW, job, score

DAY = 86_400_000
SAME = "A play with the same result at another time is the same score."


def imported(store: td.Store, *scores: dict[str, Any]) -> td.ImportOutcome:
    (outcome,) = td.import_many(store, [job(*scores)], now=NOW)
    return outcome


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (NOW - DAY, NOW, f"played on 2025-12-31 00:00 UTC. {SAME}"),
        (NOW - DAY, NOW - DAY, "played on 2025-12-31 00:00 UTC."),
        (NOW - DAY, None, "played on 2025-12-31 00:00 UTC."),
        (None, NOW, "stored on 2026-01-01 00:00 UTC."),
    ],
)
def test_the_earlier_score_is_named(
    store: td.Store, first: int | None, second: int | None, told: str
) -> None:
    earlier = imported(store, score(timeAchieved=first))
    later = imported(store, score(timeAchieved=second))
    (row,) = later.datapoints.to_dicts()
    (score_id,) = earlier.document["scoreIDs"]
    assert (row["outcome"], row["score_id"]) == ("Skipped", score_id)
    assert row["message"] == f"The player has this score already: {score_id}, {told}"
    (stored,) = td.export_documents(store, "scores")
    assert stored["timeAchieved"] == first


def test_within_one_import_the_row_is_named(store: td.Store) -> None:
    better = score(score=1600, timeAchieved=NOW)
    again = score(timeAchieved=NOW - DAY), score(timeAchieved=NOW)
    rows = imported(store, better, *again, score()).datapoints.to_dicts()
    assert [row["outcome"] for row in rows] == ["ScoreImported"] * 2 + ["Skipped"] * 2
    earlier = (
        f"The same score occurs earlier in this import: {rows[1]['score_id']}, row 1,"
        " played on 2025-12-31 00:00 UTC."
    )
    assert [row["message"] for row in rows[2:]] == [f"{earlier} {SAME}", earlier]


def test_the_answer_counts_what_was_skipped(store: td.Store) -> None:
    first = imported(store, score(), score(), score("Nobody knows this one"))
    assert first.answer["skipped"] == 1
    assert (len(first.answer["scoreIDs"]), len(first.answer["errors"])) == (1, 1)
    assert "skipped" not in first.document  # That one is as the original server has it.
    again = imported(store, score(), score("Nobody knows this one"))
    assert (again.answer["skipped"], again.answer["scoreIDs"]) == (1, [])
    assert imported(store).answer["skipped"] == 0
    with store.read() as con:
        kept = [stored_import(con, outcome.import_id) for outcome in (first, again)]
    assert kept == [first.answer, again.answer]


def test_a_blacklisted_score_is_named(store: td.Store) -> None:
    (score_id,) = imported(store, score()).document["scoreIDs"]
    td.blacklist_scores(store, 1, [score_id])
    (row,) = imported(store, score()).datapoints.to_dicts()
    assert row["message"] == f"The player has blacklisted this score: {score_id}."
