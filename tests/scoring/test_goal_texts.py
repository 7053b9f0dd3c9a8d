"""The human texts of goals: the specification's examples, and numbers against exact arithmetic."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import GPT, Grade, Graph, gpts, iidx, names, sdvx
from tachi_data.games.goal_formats import (
    COMPACT,
    GROUPED,
    PLAIN,
    ex_score_formats,
    percent_formats,
    score_formats,
)
from tachi_data.names import snake
from tachi_data.scoring.goal_texts import (
    fixed,
    goal_name,
    number_text,
    out_of_text,
    progress_text,
)

WACCA = (
    ("AAA", 850_000.0),
    ("S", 900_000.0),
    ("S+", 930_000.0),
    ("SS", 950_000.0),
    ("SSS", 980_000.0),
)
DDR = (("E", None), ("D", 0.0), ("AA+", 950_000.0), ("AAA", 990_000.0))
MAIMAI = (("SS+", 99.5), ("SSS", 100.0), ("SSS+", 104.0))


def graded(
    boundaries: tuple[tuple[str, float | None], ...], base: GPT = sdvx.SINGLE, **changes: object
) -> GPT:
    """A game with these grades."""
    return replace(base, derived={**base.derived, "grade": Grade("score", boundaries)}, **changes)


def grade_text(gpt: GPT, grade: str, goal: str, **columns: float | None) -> str:
    pb = pl.DataFrame(
        {"grade": [grade], "goal.name": [goal], **{k: [v] for k, v in columns.items()}}
    )
    return pb.select(progress_text(gpt, "grade")).item()


def texts(values: list[float], form: object) -> list[str]:
    return pl.DataFrame({"n": values}).select(number_text(pl.col("n"), form)).to_series().to_list()


@pytest.mark.parametrize(
    ("score", "grade", "goal", "expected"),
    [
        (921_013, "S", "SSS", "(S+)-9K"),
        (901_013, "S", "SSS", "S+1K"),
        (901_013, "S", "S+", "(S+)-29K"),
        (901_013, "S", "AAA", "S+1K"),
        (931_234, "S+", "SSS", "(S+)+1.2K"),
        (949_001, "S+", "S", "SS-999"),
        (1_000_000, "SSS", "SSS", "SSS+20K"),
        # The next grade is SS, not the goal; as a pattern the goal S+ would match.
        (931_000, "S+", "S", "(S+)+1K"),
    ],
)
def test_grade_form_in_points(score: int, grade: str, goal: str, expected: str) -> None:
    assert grade_text(graded(WACCA), grade, goal, score=score) == expected


def test_a_grade_without_lower_bound_counts_from_the_next() -> None:
    gpt = graded(DDR, goal_formats=score_formats(GROUPED))
    assert grade_text(gpt, "E", "AAA", score=912_770) == "D912,770"
    assert grade_text(gpt, "AAA", "D", score=994_050) == "AAA+4,050"


@pytest.mark.parametrize(
    ("grade", "percent", "goal", "expected"),
    [
        ("SSS+", 104.2, "SSS+", "SSS+"),
        ("SSS", 100.6, "SSS+", "SSS+0.60%"),
        ("SSS", 103.4, "SS+", "(SSS+)-0.60%"),
        ("SS+", 99.55, "SSS+", "(SS+)+0.05%"),
        ("SS+", 99.55, "SSS", "SSS-0.45%"),
    ],
)
def test_a_top_grade_that_depends_on_the_chart(
    grade: str, percent: float, goal: str, expected: str
) -> None:
    gpt = graded(MAIMAI, goal_formats=percent_formats(top_varies=True))
    assert grade_text(gpt, grade, goal, percent=percent) == expected


def ex_score(score: int, notecount: int) -> dict[str, float]:
    return {
        "score": score,
        "percent": 100 * score / (2 * notecount),
        "chart.notecount": notecount,
    }


@pytest.mark.parametrize(
    ("grade", "figures", "goal", "expected"),
    [
        ("AA", {"score": 1865, "percent": 79.97, "chart.notecount": 1166}, "AAA", "AAA-208"),
        # 0 points do not tell how many there are.
        ("F", ex_score(0, 1000), "MAX", "F+0"),
        ("F", ex_score(0, 900), "E", "E-400"),
        ("MAX", ex_score(2000, 1000), "MAX", "MAX+0"),
        # Nearer to MAX-, which nobody counts from.
        ("MAX-", ex_score(1900, 1000), "AAA", "MAX-100"),
        ("AAA", ex_score(1879, 1000), "AA", "(MAX-)-10"),
    ],
)
def test_grade_form_in_ex_score(
    grade: str, figures: dict[str, float], goal: str, expected: str
) -> None:
    assert grade_text(iidx.SP, grade, goal, **figures) == expected


def test_halves_of_ex_score() -> None:
    """Half a point below AAA, and half above A: iidx rounds up, bms away from zero."""
    bms = replace(iidx.SP, goal_formats=ex_score_formats("away"))
    gpts_ = (iidx.SP, bms)
    halves = (("E", (("E", 0.0), ("D", 50.25)), 100), ("D", (("D", 49.75), ("C", 99.0)), 100))
    expected = {"E": ["D0", "D-1"], "D": ["D+1", "D+1"]}
    for grade, boundaries, score in halves:
        found = [
            grade_text(
                replace(g, derived={**g.derived, "grade": Grade("percent", boundaries)}),
                grade,
                "D",
                score=score,
                percent=50.0,
                **{"chart.notecount": 100},
            )
            for g in gpts_
        ]
        assert found == expected[grade]


@pytest.mark.parametrize(
    ("key", "columns", "expected"),
    [
        ("lamp", {"lamp": "EX HARD CLEAR", "optional.bp": 2}, "EX HARD CLEAR (BP: 2)"),
        ("lamp", {"lamp": "CLEAR", "optional.bp": None}, "CLEAR"),
        ("score", {"score": 1865}, "1865"),
        ("percent", {"percent": 90.10416666666667}, "90.10%"),
    ],
)
def test_what_a_personal_best_has(key: str, columns: dict[str, object], expected: str) -> None:
    schema = {"optional.bp": pl.Int64} if "optional.bp" in columns else None
    pb = pl.DataFrame([columns], schema_overrides=schema)
    assert pb.select(progress_text(iidx.SP, key)).item() == expected


@pytest.mark.parametrize(
    ("gpt", "key", "value", "expected"),
    [
        (iidx.SP, "lamp", 5.0, "HARD CLEAR"),
        (iidx.SP, "grade", 9.0, "MAX"),
        (iidx.SP, "score", 1500.0, "1500"),
        (iidx.SP, "percent", 50.0, "50.00%"),
        (sdvx.SINGLE, "score", 9_900_000.0, "9,900,000"),
        (sdvx.SINGLE, "lamp", 0.0, "FAILED"),
    ],
)
def test_what_a_goal_asks_for(gpt: GPT, key: str, value: float, expected: str) -> None:
    goal = pl.DataFrame({"goal.value": [value]}).with_columns(
        goal_name(gpt, key).alias("goal.name")
    )
    assert goal.select(out_of_text(gpt, key)).item() == expected


@pytest.mark.parametrize(
    ("game", "key", "columns", "expected"),
    [
        ("wacca", "grade", {"grade": "S", "score": 921_013, "goal.name": "SSS"}, "(S+)-9K"),
        ("ddr", "grade", {"grade": "E", "score": 912_770, "goal.name": "AAA"}, "D912,770"),
        ("gitadora", "grade", {"grade": "B", "percent": 63.01, "goal.name": "MAX"}, "B+0.01%"),
        ("maimaidx", "percent", {"percent": 93.44668549343699}, "93.4467%"),
        ("jubeat", "musicRate", {"music_rate": 87.25}, "87.3%"),
        ("ongeki", "platinumStars", {"platinum_stars": 3}, "★★★"),
        ("ongeki", "platinumStars", {"platinum_stars": 6}, "★★★★★(虹)"),
        ("itg", "lamp", {"lamp": "FAILED", "survived_percent": 41.5}, "Died 41.50% in"),
        ("itg", "lamp", {"lamp": "QUAD", "survived_percent": 100.0}, "QUAD"),
        (
            "itg",
            "finalPercent",
            {
                "lamp": "CLEAR",
                "final_percent": 196.25,
                "score_percent": 96.25,
                "survived_percent": 100.0,
            },
            "CLEAR with 96.25%",
        ),
    ],
)
def test_formats_of_other_games(
    game: str, key: str, columns: dict[str, object], expected: str
) -> None:
    assert pl.DataFrame([columns]).select(progress_text(gpts(game)[0], key)).item() == expected


@pytest.mark.parametrize(
    ("game", "key", "value", "expected"),
    [
        # The goal's own number of stars.
        ("ongeki", "platinumStars", 2.0, "★★"),
        ("itg", "finalPercent", 196.25, "CLEAR with 96.25%"),
        ("itg", "finalPercent", 88.5, "88.50%"),
        ("chunithm", "score", 1_007_500.0, "1,007,500"),
        ("popn", "clearMedal", 0.0, "failedCircle"),
    ],
)
def test_what_goals_of_other_games_ask_for(
    game: str, key: str, value: float, expected: str
) -> None:
    gpt = gpts(game)[0]
    goal = pl.DataFrame({"goal.value": [value]}).with_columns(
        goal_name(gpt, key).alias("goal.name")
    )
    assert goal.select(out_of_text(gpt, key)).item() == expected


@pytest.mark.parametrize("gpt", [g for n in names() for g in gpts(n)], ids=lambda g: g.id)
def test_every_metric_has_texts(gpt: GPT) -> None:
    """Formats name only columns that a personal best of the game has, or its chart."""
    columns = {snake(n) for n in gpt.metrics}
    columns |= {f"optional.{snake(n)}" for n in gpt.optional}
    columns |= {f"chart.{snake(n)}" for n in gpt.chart_data}
    for key in [n for n, m in gpt.metrics.items() if not isinstance(m, Graph)]:
        needed = set(progress_text(gpt, key).meta.root_names())
        assert needed <= columns | {"goal.value", "goal.name"}
        assert set(out_of_text(gpt, key).meta.root_names()) <= {"goal.value", "goal.name"}
    assert set(gpt.goal_formats) <= set(gpt.metrics)


@given(st.floats(0, 200), st.sampled_from([0, 1, 2, 4]))
def test_decimals_are_those_of_the_exact_value(value: float, decimals: int) -> None:
    exact = Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    found = pl.DataFrame({"n": [value, -value]}).select(fixed(pl.col("n"), decimals)).to_series()
    assert found.to_list() == [f"{exact}", f"-{exact}" if value else f"{exact}"]


@given(st.integers(0, 2_000_000))
def test_decimals_near_halves(thousandths: int) -> None:
    value = thousandths / 1000
    exact = Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert pl.DataFrame({"n": [value]}).select(fixed(pl.col("n"), 2)).item() == f"{exact}"


@given(st.integers(-(2**53), 2**53))
def test_grouped_and_plain_numbers(value: int) -> None:
    assert texts([value], GROUPED) == [f"{value:,}"]
    assert texts([value], PLAIN) == [f"{value}"]


def test_compact_numbers() -> None:
    examples = {
        0: "0",
        999: "999",
        1_000: "1K",
        1_249: "1.2K",
        1_250: "1.3K",
        9_949: "9.9K",
        9_950: "10K",
        21_013: "21K",
        -8_987: "-9K",
        999_499: "999K",
        999_500: "1M",
        4_637_924: "4.6M",
        10_000_000: "10M",
    }
    assert texts(list(examples), COMPACT) == list(examples.values())
    assert texts([1500.5], PLAIN) == ["1500.5"]
