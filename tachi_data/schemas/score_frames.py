"""The schemas of dry scores, of dry scores with their charts, and of complete scores.

A dry score has the types of its game, whatever its values are: without a chart it becomes an orphan even
if it is impossible, and it is judged once the catalogue has its chart. So bounds, values and rules
across fields are checked in one place, the schema of complete scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandera.polars as pa
import polars as pl

from tachi_data.games import GPT, gpts
from tachi_data.games import gpt as gpt_of
from tachi_data.matching import KEYS
from tachi_data.names import snake
from tachi_data.schemas.checking import frame_schema
from tachi_data.schemas.outcome_frames import OUTCOMES
from tachi_data.schemas.rules import Rule, of_metric, one_of
from tachi_data.tables import game_columns
from tachi_data.tables.column import Column
from tachi_data.tables.columns import column

KEY = ("row", "source", "user_id", "position")
DAY_MS = 24 * 60 * 60 * 1000
SCORE = ("service", "comment", "time_achieved", "score_meta", "highlight", "explicit_nulls")
FACTS = (
    *(*KEY, "line", "score_id", "playtype", "chart_id", "song_id", "is_primary", *SCORE),
    *("import_id", "import_type", "orphan_id", "outcome", "message", "time_received"),
)


@cache
def dry_scores(game: str, playtype: str | None = None) -> pa.DataFrameSchema:
    """Returns the schema of dry scores: datapoints in the common shape of their game.

    Args:
        game: The game, such as ``iidx``.
        playtype: One of its playtypes; the columns are those of all of them.
    """
    gpt = _one(game, playtype)
    return frame_schema(f"dry scores of {game}", _dry(gpt), _may_have(gpt))


@cache
def matched(game: str, playtype: str | None = None) -> pa.DataFrameSchema:
    """Returns the schema of dry scores with the columns of their charts, or why there is none.

    Args:
        game: The game, such as ``iidx``.
        playtype: One of its playtypes; the columns are those of all of them.
    """
    gpt = _one(game, playtype)
    found = (column(name) for name in ("outcome", "message", "chart_found", "chart_id", "song_id"))
    own = game_columns.of_game(game).values()
    charts = [c for c in own if c.name.startswith(("chart.", "song."))]
    return frame_schema(
        f"matched scores of {game}",
        [*_dry(gpt), *found, column("is_primary"), *charts],
        [*_may_have(gpt), *(column(n) for n in ("import_id", "import_type", "orphan_id"))],
        _sorted_out(game),
    )


def _sorted_out(game: str) -> Iterator[Rule]:
    """Every datapoint has a chart, or an outcome that says why not."""
    yield one_of("outcome", "outcome", OUTCOMES)
    yield Rule(
        pl.col("outcome").is_not_null() & pl.col("message").is_null(),
        pl.lit("message: is missing, although there is an outcome"),
    )
    yield Rule(
        pl.col("outcome").is_null() & pl.col("chart_id").is_null(),
        pl.lit("chart_id: is missing, and no outcome says why"),
    )
    yield one_of("playtype", "chart.playtype", tuple(g.playtype for g in gpts(game)))


@cache
def scores(game: str, playtype: str, generation: int = 2) -> pa.DataFrameSchema:
    """Returns the schema of complete scores, with all bounds and rules of their game and playtype.

    A frame must have the provided metrics. What else it has is checked, too: a rule that reads a
    column the frame lacks is not asked. With ``time_received``, times in the future are refused.

    Args:
        game: The game, such as ``iidx``.
        playtype: Its playtype, such as ``SP``.
        generation: Whose rules hold, those of v2 or v3: see `tachi_data.games`.

    >>> schema = scores("iidx", "SP")
    >>> sorted(name for name, column in schema.columns.items() if column.required)
    ['lamp', 'score']
    """
    gpt = gpt_of(game, playtype, generation)
    own = game_columns.of_game(game)
    provided = [_nullable(own[snake(n)]) for n in gpt.provided]
    others = [_nullable(column(n)) for n in FACTS]
    others += [c for c in own.values() if c.name not in {p.name for p in provided}]
    return frame_schema(f"scores of {gpt.id}", provided, others, _possible(gpt))


def _possible(gpt: GPT) -> Iterator[Rule]:
    """The rules of a score, in the order in which people read them."""
    yield from _times()
    for name, metric in gpt.provided.items():
        yield from of_metric(name, snake(name), metric, required=True)
    for name, metric in gpt.derived.items():
        yield from of_metric(name, snake(name), metric, required=False)
    for name, metric in gpt.optional.items():
        yield from of_metric(name, f"optional.{snake(name)}", metric, required=False)
    for validator in gpt.validators:
        yield Rule(validator.fails, pl.lit(validator.message))


def _times() -> Iterator[Rule]:
    """Nobody played before 1970, or in the future; clocks of players may be off by a day."""
    achieved = pl.col("time_achieved").dt.epoch("ms")
    late = achieved > pl.col("time_received").dt.epoch("ms") + DAY_MS
    words = "timeAchieved: must not be more than 24 hours in the future"
    yield Rule(late, pl.lit(words), "time_achieved")
    yield Rule(achieved < 0, pl.lit("timeAchieved: must not be before 1970"), "time_achieved")


def _one(game: str, playtype: str | None) -> GPT:
    return gpts(game)[0] if playtype is None else gpt_of(game, playtype)


def _dry(gpt: GPT) -> list[Column]:
    """The columns that every dry score has. A provided metric that cannot be read is null."""
    return [
        *(column(name) for name in (*KEY, "line")),
        *look_up_columns(),
        *(_nullable(c) for c in game_columns.metrics(gpt).values() if c.name in _provided(gpt)),
        *(column(name) for name in SCORE),
    ]


def _may_have(gpt: GPT) -> list[Column]:
    groups = ("judgements", "optional")
    own = (c for group in groups for c in game_columns.group(gpt, group).values())
    return [*own, column("outcome"), column("message")]


def _provided(gpt: GPT) -> set[str]:
    return {snake(name) for name in gpt.provided}


def look_up_columns() -> list[Column]:
    """Returns the columns ``match.*``: how song and chart of a datapoint are looked up."""
    return [
        Column(f"match.{name}", dtype, column(name).sentence, column(name).unit, True)
        for name, dtype in KEYS.items()
    ]


def _nullable(one: Column) -> Column:
    return Column(one.name, one.dtype, one.sentence, one.unit, True)
