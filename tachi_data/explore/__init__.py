"""For notebooks: an import taken apart, and charts of what a store holds.

Frames in, frames or Altair charts out. Large tables are aggregated by DuckDB before anything reaches
Python, and the store hands out frames, so that a notebook never keeps a writer waiting.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

import tachi_data as td
from tachi_data.games import Enum, gpts
from tachi_data.store import load_sql

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
OUTCOMES = {
    "ScoreImported": "#2a9d8f",
    "Skipped": "#8d99ae",
    "SongOrChartNotFound": "#e9c46a",
    "OrphanExists": "#f4e1a8",
    "AmbiguousTitle": "#f4a261",
    "InvalidDatapoint": "#e76f51",
    "InternalError": "#9d0208",
}
# The sample's files: player, import type, the beginning of the file's name, and options.
FILES: tuple[tuple[int, str, str, Mapping[str, Any]], ...] = (
    (1, "file/eamusement-iidx-csv", "eamusement-iidx-csv-", {"playtype": "SP"}),
    (2, "file/eamusement-sdvx-csv", "eamusement-sdvx-csv-", {}),
    (1, "file/batch-manual", "batch-manual-iidx-akari", {}),
    (1, "file/batch-manual", "batch-manual-sdvx-akari", {}),
    (2, "file/batch-manual", "batch-manual-sdvx-bento", {}),
    (2, "file/batch-manual", "batch-manual-wacca-bento", {}),
    (3, "file/batch-manual", "batch-manual-iidx-cirrus", {}),
    (3, "file/batch-manual", "batch-manual-wacca-cirrus", {}),
)


def open_store(path: str | None = None) -> td.Store:
    """The store at ``path``; without one, a new store that is filled from the sample data."""
    if path is not None:
        return td.open_store(path, create=False)
    folder = tempfile.mkdtemp(prefix="tachi-notebook-")
    store = td.open_store(Path(folder) / "sample.duckdb")
    td.load_catalogue(store, SAMPLE / "catalogue")
    jobs = [
        td.ImportJob(import_type, sample(name), player, options=options)
        for player, import_type, name, options in FILES
    ]
    td.import_many(store, jobs)
    return store


def sample(name: str) -> Path:
    """The sample's import file whose name begins like this."""
    return next(iter(sorted((SAMPLE / "imports").glob(f"{name}*"))))


# --- an import, stage by stage --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Stages:
    """The frames of one import: ``datapoints``, ``matched``, ``scores`` and ``outcomes``."""

    datapoints: pl.DataFrame
    matched: pl.DataFrame
    scores: pl.DataFrame
    outcomes: pl.DataFrame


def taken_apart(
    store: td.Store,
    import_type: str,
    source: Any,
    *,
    user_id: int = 0,
    options: Mapping[str, Any] | None = None,
) -> Stages:
    """Run an import without storing anything, and keep the frame of each stage.

    Raises:
        ImportFatal: The import as a whole is refused.
    """
    job = td.ImportJob(import_type, source, user_id, options=options or {})
    with td.ImportSet(store, [job], dry_run=True) as imports:
        imports.run()
    (outcome,) = imports.outcomes
    if outcome.fatal is not None:
        raise outcome.fatal
    return Stages(
        _joined([group.rows for group in imports.groups]),
        _joined(imports.matched),
        _joined(list(imports.scores.values())),
        outcome.datapoints,
    )


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()


def where_rows_went(stages: Stages) -> alt.LayerChart | alt.FacetChart:
    """How many datapoints were left after each stage, and how the others had ended by then."""
    found = stages.matched.select("row", is_matched=pl.col("chart_found").fill_null(False))
    rows = stages.outcomes.select(pl.col("row").cast(pl.Int64), "outcome").join(
        found.with_columns(pl.col("row").cast(pl.Int64)), on="row", how="left"
    )
    matched = pl.col("is_matched").fill_null(False)
    imported = pl.col("outcome") == "ScoreImported"
    steps = {"1 read": pl.lit(True), "2 chart found": matched, "3 imported": imported}
    going_on = "goes on"
    parts = [
        rows.select(
            stage=pl.lit(stage),
            ends=pl.when(stays).then(pl.lit(going_on)).otherwise("outcome"),
        )
        for stage, stays in steps.items()
    ]
    counts = pl.concat(parts).group_by("stage", "ends").len("datapoints").sort("stage", "ends")
    colours = {going_on: "#264653", **{k: v for k, v in OUTCOMES.items() if k != "ScoreImported"}}
    bars = (
        alt.Chart(counts, title="Where the rows of the file went", width=560, height=160)
        .mark_bar()
        .encode(
            y=alt.Y("stage:N", title=None),
            x=alt.X("datapoints:Q", title="datapoints"),
            color=_coloured("ends", colours),
            tooltip=["stage", "ends", "datapoints"],
        )
    )
    kept = counts.filter(pl.col("ends") == going_on)
    labels = (
        alt.Chart(kept)
        .mark_text(align="left", dx=4, color="white")
        .encode(y="stage:N", x=alt.value(0), text="datapoints:Q")
    )
    return alt.layer(bars, labels)


def why_not(stages: Stages) -> pl.DataFrame:
    """Every datapoint that did not become a score: ``row, outcome, message`` and what was raw."""
    raw = stages.datapoints.select(pl.col("row").cast(pl.Int64), pl.col("^raw\\..*$"))
    return (
        stages.outcomes.filter(pl.col("outcome") != "ScoreImported")
        .select(pl.col("row").cast(pl.Int64), "outcome", "message")
        .join(raw, on="row", how="left")
        .sort("row")
    )


# --- what a store holds ---------------------------------------------------------------------------


def query(store: td.Store, name: str, **parameters: Any) -> pl.DataFrame:
    """The rows of one of the queries beside this file, ``<name>.sql``."""
    return store.query(load_sql("tachi_data.explore", name), parameters)


def outcomes_by_format(store: td.Store) -> alt.Chart:
    """How the datapoints of each import type ended."""
    return (
        alt.Chart(query(store, "outcomes"), title="How datapoints ended, by import type", width=480)
        .mark_bar()
        .encode(
            y=alt.Y("import_type:N", title="import type", axis=alt.Axis(labelLimit=260)),
            x=alt.X("datapoints:Q", title="datapoints"),
            color=_coloured("outcome", OUTCOMES),
            tooltip=["import_type", "outcome", "datapoints"],
        )
    )


def sessions_over_time(store: td.Store, user_id: int) -> alt.Chart:
    """Each session of a player: when it was, and how many scores it has."""
    return (
        alt.Chart(
            query(store, "sessions", user=user_id),
            title=f"Sessions of player {user_id}",
            width=640,
            height=160,
        )
        .mark_circle(opacity=0.6)
        .encode(
            x=alt.X("time_started:T", title="day"),
            y=alt.Y("game:N", title="game"),
            size=alt.Size("scores:Q", title="scores in it"),
            color=alt.Color("game:N", legend=None),
            tooltip=["time_started", "minutes", "scores", "game"],
        )
    )


def lamps_by_level(store: td.Store, user_id: int, game: str) -> alt.Chart:
    """A player's lamps on the charts of each level, worst to best from the left."""
    metric = gpts(game)[0].metrics["lamp"]
    assert isinstance(metric, Enum)
    order = {name: index for index, name in enumerate(metric.values)}
    rows = query(store, "lamps", user=user_id, game=game, pbs=f"pbs_{game}")
    ranked = rows.with_columns(rank=pl.col("lamp").replace_strict(order, default=None))
    return (
        alt.Chart(ranked, title=f"Lamps of player {user_id} in {game}, by level", width=480)
        .mark_bar()
        .encode(
            y=alt.Y("level:O", title="level", sort="descending"),
            x=alt.X("charts:Q", stack="normalize", title="share of the charts played"),
            color=alt.Color(
                "lamp:N",
                sort=list(order),
                scale=alt.Scale(domain=list(order), scheme="viridis"),
                title="lamp",
            ),
            order="rank:O",
            tooltip=["level", "lamp", "charts"],
        )
    )


def bests_over_time(store: td.Store, user_id: int, game: str) -> alt.Chart:
    """How many charts a player had played by each month, and how many new scores that took."""
    rows = query(store, "months", user=user_id, scores=f"scores_{game}")
    base = alt.Chart(rows).encode(x=alt.X("month:T", title="month"))
    charts = base.mark_line(point=True, color="#264653").encode(
        y=alt.Y("charts:Q", title="charts played so far"), tooltip=["month", "charts", "scores"]
    )
    return charts.properties(
        title=f"Charts played by player {user_id} in {game}", width=480, height=200
    )


def coverage(store: td.Store) -> pl.DataFrame:
    """Per game: charts in the catalogue, how many have a score, and how many orphans wait."""
    return query(store, "coverage")


def suspicious_times(store: td.Store) -> pl.DataFrame:
    """Scores whose time can hardly be right: before 1997, in the future, or at midnight of a day."""
    return query(store, "suspicious_times")


def _coloured(column: str, colours: Mapping[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{column}:N", scale=scale, title="outcome")
