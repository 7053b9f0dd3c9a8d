"""The health of a store: outcomes of imports, broken rules, played charts, doubtful times."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

import tachi_data as td
from tachi_data import games
from tachi_data.explore.querying import query
from tachi_data.explore.showing import OUTCOMES, WHOLE, coloured, words

RULES = 12


def imports_over_time(store: td.Store) -> alt.VConcatChart:
    """Draw the imported datapoints by day, and their outcomes on the days that a drag selects."""
    rows = query(store, "outcomes_by_day")
    chosen = alt.selection_interval(encodings=["x"])
    title = alt.Title(
        "Datapoints imported, by day and import type",
        subtitle="Drag over the days to choose what is counted below; double-click to have all.",
    )
    days = (
        alt.Chart(rows, title=title, width=520, height=170)
        .mark_bar(width=8)
        .encode(
            x=alt.X("day:T", title="day of the import"),
            y=alt.Y("sum(datapoints):Q", title="datapoints", axis=WHOLE),
            color=alt.Color(
                "import_type:N", title="import type", scale=alt.Scale(scheme="tableau10")
            ),
            tooltip=[
                alt.Tooltip("day:T", format="%Y-%m-%d"),
                alt.Tooltip("import_type:N", title="import type"),
                alt.Tooltip("sum(datapoints):Q", title="datapoints", format=","),
            ],
        )
        .add_params(chosen)
    )
    ended = [_ended(rows, chosen, "import_type"), _ended(rows, chosen, "service")]
    return alt.vconcat(days, *ended).resolve_scale(color="independent")


def _ended(rows: pl.DataFrame, chosen: alt.Parameter, column: str) -> alt.Chart:
    called = words(column)
    return (
        alt.Chart(rows, title=f"How they ended, by {called}", width=520, height=alt.Step(20))
        .transform_filter(chosen)
        .mark_bar()
        .encode(
            y=alt.Y(f"{column}:N", title=None, sort="-x"),
            x=alt.X("sum(datapoints):Q", title="datapoints", axis=WHOLE),
            color=coloured("outcome", OUTCOMES, rows, title="outcome"),
            tooltip=[
                alt.Tooltip(f"{column}:N", title=called),
                "outcome",
                alt.Tooltip("sum(datapoints):Q", title="datapoints", format=","),
            ],
        )
    )


def broken_rules(store: td.Store) -> pl.DataFrame:
    """Count the datapoints that broke each rule.

    Returns:
        One row per import type and rule: ``import_type, outcome, rule, datapoints, share, example, raw``. The
        share is 0 to 1, of all datapoints of the import type that were not skipped.
    """
    all_of = query(store, "outcomes_by_day").group_by("import_type").agg(pl.col("datapoints").sum())
    broken = query(store, "rules").join(all_of, on="import_type", suffix="_in_all")
    share = pl.col("datapoints") / pl.col("datapoints_in_all")
    return broken.with_columns(share=share).select(
        "import_type", "outcome", "rule", "datapoints", "share", "example", "raw"
    )


def datapoints_of(store: td.Store, broken: pl.DataFrame, place: int = 0) -> pl.DataFrame:
    """Returns datapoints that broke a rule, the newest first.

    Args:
        store: The store.
        broken: The frame of `broken_rules`.
        place: The row of the rule in ``broken``.

    Returns:
        At most 200 rows: ``time_started, import_id, user_id, row, line, message, data``.
    """
    if broken.is_empty():
        return pl.DataFrame()
    rule = broken.row(place, named=True)
    return query(
        store,
        "datapoints_of",
        kind=rule["import_type"],
        outcome=rule["outcome"],
        example=rule["example"],
    )


def failed_of(store: td.Store, import_id: str) -> pl.DataFrame:
    """Returns the datapoints of an import that became no score: ``row, line, outcome, message, data``."""
    return query(store, "failed_of", import_id=import_id)


def error_rates(broken: pl.DataFrame) -> alt.VConcatChart:
    """Draw the rules that were broken most, as shares of the datapoints, from the frame of `broken_rules`."""
    title = alt.Title(
        "Which rules datapoints break",
        subtitle="Shares of the datapoints of the import type. Mind that the scales differ.",
    )
    return alt.vconcat(
        *(_broken(mine, name) for (name,), mine in _by(broken, "outcome")), title=title
    )


def _broken(rows: pl.DataFrame, outcome: str) -> alt.Chart:
    label = pl.format("{}:  {}", "import_type", "rule")
    shown = rows.head(RULES).with_columns(label=label).drop("raw", "example")
    percent = alt.Axis(
        labelExpr="format(datum.value, datum.value < 0.01 ? '.1~%' : '~%')", tickCount=5
    )
    return (
        alt.Chart(shown, title=outcome, width=300, height=alt.Step(22))
        .mark_bar(color=OUTCOMES[outcome])
        .encode(
            y=alt.Y("label:N", title=None, sort="-x", axis=alt.Axis(labelLimit=480)),
            x=alt.X("share:Q", title="share of the datapoints", axis=percent),
            tooltip=[
                "rule",
                alt.Tooltip("share", format=".2%"),
                alt.Tooltip("datapoints", format=","),
            ],
        )
    )


def coverage(store: td.Store) -> pl.DataFrame:
    """Returns one row per game: numbers of ``charts`` and ``played`` charts, their ``share``, and ``orphans``."""
    return query(store, "games")


def coverage_by_version(store: td.Store) -> alt.ConcatChart:
    """Draw the numbers of charts with and without a score, by version of each game that anybody has played."""
    rows = query(store, "coverage").with_columns(
        share=pl.col("played") / pl.col("charts"), unplayed=pl.col("charts") - pl.col("played")
    )
    rows = rows.filter(pl.col("played").sum().over("game") > 0)
    parts = [_versions(mine, game) for (game,), mine in _by(rows, "game")]
    title = alt.Title(
        "Charts of the catalogue that anybody has a score on, by version",
        subtitle="Of the games that anybody has played",
    )
    return alt.concat(*parts, columns=3, title=title)


def _versions(rows: pl.DataFrame, game: str) -> alt.Chart:
    colours = {"played": "#2a9d8f", "unplayed": "#ddd"}
    return (
        alt.Chart(rows, title=games.gpts(game)[0].name, width=200, height=alt.Step(16))
        .transform_fold(list(colours), as_=["state", "count"])
        .mark_bar()
        .encode(
            y=alt.Y("version:N", title=None, sort=list(games.gpts(game)[0].versions)),
            x=alt.X("count:Q", title="charts", axis=WHOLE),
            color=coloured("state", colours, title=None),
            order=alt.Order("state:N"),
            tooltip=["version", "charts", "played", alt.Tooltip("share", format=".0%")],
        )
    )


def _by(rows: pl.DataFrame, column: str) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    return list(rows.partition_by(column, as_dict=True, maintain_order=True).items())


def suspicious_times(store: td.Store) -> pl.DataFrame:
    """Returns the numbers of scores with an unknown or doubtful time: ``game, reason, scores``."""
    return query(store, "suspicious_times")


def repeated_plays(store: td.Store) -> pl.DataFrame:
    """Returns the numbers of plays that are stored as several scores of one minute.

    Columns: ``game, sources, plays, scores``.
    """
    return query(store, "twins")


def some_players(store: td.Store, count: int) -> list[int]:
    """Returns the IDs of some players, spread evenly over all players; the same ones each time."""
    return query(store, "some_players", count=count)["user_id"].sort().to_list()
