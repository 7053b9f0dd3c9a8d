"""Personal bests: a player's scores on a chart, merged by the rules of the game.

The base is the best score by the game's default metric; each merge step then takes some fields of the
score that is best by another one (best lamp, fewest bad and poor). Ties go to the score stored first
(of a merge: the older one, without a time before all others; then the one stored first). In v3, ties always go
to the older one, without a time after all others: `PersonalBest.older_first`.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tachi_data.frames import collected
from tachi_data.games import GPT, Enum, Merge
from tachi_data.names import column_of
from tachi_data.scoring.metrics import rate

CHART = ("user_id", "chart_id")


def rank_value(gpt: GPT, name: str) -> pl.Expr:
    """What a metric or a rating is compared by: its index if it is an enum, else itself."""
    if name.startswith("ratings."):
        return pl.col(column_of(name))
    metric = (
        gpt.optional[name.removeprefix("optional.")]
        if name.startswith("optional.")
        else gpt.metrics[name]
    )
    column = pl.col(column_of(name))
    return metric.index(column) if isinstance(metric, Enum) else column


def _step_value(gpt: GPT, step: Merge) -> pl.Expr:
    """What the scores are compared by in a step."""
    if step.order:
        return Enum(step.order).index(pl.col(column_of(step.by)))
    return rank_value(gpt, step.by)


def personal_bests(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Merge the scores of players on charts into personal bests.

    Args:
        scores: *All* scores of each player on each chart: the flat columns of stored scores, with
            ``ordinal``, and ``chart.*``.
        gpt: The game and playtype of all of them.

    Returns:
        One row per player and chart: the columns of the ``pbs_<game>`` table, still flat.
    """
    picks = _picks(scores, gpt)
    values = {column: pl.col(column).gather(picks["base"]) for column in scores.columns}
    for number, step in enumerate(gpt.personal_best.merges):
        values |= _merge(values, step, picks[f"best_{number}"])
    pbs = scores.select(expression.alias(column) for column, expression in values.items())
    pbs = pbs.with_columns(picks["first_ordinal"], _composition(picks, scores["score_id"], gpt))
    return rate(pbs, gpt).drop("rating_error")


def _picks(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Which scores, by their place in the frame, each personal best is made of.

    ``first_ordinal``; ``base``; and ``best_0``, ``best_1``: the best one by each merge step, null where
    no score has its metric.
    """
    rules = gpt.personal_best
    # Only numbers are sorted, which is much faster than sorting wide rows.
    numbered = (
        scores.lazy()
        .with_row_index("at")
        .select(
            "at",
            "ordinal",
            "time_achieved",
            pl.col("at").first().over(CHART).alias("pb"),
            rank_value(gpt, rules.by).alias("value"),
            *(_step_value(gpt, step).alias(f"value_{i}") for i, step in enumerate(rules.merges)),
        )
    )
    older = ["time_achieved"] if rules.older_first else []
    first = [True, *(False for _ in older), False]
    picks = (
        numbered.sort("value", *older, "ordinal", descending=first, nulls_last=True)
        .group_by("pb", maintain_order=True)
        .agg(first_ordinal=pl.col("ordinal").min(), base=pl.col("at").first())
    )
    for i, step in enumerate(rules.merges):
        best = (
            numbered.drop_nulls(f"value_{i}")
            .sort(
                f"value_{i}",
                "time_achieved",
                "ordinal",
                descending=[not step.smallest, False, False],
                nulls_last=[True, rules.older_first, True],
            )
            .unique("pb", keep="first", maintain_order=True)
            .select("pb", pl.col("at").alias(f"best_{i}"))
        )
        picks = picks.join(best, on="pb", how="left", maintain_order="left")
    return collected(picks)


def _composition(picks: pl.DataFrame, score_ids: pl.Series, gpt: GPT) -> pl.Series:
    """``composed_from``: which scores each personal best is made of, each named once."""
    rules = gpt.personal_best
    names = {"base": rules.name, **{f"best_{i}": s.name for i, s in enumerate(rules.merges)}}
    reference = pl.struct(
        name=pl.col("variable").replace_strict(names), score_id=pl.lit(score_ids).gather("at")
    )
    listed = collected(
        picks.lazy()
        .with_row_index("place")
        .unpivot(list(names), index="place", value_name="at")
        .drop_nulls("at")
        .unique(["place", "at"], keep="first", maintain_order=True)
        .sort("place", maintain_order=True)
        .select("place", composed_from=reference)
        .group_by("place", maintain_order=True)
        .agg("composed_from")
    )
    return listed["composed_from"]


def _merge(values: Mapping[str, pl.Expr], step: Merge, best: pl.Series) -> dict[str, pl.Expr]:
    """What changes about personal bests when they take the fields of one merge step over."""
    found = pl.lit(best.is_not_null())
    copied = [column_of(name) for name in step.copies]

    def merged(column: str) -> pl.Expr:
        return pl.col(column).gather(best)

    copies = found
    if step.unless is not None:
        copies = found & ~step.unless.fill_null(False).gather(best)
    changed = {
        column: pl.when(copies).then(merged(column)).otherwise(values[column]) for column in copied
    }
    changed["highlight"] = values["highlight"] | merged("highlight").fill_null(False)
    time = values["time_achieved"]
    changed["time_achieved"] = (
        pl.when(merged("time_achieved") > time).then(merged("time_achieved")).otherwise(time)
    )
    optional = [column for column in copied if column.startswith("optional.")]
    if optional:
        nulls = _nulls_after(values["explicit_nulls"], merged("explicit_nulls"), optional)
        changed["explicit_nulls"] = pl.when(copies).then(nulls).otherwise(values["explicit_nulls"])
    return changed


def _nulls_after(own: pl.Expr, merged: pl.Expr, columns: list[str]) -> pl.Expr:
    """Which fields are null rather than absent, once these columns come from the merged score."""
    nothing, names = (pl.lit(n, dtype=pl.List(pl.String)) for n in ([], columns))
    kept = own.fill_null(nothing).list.set_difference(names)
    taken = merged.fill_null(nothing).list.set_intersection(names)
    either = kept.list.set_union(taken)
    return pl.when(either.list.len() > 0).then(either)


def ranked(pbs: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns the personal bests with ``rank`` and ``out_of``; ``pbs`` has all those of its charts.

    Best metric first; then those with a time before those without, older first; then the player whose
    first score on the chart was stored first. Ranks are never shared.
    """
    by = gpt.personal_best.ranked_by()
    keys = [rank_value(gpt, name) for name in by]
    return pbs.sort(
        "chart_id",
        *keys,
        "time_achieved",
        "first_ordinal",
        descending=[False, *by.values(), False, False],
        nulls_last=True,
    ).with_columns(
        rank=pl.int_range(1, pl.len() + 1).over("chart_id"),
        out_of=pl.len().over("chart_id").cast(pl.Int64),
    )
