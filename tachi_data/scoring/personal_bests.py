"""Personal bests: a player's scores on a chart, merged by the rules of the game.

The base is the best score by the game's default metric; each merge step then takes some fields of the
score that is best by another one (best lamp, fewest bad and poor). Ties go to the score stored first
(of a merge: the older one, without a time before all others; then the one stored first).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tachi_data.games import GPT, Enum, Merge
from tachi_data.names import column_of
from tachi_data.scoring.metrics import rate

CHART = ("user_id", "chart_id")
_MERGED = "_merged."


def rank_value(gpt: GPT, name: str) -> pl.Expr:
    """What a metric is compared by: its index if it is an enum, else itself."""
    metric = (
        gpt.optional[name.removeprefix("optional.")]
        if name.startswith("optional.")
        else gpt.metrics[name]
    )
    column = pl.col(column_of(name))
    return metric.index(column) if isinstance(metric, Enum) else column


def personal_bests(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """One personal best per user and chart, from *all* the user's scores there.

    ``scores`` has the flat columns of stored scores, with ``ordinal``, and ``chart.*``. The result
    has those of the ``pbs_<game>`` table (``composed_from``, ``first_ordinal``), still flat.
    """
    stored = scores.with_columns(
        first_ordinal=pl.col("ordinal").min().over(CHART), _alone=pl.len().over(CHART) == 1
    )
    alone = stored.filter("_alone").with_columns(
        composed_from=pl.concat_list(_reference(gpt.personal_best.name))
    )
    several = stored.filter(~pl.col("_alone"))
    merged = [alone] if several.is_empty() else [alone, _merged(several, gpt)]
    pbs = pl.concat(merged, how="diagonal").drop("_alone")
    return rate(pbs, gpt).drop("rating_error")


def _reference(name: str, score_id: str = "score_id") -> pl.Expr:
    return pl.struct(name=pl.lit(name), score_id=pl.col(score_id))


def _merged(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    rules = gpt.personal_best
    ranked = scores.with_columns(_value=rank_value(gpt, rules.by))
    base = _first(ranked.sort("_value", "ordinal", descending=[True, False], nulls_last=True))
    pbs = base.drop("_value").with_columns(composed_from=pl.concat_list(_reference(rules.name)))
    for step in rules.merges:
        pbs = _merge(pbs, scores, gpt, step)
    return pbs


def _first(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.unique(CHART, keep="first", maintain_order=True)


def _merge(pbs: pl.DataFrame, scores: pl.DataFrame, gpt: GPT, step: Merge) -> pl.DataFrame:
    """Take the fields of one merge step over from the score that is best by it."""
    columns = [column_of(name) for name in step.copies]
    ranked = scores.with_columns(_value=rank_value(gpt, step.by)).filter(
        pl.col("_value").is_not_null()
    )
    # Polars sorts null times first, as the rule wants it.
    ranked = ranked.sort(
        "_value", "time_achieved", "ordinal", descending=[not step.smallest, False, False]
    )
    best = _first(ranked).select(
        *CHART,
        pl.col("score_id", "highlight", "time_achieved", "explicit_nulls", *columns).name.prefix(
            _MERGED
        ),
    )
    found = pl.col(f"{_MERGED}score_id").is_not_null()
    ids = pl.col("composed_from").list.eval(pl.element().struct.field("score_id"))
    is_new = found & ~ids.list.contains(pl.col(f"{_MERGED}score_id"))
    later = pl.col(f"{_MERGED}time_achieved") > pl.col("time_achieved")
    return (
        pbs.join(best, on=CHART, how="left", maintain_order="left", validate="1:1")
        .with_columns(
            *(pl.when(found).then(f"{_MERGED}{c}").otherwise(c).alias(c) for c in columns),
            pl.when(found)
            .then(_nulls_after(columns))
            .otherwise("explicit_nulls")
            .alias("explicit_nulls"),
            pl.col("highlight") | pl.col(f"{_MERGED}highlight").fill_null(False),
            pl.when(later)
            .then(f"{_MERGED}time_achieved")
            .otherwise("time_achieved")
            .alias("time_achieved"),
            pl.when(is_new)
            .then(
                pl.concat_list(
                    "composed_from", pl.concat_list(_reference(step.name, f"{_MERGED}score_id"))
                )
            )
            .otherwise("composed_from")
            .alias("composed_from"),
        )
        .select(pbs.columns)
    )


def _nulls_after(columns: Iterable[str]) -> pl.Expr:
    """Which fields are null rather than absent, once these columns come from the merged score."""
    copied = [c for c in columns if c.startswith("optional.")]
    if not copied:
        return pl.col("explicit_nulls")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    names = pl.lit(copied, dtype=pl.List(pl.String))
    kept = pl.col("explicit_nulls").fill_null(nothing).list.set_difference(names)
    taken = pl.col(f"{_MERGED}explicit_nulls").fill_null(nothing).list.set_intersection(names)
    return kept.list.set_union(taken)


def ranked(pbs: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Adds ``rank`` and ``out_of`` on each chart; ``pbs`` must hold all personal bests of its charts.

    Best metric first; then those with a time before those without, older first; then the player whose
    first score on the chart was stored first. Ranks are never shared.
    """
    keys = [rank_value(gpt, name) for name in gpt.personal_best.ranked_by()]
    return pbs.sort(
        "chart_id",
        *keys,
        "time_achieved",
        "first_ordinal",
        descending=[False, *(True for _ in keys), False, False],
        nulls_last=True,
    ).with_columns(
        rank=pl.int_range(1, pl.len() + 1).over("chart_id"),
        out_of=pl.len().over("chart_id").cast(pl.Int64),
    )
