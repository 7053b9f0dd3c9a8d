"""The progress of players on goals, evaluated from personal bests for any number of players at once.

A goal is on a metric, or on a rating of the score (``ratings.VF7``).
A goal that makes no sense (an unknown metric, mode or set of charts) is logged and left out. It does not
disturb the other goals.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.games import GPT, Enum, Graph
from tachi_data.games.goal_formats import PLAIN
from tachi_data.names import column_of
from tachi_data.scoring.goal_texts import goal_name, number_text, out_of_text, progress_text
from tachi_data.scoring.personal_bests import rank_value
from tachi_data.store import query, statements
from tachi_data.tables.scores import pbs_table, unpacked

sql = statements("tachi_data.standings.goals")

ASKED = {"user_id": pl.Int64(), "goal_id": pl.String()}
FIGURES = {
    "progress": pl.Float64(),
    "progress_human": pl.String(),
    "out_of": pl.Float64(),
    "out_of_human": pl.String(),
    "achieved": pl.Boolean(),
}
EVALUATED = {**ASKED, "playtype": pl.String(), **FIGURES}
COUNT_MODES = ("absolute", "proportion")
PAIR = list(ASKED)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Goals:
    """Goals of one game.

    Attributes:
        game: The game.
        listed: One row per goal, with its criteria.
        charts: One row per goal and chart: ``goal_id, chart_id``.
    """

    game: str
    listed: pl.DataFrame
    charts: pl.DataFrame


def load_goals(goal_ids: pl.Series, game: str, con: DuckDBPyConnection) -> Goals:
    """Returns the goals of a game among the IDs, without the goals that make no sense."""
    listed = query(
        con,
        sql("listed_goals"),
        {"game": game},
        wanted=pl.DataFrame({"goal_id": goal_ids}).unique(),
    )
    sound = _sound(listed, rules(game, con))
    charts = query(con, sql("goal_charts"), {"game": game}, listed=sound)
    return Goals(game, sound, charts)


def _sound(goals: pl.DataFrame, gpts: Sequence[GPT]) -> pl.DataFrame:
    """Returns the goals that can be evaluated; logs the others."""
    metrics = [
        (g.playtype, n) for g in gpts for n, m in g.metrics.items() if not isinstance(m, Graph)
    ]
    metrics += [(g.playtype, f"ratings.{name}") for g in gpts for name in g.ratings]
    known = pl.DataFrame(
        metrics, schema={"playtype": pl.String, "criteria_key": pl.String}, orient="row"
    )
    mode = pl.col("criteria_mode")
    counts = mode.is_in(COUNT_MODES) & pl.col("count_num").is_not_null()
    has_sense = (
        pl.col("charts_type").is_in(["single", "multi", "folder"])
        & ((mode == "single") | counts)
        & pl.col("criteria_value").is_not_null()
    )
    sound = goals.filter(has_sense).join(
        known, on=["playtype", "criteria_key"], how="semi", maintain_order="left"
    )
    for goal_id in goals.join(sound, on="goal_id", how="anti")["goal_id"]:
        _log.error("Goal %s of %s makes no sense and is not evaluated.", goal_id, gpts[0].game)
    return sound


def evaluate(asked: pl.DataFrame, goals: Goals, con: DuckDBPyConnection) -> pl.DataFrame:
    """Evaluate goals for players.

    Args:
        asked: Distinct pairs of ``user_id, goal_id``.
        goals: The goals; a pair with another goal is left out.
        con: The connection of a transaction.

    Returns:
        One row per pair: its progress (`EVALUATED`).
    """
    game = goals.game
    asked = asked.select(PAIR).join(goals.listed.select("goal_id"), on="goal_id", how="semi")
    keys = {
        (gpt, key): mine
        for gpt in rules(game, con)
        for (key,), mine in goals.listed.filter(pl.col("playtype") == gpt.playtype)
        .partition_by("criteria_key", as_dict=True, maintain_order=True)
        .items()
    }
    if asked.is_empty() or not keys:
        return pl.DataFrame(schema=EVALUATED)
    pbs = _personal_bests(asked, goals, _needed(keys), con)
    parts = [
        _evaluate_metric(asked, mine, goals.charts, pbs, gpt, key)
        for (gpt, key), mine in keys.items()
    ]
    return pl.concat(parts)


def _needed(keys: Iterable[tuple[GPT, str]]) -> set[str]:
    """Returns the columns that the values and texts of these metrics need."""
    needed: set[str] = set()
    for gpt, key in keys:
        needed |= {column_of(key), column_of(gpt.default_metric)}
        needed |= set(progress_text(gpt, key).meta.root_names())
    return {name for name in needed if not name.startswith("goal.")}


def _personal_bests(
    asked: pl.DataFrame, goals: Goals, needed: set[str], con: DuckDBPyConnection
) -> pl.DataFrame:
    """Returns the personal bests of players on charts of the goals, with the needed columns."""
    stored = [
        "user_id",
        "playtype",
        "chart_id",
        *sorted(n for n in needed if not n.startswith("chart.")),
    ]
    # ``optional.bp`` is a member of the stored struct ``optional``.
    columns = list(dict.fromkeys(name.partition(".")[0] for name in stored))
    params = {"pbs": pbs_table(goals.game).name, "columns": columns}
    rows = query(con, sql("goal_pbs"), params, asked=asked, goal_charts=goals.charts)
    pbs = unpacked(rows, goals.game).select(stored)
    of_chart = sorted(needed - set(stored))
    if not of_chart:
        return pbs
    charts = chart_frame(con, pbs.select("chart_id").unique(), goals.game)
    return pbs.join(charts.select("chart_id", *of_chart), on="chart_id", how="left")


def _evaluate_metric(
    asked: pl.DataFrame,
    goals: pl.DataFrame,
    charts: pl.DataFrame,
    pbs: pl.DataFrame,
    gpt: GPT,
    key: str,
) -> pl.DataFrame:
    """Evaluate the goals on one metric of one playtype."""
    value = rank_value(gpt, key).cast(pl.Float64)
    goals = _named(goals, gpt, key)
    sizes = charts.group_by("goal_id").agg(size=pl.len())
    goals = goals.join(sizes, on="goal_id", how="left", maintain_order="left")
    wanted = asked.join(goals, on="goal_id", maintain_order="left")
    reached = (
        wanted.select(*PAIR, "goal.value", "goal.name")
        .join(charts, on="goal_id")
        .join(pbs.filter(pl.col("playtype") == gpt.playtype), on=["user_id", "chart_id"])
        .with_columns(_value=value)
        .filter(pl.col("_value").is_not_null() & pl.col("_value").is_not_nan())
    )
    counted = reached.group_by(PAIR).agg(count=(pl.col("_value") >= pl.col("goal.value")).sum())
    return (
        wanted.join(_best(reached, gpt, key), on=PAIR, how="left", maintain_order="left")
        .join(counted, on=PAIR, how="left", maintain_order="left")
        .with_columns(out_of_text(gpt, key).alias("asked_human"))
        .with_columns(_figures())
        .select(pl.col(name).cast(dtype) for name, dtype in EVALUATED.items())
    )


def _named(goals: pl.DataFrame, gpt: GPT, key: str) -> pl.DataFrame:
    """Returns goals with ``goal.value`` and ``goal.name``, without those whose value is out of the ladder."""
    named = goals.rename({"criteria_value": "goal.value"}).with_columns(
        goal_name(gpt, key).alias("goal.name")
    )
    if not isinstance(gpt.metrics.get(key), Enum):
        return named
    for goal_id in named.filter(pl.col("goal.name").is_null())["goal_id"]:
        _log.error("Goal %s asks for a %s that %s does not have.", goal_id, key, gpt.id)
    return named.filter(pl.col("goal.name").is_not_null())


def _best(reached: pl.DataFrame, gpt: GPT, key: str) -> pl.DataFrame:
    """Returns the best personal best of each player and goal.

    The reference takes any that meets the goal; here the greatest value counts, then the better
    default metric, then the smaller chart ID.
    """
    ranked = reached.with_columns(_default=rank_value(gpt, gpt.default_metric)).sort(
        "_value", "_default", "chart_id", descending=[True, True, False], nulls_last=True
    )
    best = ranked.unique(PAIR, keep="first", maintain_order=True)
    return best.select(*PAIR, best_value="_value", best_human=progress_text(gpt, key))


def _figures() -> list[pl.Expr]:
    """Returns the five figures of a subscription. A goal needs at least 1 chart, even of none."""
    mode, count_num = pl.col("criteria_mode"), pl.col("count_num")
    share = pl.max_horizontal((count_num * pl.col("size").fill_null(0)).floor(), 1.0)
    required = pl.when(mode == "proportion").then(share).otherwise(count_num)
    count = pl.col("count").fill_null(0).cast(pl.Float64)
    progress = pl.when(mode == "single").then("best_value").otherwise(count)
    out_of = pl.when(mode == "single").then("goal.value").otherwise(required)
    return [
        progress.alias("progress"),
        out_of.alias("out_of"),
        (progress >= out_of).fill_null(False).alias("achieved"),
        pl.when(mode == "single")
        .then(pl.col("best_human").fill_null("NO DATA"))
        .otherwise(number_text(count, PLAIN))
        .alias("progress_human"),
        pl.when(mode == "single")
        .then("asked_human")
        .otherwise(number_text(required, PLAIN))
        .alias("out_of_human"),
    ]
