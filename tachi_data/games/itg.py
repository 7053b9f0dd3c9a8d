"""ITG, In The Groove and its heirs, for stamina players. A chart is known by its hash.

A failed play is worth how much of the chart it survived. ``fastest32`` is the tempo, as one streams
sixteenths, of the fastest stretch of 32 measures' worth of notes (512) that was survived.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

import polars as pl

from tachi_data.games.goal_formats import (
    GOAL_VALUE,
    PERCENT,
    GoalFormat,
    Shown,
    Template,
    number,
)
from tachi_data.games.goal_formats import grade as grade_format
from tachi_data.games.match_types import chart_hash
from tachi_data.games.model import (
    GPT,
    BestOf,
    Decimal,
    Enum,
    Grade,
    Graph,
    Merge,
    PersonalBest,
    Rating,
    Validator,
)
from tachi_data.games.words import chart, divided, judgement, metric

LAMPS = ("FAILED", "CLEAR", "FULL COMBO", "FULL EXCELLENT COMBO", "QUAD", "QUINT")
GRADES = (
    ("F", None),
    ("D", 0),
    ("C", 55),
    ("B", 68),
    ("A", 80),
    ("S", 89),
    ("★", 96),
    ("★★", 98),
    ("★★★", 99),
    ("★★★★", 100),
)
LAMP, SCORED, SURVIVED = metric("lamp"), metric("scorePercent"), metric("survivedPercent")
FAILED = LAMP == "FAILED"
GRADE = Grade("scorePercent", GRADES, cases=((FAILED, "F"),))
FINAL_PERCENT = pl.when(FAILED).then(SURVIVED).otherwise(100 + SCORED)
NOTES, NPS = chart("notesPerMeasure"), chart("npsPerMeasure")
STREAM_NOTES = 512
DIED = ("Died ", Shown(SURVIVED, PERCENT), " in")
GOAL_FORMATS = {
    "scorePercent": number("scorePercent", PERCENT),
    "survivedPercent": number("survivedPercent", PERCENT),
    "lamp": GoalFormat(Template((Shown(LAMP),), ((FAILED, DIED),))),
    "finalPercent": GoalFormat(
        Template(
            (Shown(LAMP), " with ", Shown(SCORED, PERCENT)),
            ((metric("finalPercent") < 100, DIED),),
        ),
        Template(
            (Shown(GOAL_VALUE, PERCENT),),
            ((GOAL_VALUE >= 100, ("CLEAR with ", Shown(GOAL_VALUE - 100, PERCENT))),),
        ),
    ),
    "grade": grade_format("scorePercent", PERCENT),
}


def validators() -> tuple[Validator, ...]:
    """What the lamp says about survival and judgements."""
    combo_broken = judgement("decent") + judgement("wayoff") + judgement("miss")
    not_excellent = combo_broken + judgement("great")
    not_fantastic = not_excellent + judgement("excellent")
    return (
        Validator("Who did not fail has survived 100 %.", ~FAILED & (SURVIVED < 100)),
        Validator(
            "The lamp does not fit the judgements.",
            ((LAMP == "QUINT") & (not_fantastic + judgement("fantastic") > 0))
            | ((LAMP == "QUAD") & (not_fantastic > 0))
            | ((LAMP == "FULL EXCELLENT COMBO") & (not_excellent > 0))
            | ((LAMP == "FULL COMBO") & (combo_broken > 0)),
        ),
    )


# --- fastest32 -----------------------------------------------------------------------------------


def fastest32(scores: pl.DataFrame) -> pl.Series:
    """Beats per minute of the fastest stream of each score; null below 100 and without a stream."""
    length = NOTES.list.len().cast(pl.Int64)
    reached = pl.when(FAILED).then((divided(SURVIVED, 100) * length).ceil()).otherwise(length)
    # A score that lies outside of its bounds is invalid, but is rated first.
    last = reached.cast(pl.Int64, strict=False).clip(0, length) - 1
    keyed = scores.select("chart_id", measure=last)
    best = (
        fastest_streams(scores)
        .rename({"end": "measure"})
        .select("chart_id", "measure", beats=divided(pl.col("nps") * 60, 4))
    )
    found = keyed.join(best, on=["chart_id", "measure"], how="left", maintain_order="left")
    return found.select(pl.when(pl.col("beats") >= 100).then("beats")).to_series()


def fastest_streams(scores: pl.DataFrame) -> pl.DataFrame:
    """One row a chart and measure: ``nps`` of the fastest stream that has ended by then (or null).

    A stream starts anywhere, and ends with the first later measure at which it has 512 notes; a
    measure without notes after its start ends it early. It is as fast as its slowest measure.
    """
    measures = _measures(scores)
    streams = _streams(measures)
    slowest = _slowest(measures, streams)
    ended = slowest.group_by("chart_id", "end").agg(pl.col("nps").max())
    return (
        measures.select("chart_id", end="measure")
        .join(ended, on=["chart_id", "end"], how="left", maintain_order="left")
        .with_columns(pl.col("nps").cum_max().forward_fill().over("chart_id"))
    )


def _measures(scores: pl.DataFrame) -> pl.DataFrame:
    """One row a measure of each chart, in order; ``row`` numbers all of them."""
    return (
        scores.select("chart_id", notes=NOTES, nps=NPS)
        .filter(pl.col("notes").list.len() == pl.col("nps").list.len())
        .unique("chart_id", keep="first", maintain_order=True)
        .filter(pl.col("notes").list.len() > 0)
        .explode("notes", "nps")
        .with_row_index("row")
        .with_columns(
            pl.col("row").cast(pl.Int64),
            measure=pl.int_range(pl.len()).over("chart_id"),
            notes_so_far=pl.col("notes").cum_sum().over("chart_id"),
            breaks_so_far=(pl.col("notes") == 0).cum_sum().over("chart_id").cast(pl.Int64),
        )
    )


def _streams(measures: pl.DataFrame) -> pl.DataFrame:
    """One row a stream: the ``row`` of its start, its ``end`` and ``length`` in measures."""
    starts = measures.with_columns(
        wanted=pl.col("notes_so_far") - pl.col("notes") + STREAM_NOTES
    ).sort("wanted")
    # A measure without notes never completes a stream that was not complete before.
    ends = measures.filter(pl.col("notes") > 0).select("chart_id", "notes_so_far", end="measure")
    found = starts.join_asof(
        ends.sort("notes_so_far"),
        left_on="wanted",
        right_on="notes_so_far",
        by="chart_id",
        strategy="forward",
        check_sortedness=False,
    ).filter(pl.col("end").is_not_null())
    # A single measure is never a stream, however full it is.
    streams = found.with_columns(end=pl.max_horizontal("end", pl.col("measure") + 1))
    ended = measures.select("chart_id", end="measure", breaks_at_end="breaks_so_far")
    return (
        streams.join(ended, on=["chart_id", "end"])
        .filter(pl.col("breaks_at_end") == pl.col("breaks_so_far"))
        .select("chart_id", "row", "end", length=pl.col("end") - pl.col("measure") + 1)
    )


def _slowest(measures: pl.DataFrame, streams: pl.DataFrame) -> pl.DataFrame:
    """The streams with ``nps`` of their slowest measure.

    ``minima`` holds the minimum of 1, 2, 4, … measures from each on; every stretch is covered by
    two of one size.
    """
    found, minima, size = [], measures["nps"], 1
    while not streams.is_empty():
        fits = pl.col("length") < 2 * size
        now = streams.filter(fits)
        left, right = now["row"], now["row"] + now["length"] - size
        slowest = pl.DataFrame({"left": minima.gather(left), "right": minima.gather(right)})
        found.append(
            now.with_columns(slowest.select(nps=pl.min_horizontal("left", "right")).to_series())
        )
        streams = streams.filter(~fits)
        pairs = pl.DataFrame({"here": minima, "there": minima.shift(-size)})
        minima = pairs.select(pl.min_horizontal("here", "there")).to_series()
        size *= 2
    empty = streams.with_columns(nps=pl.lit(None, dtype=pl.Float64))
    return pl.concat([empty, *found])


STAMINA = GPT(
    game="itg",
    playtype="Stamina",
    name="ITG",
    v3_name="itg-stamina",
    provided={
        "scorePercent": Decimal(0, 100),
        "survivedPercent": Decimal(0, 100),
        "lamp": Enum(LAMPS),
    },
    derived={
        "grade": GRADE,
        "finalPercent": Decimal(0, 200, derive=FINAL_PERCENT),
    },
    optional={"lifebarHistory": Graph(0, 100)},
    judgements=("fantastic+", "fantastic", "excellent", "great", "decent", "wayoff", "miss"),
    default_metric="finalPercent",
    match_types=(chart_hash("itgChartHash", "gsv3", playtype="ignored"),),
    validators=validators(),
    ratings={
        "blockRating": Rating(pl.when(~FAILED).then(chart("rankedLevel")), decimals=0),
        "fastest32": Rating(fastest32, throws=NOTES.list.len() != NPS.list.len(), decimals=0),
    },
    session_ratings={"blockRating": BestOf("blockRating", 5)},
    profile_ratings={
        "highestBlock": BestOf("blockRating", 1, needs_all=True),
        "fastest32": BestOf("fastest32", 1, needs_all=True),
    },
    personal_best=PersonalBest(
        "Best Result",
        by="finalPercent",
        merges=(Merge("Best Lamp", by="lamp", copies=("lamp",)),),
    ),
    chart_keys={"gsv3": ("hashGSv3",)},
    chart_data={
        "rankedLevel": pl.Float64(),
        "npsPerMeasure": pl.List(pl.Float64()),
        "notesPerMeasure": pl.List(pl.Float64()),
    },
    goal_formats=GOAL_FORMATS,
)
GPTS = (STAMINA,)
V3 = (STAMINA.in_v3(ranking=("finalPercent", "lamp")),)
