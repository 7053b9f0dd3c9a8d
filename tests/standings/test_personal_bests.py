"""Which scores a personal best is made of, and which stored ones are written again."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.games import gpts
from tachi_data.standings.personal_bests import (
    compute_personal_bests,
    new_personal_bests,
    rebuild_personal_bests,
    store_personal_bests,
    stored_on_charts,
)
from tests.standings.tables import moment, rows_of, scores, store_scores, tables

HIGH_FAILED = {"score_id": "high", "score": 9_500_000, "lamp": "FAILED", "grade": "AA+"}
LOW_CLEAR = {"score_id": "low", "score": 9_000_000, "lamp": "CLEAR", "grade": "A+"}


def new(*rows: dict[str, Any]) -> pl.DataFrame:
    """New scores, as an import has them: with the facts of their chart."""
    return scores(*rows).with_columns(pl.lit(15.0).alias("chart.level_num"), row=pl.lit(0))


def summary(pbs: pl.DataFrame) -> list[tuple[Any, ...]]:
    return pbs.select("user_id", "chart_id", "score", "lamp").sort("user_id", "chart_id").rows()


def test_the_best_score_takes_the_best_lamp_over() -> None:
    con = tables(c=15)
    touched = store_scores(con, HIGH_FAILED, LOW_CLEAR, {"score": 8_000_000, "lamp": "FAILED"})
    pbs = compute_personal_bests(touched, "sdvx", con)
    assert summary(pbs) == [(1, "c", 9_500_000, "CLEAR")]
    assert [c["score_id"] for c in pbs["composed_from"][0]] == ["high", "low"]


def test_of_equal_scores_the_one_that_was_stored_first_counts() -> None:
    con = tables(c=15)
    touched = store_scores(con, {"score_id": "b", "ordinal": 9}, {"score_id": "a", "ordinal": 3})
    (pb,) = compute_personal_bests(touched, "sdvx", con).to_dicts()
    assert [c["score_id"] for c in pb["composed_from"]] == ["a"]
    assert pb["first_ordinal"] == 3


def test_the_merged_score_is_rated_with_the_level_of_its_chart() -> None:
    con = tables(c=15)
    touched = store_scores(con, HIGH_FAILED, LOW_CLEAR)
    pbs = compute_personal_bests(touched, "sdvx", con)
    # 15 x 2 x 0.95 x 97 x 100 / 1000, rounded down, in thousandths.
    assert pbs["ratings.vf6"].to_list() == [0.276]


def test_a_personal_best_has_the_latest_time_of_its_scores() -> None:
    con = tables(c=15)
    touched = store_scores(con, HIGH_FAILED | {"hour": 1}, LOW_CLEAR | {"hour": 2})
    pbs = compute_personal_bests(touched, "sdvx", con)
    assert pbs["time_achieved"].to_list() == pl.select(moment(2)).to_series().to_list()


def test_scores_of_other_players_and_charts_are_not_read() -> None:
    con = tables(c=15, d=15)
    store_scores(con, {"score_id": "mine"}, {"user_id": 2}, {"chart_id": "d"})
    touched = pl.DataFrame({"user_id": [1, 1], "chart_id": ["c", "c"]})
    assert stored_on_charts(touched, "sdvx", con)["score_id"].to_list() == ["mine"]


def test_players_and_charts_are_merged_apart() -> None:
    con = tables(c=15, d=15)
    touched = store_scores(con, LOW_CLEAR, HIGH_FAILED | {"user_id": 2}, {"chart_id": "d"})
    assert summary(compute_personal_bests(touched, "sdvx", con)) == [
        (1, "c", 9_000_000, "CLEAR"),
        (1, "d", 9_000_000, "CLEAR"),
        (2, "c", 9_500_000, "FAILED"),
    ]


def test_a_new_score_is_merged_with_the_earlier_ones() -> None:
    con = tables(c=15)
    earlier = stored_on_charts(store_scores(con, LOW_CLEAR), "sdvx", con)
    pbs = new_personal_bests(new(HIGH_FAILED | {"ordinal": 7}), earlier, gpts("sdvx"))
    assert summary(pbs) == [(1, "c", 9_500_000, "CLEAR")]
    assert pbs["first_ordinal"].to_list() == [0]


def test_an_earlier_score_that_stays_the_best_is_rated_with_the_level_of_its_chart() -> None:
    con = tables(c=15)
    earlier = stored_on_charts(store_scores(con, HIGH_FAILED), "sdvx", con)
    pbs = new_personal_bests(new(LOW_CLEAR | {"ordinal": 7}), earlier, gpts("sdvx"))
    assert pbs["ratings.vf6"].to_list() == [0.276]


def test_new_scores_without_earlier_ones_are_merged_alone() -> None:
    nothing = scores()
    pbs = new_personal_bests(new(HIGH_FAILED, LOW_CLEAR), nothing, gpts("sdvx"))
    assert summary(pbs) == [(1, "c", 9_500_000, "CLEAR")]


def test_a_stored_personal_best_is_replaced_and_the_others_stay() -> None:
    con = tables(c=15, d=15)
    stored = store_scores(con, LOW_CLEAR, {"chart_id": "d"}, {"user_id": 2})
    rebuild_personal_bests(stored, "sdvx", con)
    earlier = stored_on_charts(stored.head(1), "sdvx", con)
    store_personal_bests(
        new_personal_bests(new(HIGH_FAILED), earlier, gpts("sdvx")), earlier, "sdvx", con
    )
    assert rows_of(con, "pbs_sdvx", "user_id", "chart_id", "score") == [
        (1, "c", 9_500_000),
        (1, "d", 9_000_000),
        (2, "c", 9_000_000),
    ]


def test_a_personal_best_goes_with_the_last_of_its_scores() -> None:
    con = tables(c=15)
    touched = store_scores(con, LOW_CLEAR, {"user_id": 2})
    rebuild_personal_bests(touched, "sdvx", con)
    con.execute("DELETE FROM scores_sdvx WHERE user_id = 1")
    rebuild_personal_bests(touched.filter(user_id=1), "sdvx", con)
    assert rows_of(con, "pbs_sdvx", "user_id") == [(2,)]
