"""An import stage by stage: the frame of each stage, and the datapoints that did not become scores."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import polars as pl

import tachi_data as td
from tachi_data.explore.querying import sql
from tachi_data.explore.showing import INK, OUTCOMES, coloured
from tachi_data.games import gpts, names
from tachi_data.names import snake

STAGES = ("in the file", "chart found", "score imported")
GAP = 0.06  # The distance between the ends of two bands, as a share of all datapoints.


@dataclass(frozen=True, eq=False)
class Stages:
    """The frames of one import: ``datapoints``, ``matched``, ``scores`` and ``outcomes``.

    ``titles`` has the title, difficulty and level of each chart that was found.
    """

    datapoints: pl.DataFrame
    matched: pl.DataFrame
    scores: pl.DataFrame
    outcomes: pl.DataFrame
    titles: pl.DataFrame


def stages_of(store: td.Store, job: td.ImportJob) -> Stages:
    """Run an import as a dry run, and keep the frame of each stage.

    Raises:
        ImportFatal: The import as a whole is refused.
    """
    imports = td.ImportSet(store, [job], dry_run=True)
    (outcome,) = imports.run()
    if outcome.fatal is not None:
        raise outcome.fatal
    return Stages(
        _joined([group.rows for group in imports.parsed.groups]),
        _joined(list(imports.matched.frames)),
        _joined(list(imports.judged.scores.values())),
        outcome.datapoints,
        _titles(store, outcome.datapoints),
    )


def _titles(store: td.Store, outcomes: pl.DataFrame) -> pl.DataFrame:
    wanted = outcomes.select("chart_id").drop_nulls().unique()
    return store.query(sql("titles_of_charts"), wanted=wanted)


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def outcome_counts(stages: Stages) -> pl.DataFrame:
    """Count the datapoints by outcome, and by the last stage that they passed.

    Returns:
        ``outcome, stage, datapoints``; the stage is a place in `STAGES`.
    """
    found = stages.matched.select(
        pl.col("row").cast(pl.Int64), is_found=pl.col("chart_found").fill_null(False)
    )
    rows = stages.outcomes.select(pl.col("row").cast(pl.Int64), "outcome")
    stage = pl.when(outcome="ScoreImported").then(2).when("is_found").then(1).otherwise(0)
    return (
        rows.join(found, on="row", how="left")
        .group_by("outcome", stage=stage)
        .len("datapoints")
        .sort(["stage", "datapoints", "outcome"], descending=[True, True, False])
    )


def flow(stages: Stages) -> alt.LayerChart | alt.FacetChart:
    """Draw the flow from the file to the scores; a band is an outcome, as wide as its number of datapoints."""
    bands = outcome_counts(stages).with_columns(pl.col("datapoints").cast(pl.Int64))
    total = int(bands["datapoints"].sum()) or 1
    top = pl.col("datapoints").cum_sum() - pl.col("datapoints")
    drop = pl.int_range(1, pl.len() + 1) * (GAP * total) * (pl.col("stage") < 2)
    bands = bands.with_columns(top=top, bottom=pl.col("datapoints").cum_sum(), drop=drop)
    points = bands.join(pl.DataFrame({"at": [0, 1, 2]}), how="cross").filter(
        pl.col("at") <= pl.min_horizontal(pl.col("stage") + 1, 2)
    )
    has_left = (pl.col("at") > pl.col("stage")) * pl.col("drop")
    points = points.with_columns(y=pl.col("top") + has_left, y2=pl.col("bottom") + has_left)
    last = points.group_by("outcome", "stage", maintain_order=True).last()
    return alt.layer(_bands(points, total), _labels(last))


def _bands(points: pl.DataFrame, total: int) -> alt.Chart:
    names = " : ".join(f"datum.value == {at} ? '{name}'" for at, name in enumerate(STAGES))
    axis = alt.Axis(
        values=[0, 1, 2], labelExpr=f"{names} : ''", orient="top", grid=False, labelFontSize=13
    )
    title = alt.Title(
        f"Where the {total:,} rows of the file went",
        subtitle="A band is as wide as it has rows; those that bend down did not become scores.",
    )
    tooltip = [alt.Tooltip("outcome"), alt.Tooltip("datapoints", title="rows", format=",")]
    return (
        alt.Chart(points, title=title, width=640, height=300)
        .mark_area(interpolate="monotone", opacity=0.9)
        .encode(
            x=alt.X("at:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 2.5])),
            y=alt.Y("y:Q", title=None, axis=None, scale=alt.Scale(reverse=True)),
            y2="y2:Q",
            color=coloured("outcome", OUTCOMES, legend=None),
            detail=["outcome:N", "stage:N"],
            tooltip=tooltip,
        )
    )


def _labels(last: pl.DataFrame) -> alt.Chart:
    middle, counted = (pl.col("y") + pl.col("y2")) / 2, pl.col("datapoints").cast(pl.String)
    texts = last.with_columns(middle=middle, label=pl.format("{}  {}", counted, "outcome"))
    return (
        alt.Chart(texts)
        .mark_text(align="left", baseline="middle", dx=6, color=INK, fontSize=12)
        .encode(x="at:Q", y="middle:Q", text="label:N")
    )


def failures(stages: Stages) -> pl.DataFrame:
    """Returns the datapoints that did not become scores: ``row, outcome, message`` and the record."""
    rows = records(stages).cast({"row": pl.Int64})
    return (
        stages.outcomes.filter(pl.col("outcome") != "ScoreImported")
        .join(stages.titles, on="chart_id", how="left")
        .select(pl.col("row").cast(pl.Int64), "outcome", "message", "title", "difficulty", "level")
        .join(rows, on="row", how="left")
        .sort("row")
    )


def records(stages: Stages) -> pl.DataFrame:
    """Returns the records of the source, without the members that are null in all of them."""
    rows = stages.datapoints.select("row", pl.col("^raw\\..*$"))
    return rows.select(c.name for c in rows if c.null_count() < rows.height)


def look_ups(stages: Stages) -> pl.DataFrame:
    """Returns the look-up of each datapoint, and the song and chart that it found."""
    rows = stages.matched.select(
        "row", pl.col("^match\\..*$"), "song_id", "chart_id", "outcome", "message"
    )
    found = ("song_id", "chart_id", "outcome", "message")
    return rows.select(c.name for c in rows if c.name in found or c.null_count() < rows.height)


def valid_scores(stages: Stages) -> pl.DataFrame:
    """Returns the valid scores with their derived metrics, ratings and IDs."""
    imported = stages.outcomes.filter(outcome="ScoreImported").select(pl.col("row").cast(pl.Int64))
    scores = stages.scores.join(imported, on="row", how="semi")
    metrics = [name for game in _games(scores) for name in map(snake, gpts(game)[0].metrics)]
    scores = scores.join(stages.titles, on="chart_id", how="left", maintain_order="left")
    names = [
        *("row", "title", "difficulty", "level", "time_achieved"),
        *dict.fromkeys(metrics),
        *(c for c in scores.columns if c.startswith("ratings.")),
    ]
    return scores.select(name for name in (*names, "score_id") if name in scores.columns)


def _games(scores: pl.DataFrame) -> list[str]:
    return scores["game"].unique().to_list() if "game" in scores.columns else list(names())
