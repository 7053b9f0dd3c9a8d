"""The columns that a game adds to the dictionary: metrics, judgements, optional metrics, ratings, chart data.

Types, bounds and names are those of the game's declaration; its sentences are made of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl

from tachi_data.games import GPT, Decimal, Enum, Graph, Integer, Metric, every_gpt
from tachi_data.names import snake
from tachi_data.tables.column import Column

# By document name. A metric that is not listed has no unit.
UNITS = {
    **dict.fromkeys(("percent", "musicRate", "gauge", "survivedPercent"), "%"),
    **dict.fromkeys(("score", "exScore", "platinumScore"), "points"),
    **dict.fromkeys(
        ("fast", "slow", "maxCombo", "bp", "comboBreak", "notecount", "stepCount"),
        "notes",
    ),
    **dict.fromkeys(
        ("epg", "egr", "egd", "ebd", "epr", "lpg", "lgr", "lgd", "lbd", "lpr"), "notes"
    ),
    **dict.fromkeys(("bellCount", "totalBellCount"), "bells"),
}


def allowed(metric: Metric) -> str:
    """Returns the values that a metric may have, in words.

    >>> allowed(Integer(0, 1_000_000)), allowed(Enum(("FAILED", "CLEAR")))
    ('a whole number from 0 to 1,000,000', 'one of FAILED, CLEAR')
    """
    if isinstance(metric, Enum):
        return f"one of {', '.join(metric.values)}"
    if isinstance(metric, Graph):
        null = " or null" if metric.nullable else ""
        return f"a list, each from {metric.minimum:g} to {metric.maximum:g}{null}"
    assert isinstance(metric, (Integer, Decimal))
    noun = "a whole number" if isinstance(metric, Integer) else "a number"
    low = "" if metric.minimum is None else _bound(metric.minimum)
    if metric.maximum is None:
        return f"{noun} of at least {low}" if low else noun
    high = _bound(metric.maximum)
    return f"{noun} from {low} to {high}" if low else f"{noun} of at most {high}"


def _bound(bound: float | pl.Expr) -> str:
    return "what the chart allows" if isinstance(bound, pl.Expr) else f"{bound:,}"


@cache
def metrics(gpt: GPT) -> dict[str, Column]:
    """Returns the columns of the provided and derived metrics."""
    provided = (_metric(n, snake(n), m, "Provided") for n, m in gpt.provided.items())
    derived = (_metric(n, snake(n), m, "Derived") for n, m in gpt.derived.items())
    return _by_name([*provided, *derived])


def _metric(name: str, column: str, metric: Metric, how: str) -> Column:
    sentence = f"{how} metric {name}: {allowed(metric)}."
    return Column(column, metric.dtype, sentence, UNITS.get(name), how != "Provided")


@cache
def group(gpt: GPT, name: str) -> dict[str, Column]:
    """Returns the columns of one group: ``judgements``, ``optional`` or ``ratings``."""
    if name == "judgements":
        return _by_name(
            Column(
                f"judgements.{snake(n)}",
                pl.Int64(),
                f"How many notes were judged {n}.",
                "notes",
                True,
            )
            for n in gpt.judgements
        )
    if name == "optional":
        return _by_name(
            _metric(n, f"optional.{snake(n)}", m, "Optional") for n, m in gpt.optional.items()
        )
    return _by_name(
        Column(f"ratings.{snake(n)}", pl.Float64(), f"The rating {n} of the score.", None, True)
        for n in gpt.ratings
    )


@cache
def chart_columns(gpt: GPT) -> dict[str, Column]:
    """Returns the columns of the matched chart and its song."""
    declared = [("chart", n, d) for n, d in gpt.chart_data.items()]
    declared += [("song", n, d) for n, d in gpt.song_data.items()]
    members = (
        Column(f"{of}.{snake(n)}", dtype, f"The {of}'s {n} in the catalogue.", UNITS.get(n), True)
        for of, n, dtype in declared
    )
    return _by_name(
        [
            Column("chart.playtype", pl.String(), "The playtype of the chart.", None, True),
            Column("chart.difficulty", pl.String(), "The difficulty of the chart.", None, True),
            Column("chart.level_num", pl.Float64(), "The level of the chart.", "level", True),
            *members,
        ]
    )


@cache
def of_game(game: str) -> dict[str, Column]:
    """Returns all columns that a game adds, of all its playtypes and in either generation.

    >>> of_game("iidx")["optional.bp"].sentence
    'Optional metric bp: a whole number of at least 0.'
    """
    found: dict[str, Column] = {}
    for gpt in every_gpt(game):
        groups = (group(gpt, name) for name in ("judgements", "optional", "ratings"))
        for columns in (metrics(gpt), *groups, chart_columns(gpt)):
            found |= {n: c for n, c in columns.items() if n not in found}
    return found


def _by_name(columns: Iterable[Column]) -> dict[str, Column]:
    return {column.name: column for column in columns}
