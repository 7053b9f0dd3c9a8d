"""The words that games' expressions are written with."""

import math
from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tachi_data.games import Enum
from tachi_data.games.words import divided, grade, half_up, outside, steps

VALUE = pl.col("value")


def evaluated(expression: pl.Expr, *values: float | None) -> list[object]:
    frame = pl.DataFrame({"value": values}, schema={"value": pl.Float64})
    return frame.select(result=expression).to_series().to_list()


def test_half_goes_up() -> None:
    assert evaluated(half_up(VALUE), 2.5, -2.5, 2.4999, 1e300, None) == [3, -2, 2, 1e300, None]


def test_steps_take_the_first_bound_that_is_reached() -> None:
    rated = steps(VALUE, (10, VALUE * 2), (5, 1.5), below=0.0)
    assert evaluated(rated, 12, 10, 9.99, 5, -1, None) == [24, 20, 1.5, 1.5, 0, 0]


def test_nothing_is_reached_by_nan() -> None:
    assert evaluated(steps(VALUE, (5, 1.5), below=0.0), math.nan) == [0]
    assert evaluated(grade(VALUE, (("F", 0), ("E", 1))), math.nan, -1, 0.5) == [None, None, "F"]


def test_a_grade_without_bound_is_never_reached() -> None:
    assert evaluated(grade(VALUE, (("E", None), ("D", 0), ("C", 5))), 7, 1) == ["C", "D"]


def test_bounds_are_inside() -> None:
    assert evaluated(outside(VALUE, 0, 1), 0, 1, 1.1, -0.1) == [False, False, True, True]


def test_the_index_of_a_stranger_is_null() -> None:
    lamps = pl.DataFrame({"lamp": ["CLEAR", "FAILED", "?", None]})
    index = Enum(("FAILED", "CLEAR")).index(pl.col("lamp"))
    assert lamps.select(index).to_series().to_list() == [1, 0, None, None]


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=1, max_size=40),
    st.integers(1, 10_000_000),
)
def test_a_quotient_is_the_nearest_double(values: list[float], by: int) -> None:
    wanted = [float(Fraction(value) / by) for value in values]
    assert evaluated(divided(VALUE, by), *values) == wanted
    # Also where the divisor is a column, or a column that Polars keeps as one value.
    frame = pl.DataFrame({"value": values}).with_columns(by=pl.lit(by))
    assert frame.select(q=divided(VALUE, pl.col("by"))).to_series().to_list() == wanted


def test_a_quotient_is_the_nearest_double_within_groups() -> None:
    numbers = pl.DataFrame({"value": range(1000)})
    groups = numbers.group_by("value", maintain_order=True).agg(q=divided(VALUE.sum(), 49))
    assert groups["q"].to_list() == [n / 49 for n in range(1000)]
