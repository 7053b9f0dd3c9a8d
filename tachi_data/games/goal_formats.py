"""How people read the value of a metric in a goal: `GoalFormat`, declared per game and metric.

A game lists the formats of its numbers and grades; any other enum is shown by its name. What the
declarations mean as text is in `tachi_data.scoring.goal_texts`. Expressions here are over the
columns of a personal best and, for ``out_of``, over ``goal.value``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from tachi_data.names import column_of


@dataclass(frozen=True)
class NumberFormat:
    """How a number is written: as it is, ``1,234``, ``1.2K``, or with so many decimals."""

    style: Literal["plain", "grouped", "compact", "fixed"] = "plain"
    decimals: int = 0
    suffix: str = ""


PLAIN, GROUPED, COMPACT = NumberFormat(), NumberFormat("grouped"), NumberFormat("compact")
PERCENT = NumberFormat("fixed", 2, "%")
GOAL_VALUE = pl.col("goal.value")


@dataclass(frozen=True, eq=False)
class Shown:
    """A part of a text that is a value; text values (``number`` None) are shown as they are."""

    value: pl.Expr
    number: NumberFormat | None = None


Text = tuple[str | Shown, ...]


@dataclass(frozen=True, eq=False)
class Template:
    """A text of fixed and shown parts; in the first of ``cases`` that holds, that one's instead."""

    parts: Text
    cases: tuple[tuple[pl.Expr, Text], ...] = ()


@dataclass(frozen=True)
class GradeForm:
    """A grade with the distance of ``of`` to the nearer bound: ``AAA+21``, ``(S+)-9K``.

    ``ex_score`` turns a distance in percent into EX score, and says where halves are rounded;
    ``never_above`` are grades whose own bound nobody counts from. ``top_varies`` marks a highest
    grade whose bound depends on the chart: it is shown alone, and counted towards from below.
    """

    of: str
    number: NumberFormat
    ex_score: Literal["", "up", "away"] = ""
    never_above: tuple[str, ...] = ()
    top_varies: bool = False


@dataclass(frozen=True, eq=False)
class GoalFormat:
    """How a metric is shown: of a personal best, and as what a goal asks for (None: the name)."""

    progress: Template | GradeForm
    out_of: Template | None = None


def number(name: str, form: NumberFormat) -> GoalFormat:
    """A metric shown as a number on both sides."""
    return GoalFormat(
        Template((Shown(pl.col(column_of(name)), form),)), Template((Shown(GOAL_VALUE, form),))
    )


def grade(
    of: str,
    form: NumberFormat,
    *,
    ex_score: Literal["", "up", "away"] = "",
    never_above: tuple[str, ...] = (),
    top_varies: bool = False,
) -> GoalFormat:
    """A grade shown with the distance to the nearer bound; see `GradeForm`."""
    return GoalFormat(GradeForm(of, form, ex_score, never_above, top_varies))


def ex_score_formats(halves: Literal["up", "away"]) -> dict[str, GoalFormat]:
    """The formats of games that are scored by EX score; ``halves`` as `GradeForm` rounds them."""
    bp = pl.col("optional.bp")
    lamp = Shown(pl.col("lamp"))
    return {
        "score": number("score", PLAIN),
        "percent": number("percent", PERCENT),
        "lamp": GoalFormat(
            Template((lamp,), ((bp.is_not_null(), (lamp, " (BP: ", Shown(bp, PLAIN), ")")),))
        ),
        "grade": grade("percent", PERCENT, ex_score=halves, never_above=("MAX-",)),
    }


def score_formats(form: NumberFormat = COMPACT) -> dict[str, GoalFormat]:
    """The formats of games with a large whole score: grouped, with grades counted in ``form``."""
    return {"score": number("score", GROUPED), "grade": grade("score", form)}


def percent_formats(decimals: int = 2, *, top_varies: bool = False) -> dict[str, GoalFormat]:
    """The formats of games that are scored in percent."""
    form = NumberFormat("fixed", decimals, "%")
    return {
        "percent": number("percent", form),
        "grade": grade("percent", form, top_varies=top_varies),
    }
