"""The human texts of goals, as expressions: ``HARD CLEAR (BP: 2)``, ``AAA-208``, ``(S+)-9K``.

Numbers are written as the reference server's JavaScript writes them: decimals are those of the
exact binary value, a half goes away from zero, and a negative number that becomes 0 keeps its sign.

>>> numbers = pl.DataFrame({"n": [921.0, -9250.0, 9950.0, 999500.0, 1534567.0]})
>>> numbers.select(number_text(pl.col("n"), COMPACT)).to_series().to_list()
['921', '-9.3K', '10K', '1M', '1.5M']
>>> numbers.select(number_text(pl.col("n"), GROUPED)).to_series().to_list()
['921', '-9,250', '9,950', '999,500', '1,534,567']
"""

from __future__ import annotations

import polars as pl

from tachi_data.games import GPT, Enum, Grade
from tachi_data.games.goal_formats import (
    COMPACT,
    GOAL_VALUE,
    GROUPED,
    PLAIN,
    GoalFormat,
    GradeForm,
    NumberFormat,
    Shown,
    Template,
    Text,
    number,
)
from tachi_data.games.words import chart, half_up, metric, scaled

__all__ = ["COMPACT", "GROUPED", "number_text", "out_of_text", "progress_text"]

GOAL_NAME = "goal.name"


def progress_text(gpt: GPT, key: str) -> pl.Expr:
    """What a personal best has of a metric; over its columns, ``goal.value`` and ``goal.name``."""
    form = _format(gpt, key).progress
    return _grade_form(gpt, key, form) if isinstance(form, GradeForm) else _template(form)


def out_of_text(gpt: GPT, key: str) -> pl.Expr:
    """What a goal asks for of a metric; over ``goal.value`` and ``goal.name``."""
    form = _format(gpt, key).out_of
    return pl.col(GOAL_NAME) if form is None else _template(form)


def goal_name(gpt: GPT, key: str) -> pl.Expr:
    """The name of the enum value that a goal asks for; null where there is none."""
    asked = gpt.metrics.get(key)
    names = asked.values if isinstance(asked, Enum) else ()
    indexes = [float(i) for i in range(len(names))]
    return GOAL_VALUE.replace_strict(indexes, list(names), default=None, return_dtype=pl.String)


def _format(gpt: GPT, key: str) -> GoalFormat:
    """The declared format of a metric or rating; else an enum's name, or a plain number."""
    if key.startswith("ratings."):
        decimals = gpt.ratings[key.removeprefix("ratings.")].decimals
        return number(key, NumberFormat("fixed", decimals))
    if key in gpt.goal_formats:
        return gpt.goal_formats[key]
    if isinstance(gpt.metrics[key], Enum):
        return GoalFormat(Template((Shown(metric(key)),)))
    return GoalFormat(Template((Shown(metric(key), PLAIN),)), Template((Shown(GOAL_VALUE, PLAIN),)))


def _template(template: Template) -> pl.Expr:
    text = _joined(template.parts)
    for condition, parts in reversed(template.cases):
        text = pl.when(condition).then(_joined(parts)).otherwise(text)
    return text


def _joined(parts: Text) -> pl.Expr:
    return pl.concat_str(_part(part) for part in parts)


def _part(part: str | Shown) -> pl.Expr:
    if isinstance(part, str):
        return pl.lit(part)
    return part.value if part.number is None else number_text(part.value, part.number)


# --- numbers -------------------------------------------------------------------------------------


def number_text(value: pl.Expr, form: NumberFormat) -> pl.Expr:
    """A number as text in one of the styles of `NumberFormat`."""
    styles = {"plain": _plain, "grouped": _grouped, "compact": _compact}
    style = styles.get(form.style)
    text = fixed(value, form.decimals) if style is None else style(value)
    return text + form.suffix if form.suffix else text


def _plain(value: pl.Expr) -> pl.Expr:
    """Shortest digits; a whole number without a decimal point."""
    number = value.cast(pl.Float64)
    whole = number.cast(pl.Int64, strict=False)
    return (
        pl.when(whole.cast(pl.Float64) == number)
        .then(whole.cast(pl.String))
        .otherwise(number.cast(pl.String))
    )


def _grouped(value: pl.Expr) -> pl.Expr:
    """``1,234,567``; for whole numbers."""
    whole = value.cast(pl.Int64)
    # There is no look-ahead in these regular expressions, so groups of three are cut from behind.
    backwards = whole.abs().cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},")
    return _sign(whole < 0) + backwards.str.reverse().str.strip_prefix(",")


def _compact(value: pl.Expr) -> pl.Expr:
    """``999``, ``1.2K``, ``21K``, ``1.5M``: two digits, or whole units where those have more."""
    whole = value.cast(pl.Int64)
    size = whole.abs()
    text = size.cast(pl.String)
    for unit, letter in ((1_000, "K"), (1_000_000, "M"), (1_000_000_000, "B")):
        # 999,500 is 1M, not 1000K.
        start = unit if unit == 1_000 else unit - unit // 2_000
        text = pl.when(size >= start).then(_in_units(size, unit) + letter).otherwise(text)
    return _sign(whole < 0) + text


def _in_units(size: pl.Expr, unit: int) -> pl.Expr:
    tenths = (size * 10 + unit // 2) // unit
    units = ((size + unit // 2) // unit).cast(pl.String)
    short = (tenths // 10).cast(pl.String) + pl.when(tenths % 10 == 0).then(pl.lit("")).otherwise(
        pl.lit(".") + (tenths % 10).cast(pl.String)
    )
    return pl.when(tenths < 100).then(short).otherwise(units)


def fixed(value: pl.Expr, decimals: int) -> pl.Expr:
    """With so many decimals, as ``toFixed`` of JavaScript.

    >>> values = pl.DataFrame({"v": [1.005, 1.115, 88.125, 8.345, -0.001, 100.0]})
    >>> values.select(fixed(pl.col("v"), 2)).to_series().to_list()
    ['1.00', '1.11', '88.13', '8.35', '-0.00', '100.00']
    """
    number = value.cast(pl.Float64)
    scale: int = 10**decimals
    rounded = scaled(number.abs(), scale)
    text = (rounded // scale).cast(pl.String)
    if decimals:
        text = text + "." + (rounded % scale).cast(pl.String).str.zfill(decimals)
    return _sign(number < 0) + text


def _sign(is_negative: pl.Expr) -> pl.Expr:
    return pl.when(is_negative).then(pl.lit("-")).otherwise(pl.lit(""))


# --- grades --------------------------------------------------------------------------------------


def _grade_form(gpt: GPT, key: str, form: GradeForm) -> pl.Expr:
    """A grade and the distance to the nearer bound, or to the goal if that is the next grade."""
    graded = gpt.metrics[key]
    assert isinstance(graded, Grade), f"{gpt.id} shows {key} as a grade, which it is not."
    names = list(graded.values)
    bounds = [None if bound is None else float(bound) for _, bound in graded.boundaries]
    grade, value = metric(key), metric(form.of).cast(pl.Float64)
    low = grade.replace_strict(names, bounds, default=None, return_dtype=pl.Float64)
    high = grade.replace_strict(names, [*bounds[1:], None], default=None, return_dtype=pl.Float64)
    above = grade.replace_strict(names, [*names[1:], None], default=None, return_dtype=pl.String)
    lower = _titled(grade) + "+" + _distance(value - low, form)
    upper = _titled(above) + _distance(value - high, form)
    is_next = above == pl.col(GOAL_NAME)
    no_lower = low.is_null() | grade.is_in(form.never_above)
    nearer = (
        pl.when(is_next | no_lower | (value - low >= high - value)).then(upper).otherwise(lower)
    )
    if form.top_varies:
        nearer = pl.when(is_next & (above == names[-1])).then(lower).otherwise(nearer)
    return pl.when(above.is_null()).then(grade if form.top_varies else lower).otherwise(nearer)


def _titled(grade: pl.Expr) -> pl.Expr:
    """A grade whose name ends in a sign is put in parentheses: ``(S+)+1K``."""
    return pl.when(grade.str.contains(r"[+-]$")).then(pl.lit("(") + grade + ")").otherwise(grade)


def _distance(difference: pl.Expr, form: GradeForm) -> pl.Expr:
    if not form.ex_score:
        return number_text(difference, form.number)
    score, percent = metric("score").cast(pl.Float64), metric("percent")
    # A score of 0 does not tell what 100 % is.
    maximum = (
        pl.when(score == 0)
        .then(chart("notecount") * 2.0)
        .otherwise((score / (percent / 100)).floor())
    )
    points = difference / 100 * maximum
    return number_text(half_up(points), PLAIN) if form.ex_score == "up" else fixed(points, 0)
