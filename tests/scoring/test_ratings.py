"""Session and profile ratings, and the classes that follow from them."""

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import gpt
from tachi_data.scoring.classes import derived_classes
from tachi_data.scoring.ratings import profile_ratings, session_ratings

IIDX, SDVX, ITG = gpt("iidx", "SP"), gpt("sdvx", "Single"), gpt("itg", "Stamina")
CHUNITHM, WACCA = gpt("chunithm", "Single"), gpt("wacca", "Single")
DDR, JUBEAT, ONGEKI = gpt("ddr", "SP"), gpt("jubeat", "Single"), gpt("ongeki", "Single")


def pbs(alg: str, values: list[float | None], user: int = 1, **more: Any) -> pl.DataFrame:
    """A primary personal best of one player for each value."""
    columns: dict[str, Any] = {
        "user_id": pl.Series([user] * len(values), dtype=pl.Int64),
        "is_primary": pl.Series([True] * len(values), dtype=pl.Boolean),
        "song_id": range(len(values)),
        f"ratings.{alg}": pl.Series(values, dtype=pl.Float64),
    }
    return pl.DataFrame(columns | more)


def users(*ids: int) -> pl.DataFrame:
    return pl.DataFrame({"user_id": ids}, schema={"user_id": pl.Int64})


def sessions(alg: str, values: list[float | None]) -> pl.DataFrame:
    ratings = pl.Series(values, dtype=pl.Float64)
    return pl.DataFrame({"session_id": ["s"] * len(values), f"ratings.{alg}": ratings})


# --- sessions ------------------------------------------------------------------------------------


def test_a_session_is_worth_the_mean_of_its_ten_best() -> None:
    scores = sessions("rate", [float(n) for n in range(1, 13)])
    assert session_ratings(scores, WACCA)["ratings.rate"].to_list() == [7.5]


def test_a_session_with_too_few_rated_scores_has_no_rating() -> None:
    scores = sessions("rate", [1.0] * 9 + [None])
    assert session_ratings(scores, WACCA)["ratings.rate"].to_list() == [None]


def test_volforce_of_a_session_is_that_of_a_whole_profile() -> None:
    scores = sessions("vf6", [0.4] * 10)
    rated = session_ratings(scores, SDVX)["ratings.profile_vf6"].to_list()
    assert rated == [pytest.approx(20, rel=1e-12)]


def test_five_blocks_make_a_session() -> None:
    scores = sessions("block_rating", [12.0, 13, 14, 15, 16, 1])
    assert session_ratings(scores, ITG)["ratings.block_rating"].to_list() == [14]


def test_sessions_are_told_apart_by_several_columns() -> None:
    scores = pl.DataFrame({"source": [2, 1, 2], "session_id": ["a", "a", "a"]})
    rated = session_ratings(
        scores.with_columns(pl.lit(1.0).alias("ratings.rate")), WACCA, ["source"]
    )
    assert rated.to_dict(as_series=False) == {"source": [2, 1], "ratings.rate": [None, None]}


# --- profiles ------------------------------------------------------------------------------------


def test_a_mean_is_over_the_full_number_even_of_fewer() -> None:
    rated = profile_ratings(pbs("sieglinde", [10.0, None, 20.0]), gpt("bms", "7K"), users(1))
    assert rated["ratings.sieglinde"].to_list() == [1.5]


def test_scaled_values_are_rounded_and_the_mean_floored() -> None:
    # round(1234.5) and round(1234.4), so 2469 / 50 = 49.38.
    rated = profile_ratings(pbs("rating", [12.345, 12.344]), CHUNITHM, users(1))
    assert rated["ratings.naive_rating"].to_list() == [0.49]


def test_whole_means_are_not_lost_to_floating_point() -> None:
    for n in range(1, 60):
        players = pl.concat([pbs("rating", [n / 2] * 50, user) for user in (1, 2)])
        rated = profile_ratings(players, CHUNITHM, users(1, 2))
        assert rated["ratings.naive_rating"].to_list() == [n / 2, n / 2]


def test_some_ratings_need_all_personal_bests() -> None:
    ratings = pl.concat([pbs("bpi", [50.0] * 19, 1), pbs("bpi", [50.0] * 21, 2)])
    ratings = ratings.with_columns(pl.lit(1.0).alias("ratings.kt_lamp_rating"))
    rated = profile_ratings(ratings, IIDX, users(2, 1, 3))
    assert rated["ratings.bpi"].to_list() == [50, None, None]
    assert rated["ratings.kt_lamp_rating"].to_list() == [1, 0.95, None]


def test_only_primary_charts_count() -> None:
    ratings = pbs("vf6", [0.4, 0.3]).with_columns(is_primary=pl.Series([False, True]))
    assert profile_ratings(ratings, SDVX, users(1))["ratings.vf6"].to_list() == [0.3]


def test_flare_skill_counts_thirty_of_each_category() -> None:
    values = [100.0] * 31 + [7, 50]
    categories = ["GOLD"] * 31 + ["WHITE", "NONE"]
    ratings = pbs("flare_skill", values, **{"song.flare_category": categories})
    others = pbs("flare_skill", [50.0], 2, **{"song.flare_category": ["NONE"]})
    rated = profile_ratings(pl.concat([ratings, others]), DDR, users(1, 2, 3))
    assert rated["ratings.flare_skill"].to_list() == [3007, 0, None]


def test_jubility_takes_one_mode_of_a_chart_and_other_charts_too() -> None:
    ratings = pbs(
        "jubility",
        [90.0, 95.5, 80, 70],
        is_primary=[True, False, True, True],
        song_id=[1, 1, 1, 2],
        **{
            "chart.difficulty": ["EXT", "HARD EXT", "ADV", "EXT"],
            "song.display_version": ["ave", "ave", "ave", None],
        },
    )
    rated = profile_ratings(ratings, JUBEAT, users(1, 2))
    assert rated["ratings.jubility"].to_list() == [245.5, 0]
    assert rated["ratings.naive_jubility"].to_list() == [240, None]


def test_refresh_rates_scores_a_fifth_higher_and_adds_stars() -> None:
    ratings = pbs("score_rating", [18.0] * 60).with_columns(
        pl.lit(1.0).alias("ratings.rating"), pl.lit(0.5).alias("ratings.star_rating")
    )
    rated = profile_ratings(ratings, ONGEKI, users(1, 2))
    assert rated["ratings.naive_rating_refresh"].to_list() == [22.1, 0]


@given(st.randoms(use_true_random=False))
def test_many_players_at_once_are_rated_like_each_alone(rng: random.Random) -> None:
    players = [
        pbs("rating", [rng.choice([None, round(rng.uniform(0, 17), 2)]) for _ in range(n)], user)
        for user, n in enumerate((0, 1, 49, 50, 70))
    ]
    mixed = pl.concat(players).sample(fraction=1, shuffle=True, seed=rng.randrange(1000))
    together = profile_ratings(mixed, CHUNITHM, users(0, 1, 2, 3, 4))
    alone = [profile_ratings(p, CHUNITHM, users(i)) for i, p in enumerate(players)]
    assert together.equals(pl.concat(alone))


# --- classes -------------------------------------------------------------------------------------


def test_classes_follow_their_thresholds() -> None:
    profile = pl.DataFrame(
        {"user_id": range(5), "ratings.naive_rate": [None, 0.0, 299.9, 300.0, 9e9]}
    )
    assert derived_classes(profile, WACCA).to_dict(as_series=False) == {
        "user_id": [0, 1, 2, 3, 4],
        "classes.colour": [None, "ASH", "ASH", "NAVY", "RAINBOW"],
    }


def test_games_without_derived_classes_derive_none() -> None:
    profile = pl.DataFrame({"user_id": [1], "ratings.bpi": [1.0], "ratings.kt_lamp_rating": [1.0]})
    assert derived_classes(profile, IIDX).columns == ["user_id"]
