"""The third stage: every datapoint gets its outcome, and nothing is written."""

import tachi_data as td
from tachi_data.importing import Judged, match, parse, validate
from tests.importing.world import NOW, job, score


def judged(store: td.Store, *jobs: td.ImportJob) -> Judged:
    with store.read() as con:
        return validate(match(parse(jobs, now=NOW), con), con)


def test_a_good_score_is_complete(store: td.Store) -> None:
    done = judged(store, job(score()))
    assert done.datapoints["outcome"].to_list() == ["ScoreImported"]
    row = done.scores["iidx"].row(0, named=True)
    assert row["score_id"].startswith("T")
    assert (row["percent"], row["grade"]) == (75.0, "A")


def test_a_score_above_the_chart_is_invalid(store: td.Store) -> None:
    (row,) = judged(store, job(score(score=2001))).datapoints.rows(named=True)
    assert row["outcome"] == "InvalidDatapoint"
    assert "score" in row["message"]


def test_the_same_score_twice_counts_once(store: td.Store) -> None:
    done = judged(store, job(score(), score()))
    assert done.datapoints["outcome"].to_list() == ["ScoreImported", "Skipped"]


def test_a_score_from_the_future_is_invalid(store: td.Store) -> None:
    late = score(timeAchieved=NOW + 2 * 24 * 60 * 60 * 1000)
    assert judged(store, job(late)).datapoints["outcome"].to_list() == ["InvalidDatapoint"]


def test_every_datapoint_has_exactly_one_outcome_in_order(store: td.Store) -> None:
    done = judged(store, job(score("Nowhere"), score(), 7), job(score(score=-1), user_id=2))
    assert done.datapoints["row"].to_list() == [0, 1, 2] or done.matched.refused
    assert done.datapoints["outcome"].null_count() == 0


def test_validating_writes_nothing(store: td.Store) -> None:
    judged(store, job(score(), score("Nowhere")))
    for table in ("orphans", "users", "scores_iidx", "sessions", "pbs_iidx"):
        assert store.query(f"FROM {table}").is_empty()
