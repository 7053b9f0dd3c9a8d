"""Some rules of each game, with results that can be worked out on paper."""

from typing import Any

import pytest

from tachi_data.games import gpt
from tachi_data.names import snake
from tachi_data.scoring.metrics import derive, rate
from tests.games.frames import score_frame

FULL_TIER = {f"chart.{name}_tier": {"value": v} for name, v in (("nc", 11.0), ("exhc", 12.5))}
BPI_CHART = {
    "chart.notecount": 1000,
    "chart.kaiden_average": 1700,
    "chart.world_record": 1950,
    "chart.level_num": 12,
}
BELL = {"bell_lamp": "FULL BELL", "chart.in_game_id": 1}
NO_BELL = {"bell_lamp": "NONE", "chart.in_game_id": 1}


def scored(game: str, score: dict[str, Any]) -> dict[str, Any]:
    """A score alone with what follows from it; also checks that company changes nothing."""
    name, _, playtype = game.partition(":")
    value = gpt(name, playtype)
    alone = rate(derive(score_frame(value, [score]), value), value)
    others = [{"chart_id": "x"}, score, {"chart_id": "y", "chart.level_num": 3}, score]
    together = rate(derive(score_frame(value, others), value), value)
    assert alone.equals(together[1]), "a score is worth the same in company"
    assert alone.equals(together[3])
    return alone.row(0, named=True)


@pytest.mark.parametrize(
    ("game", "alg", "score", "rating"),
    [
        ("arcaea:Touch", "potential", {"score": 10_000_500, "level": 9.7}, 11.7),
        ("arcaea:Touch", "potential", {"score": 9_900_000, "level": 9.7}, 11.2),
        ("arcaea:Touch", "potential", {"score": 9_499_999, "level": 9.7}, 9.69),
        ("arcaea:Touch", "potential", {"score": 0, "level": 9.7}, 0),
        ("bms:7K", "sieglinde", {"lamp": "HARD CLEAR", "chart.sgl_ec": 9.5}, 9.5),
        ("bms:7K", "sieglinde", {"lamp": "EASY CLEAR", "chart.sgl_hc": 9.5}, 0),
        ("pms:Keyboard", "sieglinde", {"lamp": "FULL COMBO", "chart.sgl_hc": 9.5}, 9.5),
        # The level is not rounded: these two lose a hundredth, the third does not.
        ("chunithm:Single", "rating", {"score": 975_000, "level": 8.7}, 8.69),
        ("chunithm:Single", "rating", {"score": 1_000_000, "level": 8.7}, 9.69),
        ("chunithm:Single", "rating", {"score": 1_009_000, "level": 8.7}, 10.85),
        ("chunithm:Single", "rating", {"score": 499_999, "level": 8.7}, 0),
        ("ddr:SP", "flareSkill", {"lamp": "CLEAR", "optional.flare": "EX", "level": 19}, 1064),
        ("ddr:SP", "flareSkill", {"lamp": "ASSIST", "level": 1}, 145),
        ("ddr:DP", "flareSkill", {"lamp": "FAILED", "level": 99}, 0),
        ("gitadora:Dora", "skill", {"percent": 0.7, "level": 8.5}, 1.18),
        ("iidx:SP", "ktLampRating", {"lamp": "EX HARD CLEAR", **FULL_TIER}, 12.5),
        ("iidx:SP", "ktLampRating", {"lamp": "HARD CLEAR", **FULL_TIER}, 11),
        ("iidx:SP", "ktLampRating", {"lamp": "EASY CLEAR", **FULL_TIER}, 0),
        ("iidx:DP", "ktLampRating", {"lamp": "EASY CLEAR", "level": 10}, 10),
        ("iidx:SP", "BPI", {"score": 1700, **BPI_CHART}, 0),
        ("iidx:SP", "BPI", {"score": 1950, **BPI_CHART}, 100),
        ("iidx:SP", "BPI", {"score": 0, **BPI_CHART}, -15),
        ("iidx:SP", "BPI", {"score": 1700, "chart.notecount": 1000}, None),
        ("itg:Stamina", "blockRating", {"lamp": "CLEAR", "chart.ranked_level": 12}, 12),
        ("itg:Stamina", "blockRating", {"lamp": "FAILED", "chart.ranked_level": 12}, None),
        ("jubeat:Single", "jubility", {"score": 900_000, "music_rate": 90, "level": 10}, 113.6),
        ("jubeat:Single", "jubility", {"score": 699_999, "music_rate": 90, "level": 10}, 0),
        ("maimai:Single", "rate", {"percent": 97, "level": 13, "chart.max_percent": 104}, 13.5),
        ("maimai:Single", "rate", {"percent": 104, "level": 13, "chart.max_percent": 104}, 17),
        ("maimai:Single", "rate", {"percent": 9.9, "level": 13, "chart.max_percent": 104}, 0),
        ("maimaidx:Single", "rate", {"percent": 100.5, "level": 14}, 315),
        ("maimaidx:Single", "rate", {"percent": 101, "level": 14}, 315),
        ("museca:Single", "curatorSkill", {"score": 666_000, "level": 15}, 998),
        ("ongeki:Single", "rating", {"score": 1_007_500, "level": 14.7, **BELL}, 16.7),
        ("ongeki:Single", "rating", {"score": 1_007_500, "level": 0, **BELL}, 0),
        ("ongeki:Single", "scoreRating", {"score": 800_000, "level": 14.7, **NO_BELL}, 8.7),
        ("ongeki:Single", "scoreRating", {"score": 1_010_000, "level": 13, **BELL}, 15.7),
        ("ongeki:Single", "scoreRating", {"score": 1_007_500, "chart.in_game_id": 7001}, 0),
        (
            "popn:9B",
            "classPoints",
            {"score": 95_000, "clear_medal": "perfect", "level": 44},
            90.0735,
        ),
        ("popn:9B", "classPoints", {"score": 50_000, "clear_medal": "perfect", "level": 44}, 0),
        # Exact arithmetic would give 0.388.
        ("sdvx:Single", "VF6", {"score": 9_700_000, "lamp": "CLEAR", "level": 20}, 0.387),
        ("usc:Keyboard", "VF6", {"score": 10_000_000, "lamp": "CLEAR", "level": 20}, 0.42),
        ("wacca:Single", "rate", {"score": 990_000, "level": 13.2}, 52.8),
        ("wacca:Single", "rate", {"score": 0, "level": 13.2}, 13.2),
    ],
)
def test_ratings(game: str, alg: str, score: dict[str, Any], rating: float | None) -> None:
    row = {"chart.level_num" if n == "level" else n: v for n, v in score.items()}
    got = scored(game, row)
    assert got["rating_error"] is False
    value = got[f"ratings.{snake(alg)}"]
    assert value == rating if rating is None else value == pytest.approx(rating, abs=1e-4)


@pytest.mark.parametrize(
    ("game", "score"),
    [
        ("arcaea:Touch", {"score": -1}),
        ("chunithm:Single", {"score": 1_010_001}),
        ("ddr:SP", {"lamp": "CLEAR", "chart.level_num": 20}),
        ("ddr:SP", {"lamp": "CLEAR", "optional.flare": "XI", "chart.level_num": 10}),
        ("gitadora:Gita", {"percent": 100.1}),
        ("iidx:SP", {"score": 2001, **BPI_CHART}),
        ("jubeat:Single", {"score": 1, "music_rate": 120.1}),
        ("maimai:Single", {"percent": 101, "chart.max_percent": 100}),
        ("maimaidx:Single", {"percent": -0.1}),
        ("museca:Single", {"score": 0, "chart.level_num": -1}),
        ("ongeki:Single", {"score": 1_010_000, "chart.level_num": 13, **NO_BELL}),
        ("popn:9B", {"score": 100_001}),
        ("sdvx:Single", {"score": 10_000_001, "lamp": "CLEAR", "chart.level_num": 20}),
        ("wacca:Single", {"score": 1_000_001}),
    ],
)
def test_ratings_that_raise_are_null_and_marked(game: str, score: dict[str, Any]) -> None:
    assert scored(game, score)["rating_error"] is True


@pytest.mark.parametrize(
    ("game", "metric", "score", "value"),
    [
        ("bms:14K", "percent", {"score": 1, "chart.notecount": 3}, 100 / 6),
        ("iidx:SP", "grade", {"score": 16, "chart.notecount": 9}, "AAA"),
        ("iidx:SP", "grade", {"score": 0, "chart.notecount": 0}, None),
        ("ddr:SP", "grade", {"score": 990_000, "lamp": "FAILED"}, "E"),
        ("ddr:SP", "grade", {"score": 990_000, "lamp": "CLEAR"}, "AAA"),
        ("itg:Stamina", "grade", {"score_percent": 100, "lamp": "QUAD"}, "★★★★"),
        ("itg:Stamina", "final_percent", {"score_percent": 98, "lamp": "QUAD"}, 198),
        ("itg:Stamina", "final_percent", {"survived_percent": 50, "lamp": "FAILED"}, 50),
        ("maimai:Single", "grade", {"percent": 101.5, "chart.max_percent": 101.5}, "SSS+"),
        ("maimai:Single", "grade", {"percent": 101.4, "chart.max_percent": 101.5}, "SSS"),
        ("museca:Single", "grade", {"score": -1}, None),
        (
            "ongeki:Single",
            "platinum_stars",
            {"platinum_score": 94, "chart.max_plat_score": 100},
            1,
        ),
        (
            "ongeki:Single",
            "platinum_stars",
            {"platinum_score": 100, "chart.max_plat_score": 100},
            6,
        ),
        ("ongeki:Single", "platinum_stars", {"platinum_score": 0, "chart.max_plat_score": 0}, None),
        ("popn:9B", "lamp", {"clear_medal": "fullComboStar"}, "FULL COMBO"),
        ("popn:9B", "grade", {"clear_medal": "failedStar", "score": 98_000}, "A"),
        ("popn:9B", "grade", {"clear_medal": "failedStar", "score": 72_000}, "B"),
    ],
)
def test_derived_metrics(game: str, metric: str, score: dict[str, Any], value: object) -> None:
    assert scored(game, score)[metric] == value


@pytest.mark.parametrize(
    ("game", "score", "failing"),
    [
        ("arcaea:Touch", {"lamp": "PURE MEMORY", "score": 9_999_999, "judgements.far": 1}, [1, 3]),
        ("bms:7K", {"score": 10, "judgements.pgreat": 5, "judgements.great": 1}, [1]),
        ("bms:7K", {"score": 10, "judgements.pgreat": 5}, []),
        ("chunithm:Single", {"note_lamp": "FULL COMBO", "score": 1_010_000}, [1]),
        ("ddr:SP", {"lamp": "FULL COMBO", "judgements.miss": 1}, []),
        ("jubeat:Single", {"lamp": "FULL COMBO", "score": 699_999}, []),
        ("jubeat:Single", {"lamp": "CLEAR", "score": 699_999}, [3]),
        ("jubeat:Single", {"lamp": "FAILED", "score": 700_000}, [3]),
        ("maimaidx:Single", {"lamp": "ALL PERFECT", "percent": 100.4}, [1]),
        ("museca:Single", {"lamp": "CLEAR", "score": 799_999}, [3]),
        ("ongeki:Single", {"note_lamp": "LOSS", "bell_lamp": "FULL BELL"}, [1]),
        ("popn:9B", {"clear_medal": "clearStar", "judgements.bad": 6, "judgements.good": 0}, [2]),
        ("popn:9B", {"clear_medal": "clearStar", "judgements.bad": 6}, []),
        ("usc:Keyboard", {"lamp": "ULTIMATE CHAIN", "score": 1, "judgements.miss": 1}, [2, 3]),
        ("wacca:Single", {"lamp": "MISSLESS", "score": 5, "judgements.miss": 6}, [2]),
    ],
)
def test_validators(game: str, score: dict[str, Any], failing: list[int]) -> None:
    name, _, playtype = game.partition(":")
    value = gpt(name, playtype)
    frame = derive(score_frame(value, [score]), value)
    fails = [frame.select(v.fails.fill_null(False)).item() for v in value.validators]
    assert [i for i, failed in enumerate(fails, 1) if failed] == failing


def test_levels_of_jubeat_charts_bound_the_music_rate() -> None:
    value = gpt("jubeat", "Single")
    rows = [{"chart.difficulty": d} for d in ("BSC", "HARD BSC", "EXT", "HARD EXT")]
    bound = value.provided["musicRate"].maximum  # type: ignore[attr-defined]
    assert score_frame(value, rows).select(bound).to_series().to_list() == [100, 120, 100, 120]


def test_matching_classes_of_maimaidx_list_a5_twice() -> None:
    values = gpt("maimaidx", "Single").classes["matchingClass"].values
    assert len(values) == 27
    assert [i for i, v in enumerate(values) if v == "A5"] == [5, 6]
    assert values.index("A4") == 7
