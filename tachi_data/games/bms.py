"""BMS, the community's IIDX: 7 keys and 14 keys. A chart is known by the hash of its file.

Bounds, grades, ratings and classes are as the original server has them: they agree with every case
recorded of it (2026-11).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from tachi_data.games import iidx
from tachi_data.games.goal_formats import ex_score_formats
from tachi_data.games.match_types import SONG_ID, chart_hash
from tachi_data.games.model import (
    FAST_SLOW_MAXCOMBO,
    GPT,
    BestOf,
    Class,
    Decimal,
    Graph,
    Integer,
    Merge,
    Metric,
    OneOf,
    PersonalBest,
    Rating,
)
from tachi_data.games.words import chart, metric

HISTORIES = ("gaugeHistory", "gaugeHistoryEasy", "gaugeHistoryGroove", "gaugeHistoryHard")
# Early and late PGREAT, GREAT, GOOD, BAD and POOR, as the client counts them.
TIMINGS = ("epg", "egr", "egd", "ebd", "epr", "lpg", "lgr", "lgd", "lbd", "lpr")
OPTIONAL: dict[str, Metric] = {
    **FAST_SLOW_MAXCOMBO,
    "bp": Integer(),
    "gauge": Decimal(0, 100),
    **{name: Graph(0, 100) for name in HISTORIES},
    **{name: Integer() for name in TIMINGS},
}
RANDOMS = ("MIRROR", "NONRAN", "R-RANDOM", "RANDOM", "S-RANDOM")
GAUGES = ("EASY", "NORMAL", "HARD", "EX-HARD")


def numbered(prefix: str, first: int, last: int) -> tuple[str, ...]:
    """``prefix`` with every number from ``first`` to ``last``, up or down."""
    step = 1 if last >= first else -1
    return tuple(f"{prefix}{n}" for n in range(first, last + step, step))


def sieglinde() -> Rating:
    """How hard a clear of this kind is, on the scale of the Sieglinde tables."""
    easy, hard = chart("sglEC").fill_null(0), chart("sglHC").fill_null(0)
    lamp = metric("lamp")
    return Rating(
        pl.when(lamp.is_in(["FULL COMBO", "EX HARD CLEAR", "HARD CLEAR"]))
        .then(pl.max_horizontal(hard, easy))
        .when(lamp.is_in(["CLEAR", "EASY CLEAR"]))
        .then(easy)
        .otherwise(0.0)
    )


GENOCIDE = (*numbered("NORMAL_", 1, 10), *numbered("INSANE_", 1, 10), "INSANE_KAIDEN", "OVERJOY")
# A hash is that of one chart, so that the playtype is only compared afterwards.
CHART_HASH = chart_hash("bmsChartHash", "bms_hash", playtype="compared")
SEVEN_KEYS = GPT(
    game="bms",
    playtype="7K",
    name="BMS",
    provided=iidx.SP.provided,
    derived={name: iidx.SP.derived[name] for name in ("grade", "percent")},
    optional=OPTIONAL,
    judgements=("pgreat", "great", "good", "bad", "poor"),
    default_metric="percent",
    difficulties=("CHART",),
    match_types=(SONG_ID, CHART_HASH),
    validators=(iidx.EX_SCORE_IS_SUM,),
    ratings={"sieglinde": sieglinde()},
    session_ratings={"sieglinde": BestOf("sieglinde", 10)},
    profile_ratings={"sieglinde": BestOf("sieglinde", 20, mean=True)},
    classes={
        "genocideDan": Class(GENOCIDE),
        "stslDan": Class((*numbered("SL", 0, 12), *numbered("ST", 0, 12))),
        "newGenerationDan": Class(
            (*numbered("NORMAL_", 1, 10), *numbered("INSANE_", 0, 10), "INSANE_KAIDEN")
        ),
        "lnDan": Class((*numbered("DAN_", 1, 10), "KAIDEN", "OVERJOY", "UDON")),
        "scratchDan": Class((*numbered("KYU_", 7, 1), *numbered("DAN_", 1, 10), "KAIDEN")),
    },
    personal_best=PersonalBest(
        "Best Score",
        by="percent",
        merges=(
            Merge(
                "Best Lamp",
                by="lamp",
                copies=("lamp", "optional.gauge", *(f"optional.{name}" for name in HISTORIES)),
            ),
            Merge("Lowest BP", by="optional.bp", copies=("optional.bp",), smallest=True),
        ),
    ),
    chart_keys={"bms_hash": ("hashSHA256", "hashMD5")},
    grows=True,
    chart_data={"notecount": pl.Int64(), "sglEC": pl.Float64(), "sglHC": pl.Float64()},
    score_meta={
        "random": OneOf(RANDOMS, nullable=True),
        "inputDevice": OneOf(("BM_CONTROLLER", "KEYBOARD", "MIDI"), nullable=True),
        "client": OneOf(("lr2oraja", "LR2"), nullable=True),
        "gauge": OneOf(GAUGES, nullable=True),
    },
    goal_formats=ex_score_formats("away"),
)
FOURTEEN_KEYS = replace(
    SEVEN_KEYS,
    playtype="14K",
    classes={"genocideDan": Class(GENOCIDE), "stslDan": Class(numbered("SL", 0, 12))},
    score_meta={**SEVEN_KEYS.score_meta, "random": OneOf(RANDOMS, pair=True, nullable=True)},
)
GPTS = (SEVEN_KEYS, FOURTEEN_KEYS)
V3 = tuple(gpt.in_v3(ranking=("score", "lamp", "optional.bp")) for gpt in GPTS)
