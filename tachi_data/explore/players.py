"""The progress of one player: sessions, lamps and grades, ratings, and the scores that count for ratings."""

from __future__ import annotations

import altair as alt
import polars as pl

import tachi_data as td
from tachi_data import games
from tachi_data.explore.querying import query
from tachi_data.explore.showing import INK, WHOLE, words
from tachi_data.games import GPT, BestOf, Enum
from tachi_data.games.best import profile_rating
from tachi_data.names import snake
from tachi_data.scoring.personal_bests import rank_value

SHOWN = 20
MONTH = alt.Axis(format="%Y-%m", labelOverlap=True, labelSeparation=12)


def gpt_of(gpt_id: str) -> GPT:
    """Returns the GPT with an ID such as ``iidx:SP``."""
    game, playtype = gpt_id.split(":")
    return games.gpt(game, playtype)


def enums(gpt: GPT) -> dict[str, Enum]:
    """Returns the ladders of a game (lamps, grades and others) by their column; the worst value is first."""
    return {snake(name): m for name, m in gpt.metrics.items() if isinstance(m, Enum)}


def bests(store: td.Store, user_id: int, gpt: GPT) -> pl.DataFrame:
    """Returns the personal bests of a player, with ``title, difficulty, level, whole_level``."""
    parameters = {"user": user_id, "game": gpt.game, "playtype": gpt.playtype}
    return query(store, "bests", pbs=f"pbs_{gpt.game}", **parameters)


def timed_scores(store: td.Store, user_id: int, gpt: GPT) -> pl.DataFrame:
    """Returns the scores of a player that have a time, in the order of time."""
    parameters = {"user": user_id, "playtype": gpt.playtype}
    return query(store, "timed_scores", scores=f"scores_{gpt.game}", **parameters)


# More dots in a line of a chart cannot be told apart.
MOST_DOTS = 100
PERIODS = {"1d": "day", "1w": "week", "1mo": "month", "1q": "quarter", "1y": "year"}


def sessions_over_time(store: td.Store, user_id: int) -> alt.VConcatChart:
    """Draw the sessions of a player, and the grades of the scores in sessions that a drag selects."""
    sessions, graded = query(store, "sessions", user=user_id), query(store, "graded", user=user_id)
    sessions, period = by_period(sessions)
    chosen = alt.selection_interval(encodings=["x"])
    title = alt.Title(
        f"Sessions of player {user_id}",
        subtitle=f"A dot is a {period}. Drag over the days to choose; double-click to have all.",
    )
    dots = (
        alt.Chart(sessions, title=title, width=680, height=alt.Step(50))
        .mark_circle(opacity=0.6)
        .encode(
            x=alt.X("day:T", title="day"),
            y=alt.Y("game:N", title="game"),
            size=alt.Size(
                "scores:Q", title="scores in it", legend=alt.Legend(values=_some(sessions))
            ),
            color=alt.condition(chosen, "game:N", alt.value("#ccc"), legend=None),
            tooltip=[
                alt.Tooltip("name:N", title="session"),
                alt.Tooltip("sessions:Q", title="sessions"),
                alt.Tooltip("time_started:T", title="began", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("minutes:Q", title="minutes"),
                alt.Tooltip("scores:Q", title="scores"),
            ],
        )
        .add_params(chosen)
    )
    played = graded["game"].unique().sort().to_list()
    grades = alt.hconcat(
        *(_grades(graded.filter(game=game), game, chosen, 600 // len(played)) for game in played),
        title=alt.Title("Grades of the scores on the chosen days"),
    )
    parts = (dots, grades) if played else (dots,)
    return alt.vconcat(*parts).resolve_scale(color="independent")


def by_period(sessions: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Sum sessions up by the shortest period of which few enough are there to be told apart as dots.

    Args:
        sessions: ``game, name, time_started, day, minutes, scores``, one row per session.

    Returns:
        The rows with ``sessions``, one per game and period, ``day`` being the period's first; and what a row is.

    >>> day = pl.datetime_range(pl.datetime(2024, 1, 1), pl.datetime(2025, 6, 1), "1d", eager=True)
    >>> many = pl.DataFrame({"day": day}).with_columns(
    ...     game=pl.lit("iidx"), name=pl.lit("x"), time_started="day", minutes=5, scores=2
    ... )
    >>> by_period(many.head(3))[1], by_period(many)[1], by_period(many)[0]["scores"][1]
    ('session', 'week', 14)
    """
    counted = sessions.with_columns(sessions=pl.lit(1, pl.Int64))
    if sessions.height <= MOST_DOTS or sessions["game"].value_counts()["count"].max() <= MOST_DOTS:  # type: ignore[operator]
        return counted, "session"
    for every, period in PERIODS.items():
        first = pl.col("day").dt.truncate(every)
        if sessions.select(first.n_unique()).item() <= MOST_DOTS or period == "year":
            break
    rows = counted.group_by("game", first.alias("day"), maintain_order=True).agg(
        pl.col("name").first()
        + pl.when(pl.len() > 1).then(pl.lit(" and more")).otherwise(pl.lit("")),
        pl.col("time_started").min(),
        pl.col("minutes", "scores", "sessions").sum(),
    )
    return rows, period


def _some(sessions: pl.DataFrame) -> list[int]:
    """Returns sizes of sessions for a legend: the smallest, a middle one and the largest."""
    most = int(sessions["scores"].cast(pl.Int64).max() or 1)  # type: ignore[arg-type]
    return sorted({1, (most + 1) // 2, most})


def _grades(graded: pl.DataFrame, game: str, chosen: alt.Parameter, width: int) -> alt.Chart:
    order = list(enums(games.gpts(game)[0])["grade"].values)
    label = alt.Axis(labelAngle=0, labelOverlap=True)
    return (
        alt.Chart(graded, title=games.gpts(game)[0].name, width=max(160, width), height=160)
        .transform_calculate(day="toDate(datum.day)")
        .transform_filter(chosen)
        .mark_bar(color=INK)
        .encode(
            x=alt.X("grade:N", title="grade, worst to best", sort=order, axis=label),
            y=alt.Y("sum(scores):Q", title="scores", axis=WHOLE),
            tooltip=["grade", alt.Tooltip("sum(scores):Q", title="scores")],
        )
    )


def by_level(store: td.Store, user_id: int, gpt: GPT) -> alt.HConcatChart:
    """Draw the shares of lamps and grades of a player, by the level of the charts."""
    rows = bests(store, user_id, gpt)
    parts = [_shares(rows, column, enum) for column, enum in enums(gpt).items()]
    title = f"Personal bests of player {user_id} in {gpt.name} ({gpt.playtype}), by level"
    return alt.hconcat(*parts, title=alt.Title(title)).resolve_scale(color="independent")


def _shares(rows: pl.DataFrame, column: str, enum: Enum) -> alt.Chart:
    counts = (
        rows.group_by("whole_level", column)
        .len("charts")
        .with_columns(pl.col("charts").cast(pl.Int64), rank=enum.index(pl.col(column)))
    )
    reached = [value for value in enum.values if value in counts[column].to_list()]
    called = words(column)
    return (
        alt.Chart(counts, title=called.capitalize(), width=290, height=alt.Step(18))
        .mark_bar()
        .encode(
            y=alt.Y("whole_level:O", title="level", sort="descending"),
            x=alt.X(
                "charts:Q",
                stack="normalize",
                title="share of the charts played",
                axis=alt.Axis(format="%", tickCount=4),
            ),
            color=_ranked(column, reached),
            order="rank:O",
            tooltip=[alt.Tooltip("whole_level", title="level"), column, "charts"],
        )
    )


def _ranked(column: str, order: list[str]) -> alt.Color:
    """Returns colours for a lamp or grade, the darkest for the worst."""
    scale = alt.Scale(domain=order, scheme="viridis")
    called = words(column)
    return alt.Color(f"{column}:N", sort=order, scale=scale, title=f"{called}, worst first")


def improvements(scores: pl.DataFrame, column: str, enum: Enum) -> pl.DataFrame:
    """Count the charts at each value of a ladder, at the end of each month.

    Args:
        scores: The scores of one player in the order of time; a chart counts for its best value so far.
        column: The column of the ladder, such as ``lamp``.
        enum: The ladder.

    Returns:
        ``month, <column>, charts``.
    """
    best = pl.col("rank").cum_max().over("chart_id")
    ranked = scores.select("chart_id", "time_achieved", rank=enum.index(pl.col(column)))
    rises = ranked.drop_nulls("rank").with_columns(best=best)
    rises = rises.with_columns(before=pl.col("best").shift(1).over("chart_id"))
    rises = rises.filter(pl.col("before").is_null() | (pl.col("best") > pl.col("before")))
    month = pl.col("time_achieved").dt.truncate("1mo").alias("month")
    moves = pl.concat(
        [
            rises.select(month, rank="best", change=pl.lit(1)),
            rises.drop_nulls("before").select(month, rank="before", change=pl.lit(-1)),
        ]
    )
    months = moves.select(pl.col("month").unique().sort())
    if months.height:
        months = months.upsample("month", every="1mo")
    values = pl.DataFrame({column: enum.values}).with_row_index("rank").cast({"rank": pl.Int64})
    changes = moves.group_by("month", "rank").agg(pl.col("change").sum())
    return (
        months.select("month").join(values, how="cross")
        .join(changes, on=["month", "rank"], how="left")
        .sort("month", "rank")
        .with_columns(charts=pl.col("change").fill_null(0).cum_sum().over("rank"))
        .select("month", column, "rank", "charts")
    )  # fmt: skip


def bests_over_time(store: td.Store, user_id: int, gpt: GPT) -> alt.VConcatChart:
    """Draw the number of charts that a player had played by the end of each month, by best lamp and grade."""
    scores = timed_scores(store, user_id, gpt)
    parts = [_areas(improvements(scores, c, enum), c, enum) for c, enum in enums(gpt).items()]
    title = f"Charts that player {user_id} has played in {gpt.name} ({gpt.playtype})"
    return alt.vconcat(*parts, title=alt.Title(title)).resolve_scale(color="independent")


def _areas(months: pl.DataFrame, column: str, enum: Enum) -> alt.Chart:
    reached = months.filter(pl.col("charts") > 0)[column].to_list()
    order = [value for value in enum.values if value in reached]
    called = words(column)
    return (
        alt.Chart(months, title=f"By the best {called} so far", width=560, height=170)
        .mark_area()
        .encode(
            x=alt.X("month:T", title="month", axis=MONTH),
            y=alt.Y("charts:Q", title="charts"),
            color=_ranked(column, order),
            order="rank:O",
            tooltip=[alt.Tooltip("month:T", format="%Y-%m"), column, "charts"],
        )
    )


def best_of(gpt: GPT) -> dict[str, BestOf]:
    """Returns the profile ratings of a game that count a number of best values."""
    return {n: rule for n, rule in gpt.profile_ratings.items() if isinstance(rule, BestOf)}


def rating_history(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Compute the ratings of `best_of` at the end of each month.

    Args:
        scores: The scores of one player in the order of time. The best value of each chart so far counts; so the
            last value is a little above the profile where a personal best is not the best-rated score.
        gpt: The game and playtype.

    Returns:
        ``month, rating, value``.
    """
    rated = scores.select(
        "chart_id",
        pl.col("time_achieved").dt.truncate("1mo").alias("month"),
        pl.col("ratings").struct.unnest().name.prefix("ratings."),
    )
    months = rated.select(until="month").unique().sort("until")
    reached = months.join_where(rated, pl.col("month") <= pl.col("until"))
    charts = reached.group_by("until", "chart_id").agg(pl.col("^ratings\\..*$").max())
    ratings = [profile_rating(rule).alias(name) for name, rule in best_of(gpt).items()]
    history = charts.group_by(month="until").agg(ratings).sort("month")
    return history.unpivot(index="month", variable_name="rating", value_name="value").drop_nulls()


def ratings_over_time(store: td.Store, user_id: int, gpt: GPT) -> alt.ConcatChart:
    """Draw the profile ratings that count best scores, at the end of each month."""
    history = rating_history(timed_scores(store, user_id, gpt), gpt)
    rules = {name: rule for name, rule in best_of(gpt).items() if name in history["rating"]}
    parts = [_rating(history.filter(rating=name), rule) for name, rule in rules.items()]
    title = f"Ratings of player {user_id} in {gpt.name} ({gpt.playtype})"
    note = "At the end of each month" if parts else "None that is made of best scores has a value"
    return alt.concat(*parts, columns=2, title=alt.Title(title, subtitle=note))


def _rating(history: pl.DataFrame, rule: BestOf) -> alt.Chart:
    title = f"{rule.of}, {'mean' if rule.mean else 'sum'} of the best {rule.count} charts"
    return (
        alt.Chart(history, title=title, width=290, height=170)
        .mark_line(point={"color": INK}, color=INK)
        .encode(
            x=alt.X("month:T", title="month", axis=MONTH),
            y=alt.Y("value:Q", title="rating", scale=alt.Scale(zero=False)),
            tooltip=[alt.Tooltip("month:T", format="%Y-%m"), alt.Tooltip("value:Q", format=".3f")],
        )
    )


def contributions(rows: pl.DataFrame, rule: BestOf) -> pl.DataFrame:
    """Find the personal bests that count for a rating.

    Args:
        rows: The frame of `bests`.
        rule: The rating, such as one of `best_of`.

    Returns:
        One row per personal best that counts, the best first: ``place`` (from 1), ``value``, ``share`` (0 to 1, of
        the sum), and the columns of ``rows``.
    """
    value = pl.col("ratings").struct.field(snake(rule.of)).alias("value")
    rated = rows.with_columns(value).drop_nulls("value")
    best = rated.sort("value", "title", descending=[True, False]).head(rule.count)
    best = best.with_row_index("place", offset=1).with_columns(pl.col("place").cast(pl.Int64))
    return best.with_columns(share=pl.col("value") / pl.col("value").sum())


def best_contributions(store: td.Store, user_id: int, gpt: GPT) -> alt.Chart:
    """Draw the first twenty personal bests that count for the first rating of a player.

    In a game without such a rating they are the highest-rated ones; in a game without ratings, the best ones
    by its default metric.
    """
    mine = bests(store, user_id, gpt)
    if not gpt.ratings:
        rated = rank_value(gpt, gpt.default_metric).cast(pl.Float64)
        mine = mine.with_columns(ratings=pl.struct(rated.alias(snake(gpt.default_metric))))
    names = tuple(gpt.ratings) or (gpt.default_metric,)
    made_of_best = best_of(gpt) or {name: BestOf(name, SHOWN) for name in names}
    name, rule = next(iter(made_of_best.items()))
    best = contributions(mine, rule)
    label = pl.format("{}. {} ({} {})", "place", "title", "difficulty", "level")
    ranked = enums(gpt)
    rows = best.head(SHOWN).select("place", "value", "share", *ranked, chart=label)
    title = alt.Title(
        f"The personal bests that count for {name} of player {user_id}",
        subtitle=f"The first {rows.height} of the {best.height} personal bests that count, at most {rule.count}",
    )
    bars = (
        alt.Chart(rows, title=title, width=380, height=alt.Step(20))
        .mark_bar(color=INK)
        .encode(
            y=alt.Y(
                "chart:N", title=None, sort=alt.SortField("place"), axis=alt.Axis(labelLimit=340)
            ),
            x=alt.X("value:Q", title=f"{rule.of} of the personal best"),
            tooltip=["chart", "value", alt.Tooltip("share", format=".1%"), *ranked],
        )
    )
    for lamp, enum in tuple(ranked.items())[:1]:
        bars = bars.encode(color=_ranked(lamp, [v for v in enum.values if v in rows[lamp]]))
    return bars


def profile(store: td.Store, user_id: int) -> pl.DataFrame:
    """Returns the ratings and classes of a player, one per row: ``game, playtype, kind, name, value``."""
    return query(store, "profile", user=user_id)
