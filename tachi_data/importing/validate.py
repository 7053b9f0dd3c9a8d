"""Third stage: dry scores with a chart become complete scores, or end for a reason. It only reads.

In this order: score ID; known or blacklisted scores are skipped; bounds and rules of the game; what
the reference calls internal errors (a rating that raises); equal scores within the set are skipped
after the first valid one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import schemas
from tachi_data.errors import KEPT_FIRST, KEPT_LAST, LONGEST
from tachi_data.frames import collected
from tachi_data.games import GPT, gpts
from tachi_data.importing.match import Matched
from tachi_data.names import snake
from tachi_data.reference.canonical import hashed
from tachi_data.scoring.metrics import derive, rate
from tachi_data.scoring.score_id import score_id_texts
from tachi_data.store import query, statements
from tachi_data.tables.scores import scores_table, with_all_columns

sql = statements("tachi_data.importing")

ANSWER = {
    "row": pl.Int64(),
    "source": pl.Int64(),
    "user_id": pl.Int64(),
    "position": pl.Int64(),
    "line": pl.Int64(),
    "outcome": pl.String(),
    "message": pl.String(),
    "score_id": pl.String(),
    "chart_id": pl.String(),
    "song_id": pl.Int64(),
    "playtype": pl.String(),
    "chart_found": pl.Boolean(),
}


@dataclass(frozen=True, eq=False)
class Judged:
    """A set of imports of which every datapoint has an outcome.

    Attributes:
        matched: The result of the stage before.
        scores: The complete scores by game; one without an outcome is new and valid.
        datapoints: One row per datapoint, in order, with its outcome: `ANSWER`.
    """

    matched: Matched
    scores: Mapping[str, pl.DataFrame]
    datapoints: pl.DataFrame


def validate(matched: Matched, con: DuckDBPyConnection) -> Judged:
    """Complete the dry scores that have a chart, refuse impossible scores, and skip known ones.

    Args:
        matched: The dry scores with their charts.
        con: A transaction that reads the stored scores.

    Returns:
        The complete scores by game, and the outcome of every datapoint.
    """
    scores, parts = dict[str, pl.DataFrame](), [pl.DataFrame(schema=ANSWER)]
    for game, rows in _by_game(matched).items():
        hold = gpts(game, matched.state.generation)
        scores[game] = complete(rows, hold, matched.parsed.now, con)
        parts.append(_outcomes(rows, scores[game]))
    return Judged(matched, scores, pl.concat(parts).sort("row"))


def _by_game(matched: Matched) -> dict[str, pl.DataFrame]:
    """The dry scores of each game, in order."""
    frames: dict[str, list[pl.DataFrame]] = {}
    for group, rows in zip(matched.parsed.groups, matched.frames, strict=True):
        frames.setdefault(group.gpt.game, []).append(rows)
    # One frame is in order already; of large ones every copy counts.
    return {
        game: parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal").sort("row")
        for game, parts in frames.items()
    }


# Half of a surrogate pair is stored as this character, which also programs put where they could not read one.
DAMAGED = "\ufffd"
REMARK = (
    f"Imported; where its comment or service has {DAMAGED}, the source had a damaged character."
)


def _outcomes(rows: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """The outcome of each datapoint of a game, after the outcome of its score."""
    # A format that only provides classes has no such columns.
    texts = [name for name in ("service", "comment") if name in scores.columns]
    is_damaged = pl.any_horizontal(
        pl.lit(False), *(pl.col(name).str.contains(DAMAGED, literal=True) for name in texts)
    )
    final = scores.lazy().select(
        "row",
        "score_id",
        "playtype",
        "outcome",
        message=pl.when(pl.col("outcome").is_null() & is_damaged)
        .then(pl.lit(REMARK))
        .otherwise("message"),
    )
    is_scored = pl.col("outcome").is_null() & pl.col("score_id").is_not_null()
    return collected(
        rows.lazy()
        .drop("playtype", strict=False)
        .join(final, on="row", how="left", maintain_order="left", suffix="_final")
        .with_columns(
            outcome=pl.when(is_scored)
            .then(pl.col("outcome_final").fill_null("ScoreImported"))
            .otherwise("outcome"),
            message=_bounded(pl.coalesce("message", "message_final")),
        )
        .select(*ANSWER)
    )


def complete(
    dry_scores: pl.DataFrame, gpts: Sequence[GPT], now: int, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Complete scores out of the dry scores that have a chart and no outcome yet.

    Adds ``score_id``, derived metrics, ``ratings.*``, and settles ``outcome`` and ``message``: a row
    without an outcome afterwards is a new, valid score. Rows keep their order by ``row``.
    """
    found = dry_scores.filter(pl.col("outcome").is_null())
    parts = [
        _complete(found.filter(pl.col("chart.playtype") == gpt.playtype), gpt, now, con)
        for gpt in gpts
        if (found["chart.playtype"] == gpt.playtype).any()
    ]
    if not parts:
        return found.with_columns(
            pl.lit(None, dtype=pl.String).alias(c) for c in ("score_id", "playtype")
        )
    scores = parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal").sort("row")
    return _settle(scores, _duplicates(scores), "Skipped")


def _complete(
    dry_scores: pl.DataFrame, gpt: GPT, now: int, con: DuckDBPyConnection
) -> pl.DataFrame:
    scores = with_all_columns(dry_scores, gpt)
    scores = scores.with_columns(
        hashed("T", score_id_texts(scores, gpt)).alias("score_id"),
        pl.col("chart.playtype").alias("playtype"),
    )
    missing = pl.any_horizontal(pl.col(snake(n)).is_null() for n in gpt.provided)
    known = known_scores(scores, gpt.game, con)
    scores = _settle(rate(derive(scores, gpt), gpt), known, "Skipped")
    scores = _settle(
        scores, _invalid(scores.filter(pl.col("outcome").is_null()), gpt, now), "InvalidDatapoint"
    )
    derived = pl.any_horizontal(pl.lit(False), *(pl.col(snake(n)).is_null() for n in gpt.derived))
    broken = scores.filter(
        pl.col("outcome").is_null() & (derived | missing | pl.col("rating_error"))
    )
    errors = broken.select(
        "row",
        message=pl.lit("The score cannot be rated with what the catalogue says about its chart."),
    )
    return _settle(scores, errors, "InternalError").drop("rating_error")


def known_scores(scores: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Scores that need no storing, one row each: ``row`` and ``message``, which says why."""
    wanted = scores.select("row", "user_id", "score_id")
    found = query(con, sql("known_scores"), {"scores": scores_table(game).name}, wanted=wanted)
    if found.is_empty():
        return found.select("row", message=pl.lit(""))
    known = found.unique("row", keep="first", maintain_order=True).join(
        scores.select("row", "score_id", played="time_achieved"), on="row", maintain_order="left"
    )
    achieved = pl.col("time_achieved")
    stored = pl.format(
        "The player has this score already: {}, {}.{}",
        "score_id",
        pl.when(achieved.is_not_null())
        .then(pl.format("played on {}", _minute(achieved)))
        .otherwise(pl.format("stored on {}", _minute(pl.col("time_added")))),
        _if_another_day(pl.col("played") != achieved),
    )
    refused = pl.format("The player has blacklisted this score: {}.", "score_id")
    return known.select("row", message=pl.when("is_blacklisted").then(refused).otherwise(stored))


def _minute(moment: pl.Expr) -> pl.Expr:
    return pl.format("{} UTC", moment.dt.to_string("%Y-%m-%d %H:%M"))


def _if_another_day(differs: pl.Expr) -> pl.Expr:
    words = " A play with the same result at another time is the same score."
    return pl.when(differs).then(pl.lit(words)).otherwise(pl.lit(""))


def _invalid(scores: pl.DataFrame, gpt: GPT, now: int) -> pl.DataFrame:
    """Invalid scores, one row each: ``row`` and ``message`` (all problems, a line each)."""
    received = scores.with_columns(time_received=pl.lit(now).cast(pl.Datetime("ms")))
    found = schemas.failures(received, schemas.scores(gpt.game, gpt.playtype, gpt.generation))
    if found.is_empty():
        return pl.DataFrame(schema={"row": pl.Int64, "message": pl.String})
    rows = scores.select("row").with_row_index("index")
    return (
        found.group_by("index", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("message").str.join("\n"))
        .join(rows, on="index")
        .select("row", message=pl.format("This score has {} error(s):\n{}", "count", "message"))
    )


def _duplicates(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores that equal an earlier valid one of this set."""
    valid_row = pl.when(pl.col("outcome").is_null()).then(pl.col("row"))
    # The player is part of what the ID is a hash of.
    first = valid_row.min().over("score_id")
    again = scores.filter(
        (pl.col("row") > first) & (pl.col("outcome").is_null() | (pl.col("outcome") != "Skipped"))
    )
    if again.is_empty():
        return again.select("row", message=pl.lit(""))
    firsts = scores.filter(pl.col("row") == first).select(
        "score_id", first_position="position", first_played="time_achieved"
    )
    earlier = pl.col("first_played")
    message = pl.format(
        "The same score occurs earlier in this import: {}, row {}{}.{}",
        "score_id",
        "first_position",
        pl.when(earlier.is_not_null())
        .then(pl.format(", played on {}", _minute(earlier)))
        .otherwise(pl.lit("")),
        _if_another_day(pl.col("time_achieved") != earlier),
    )
    return again.join(firsts, on="score_id", maintain_order="left").select("row", message=message)


def _settle(rows: pl.DataFrame, settled: pl.DataFrame, outcome: str) -> pl.DataFrame:
    """Give the rows that ``settled`` lists (``row, message``) this outcome."""
    if settled.is_empty():
        return rows
    new = settled.select("row", pl.col("message").alias("_message"))
    hit = pl.col("_message").is_not_null()
    return (
        rows.join(new, on="row", how="left", maintain_order="left")
        .with_columns(
            outcome=pl.when(hit).then(pl.lit(outcome)).otherwise("outcome"),
            message=pl.when(hit).then("_message").otherwise("message"),
        )
        .drop("_message")
    )


def _bounded(message: pl.Expr) -> pl.Expr:
    """What `tachi_data.errors.bounded` makes of each message."""
    parts = message.str.head(KEPT_FIRST), pl.lit(" … "), message.str.tail(KEPT_LAST)
    return pl.when(message.str.len_chars() > LONGEST).then(pl.concat_str(parts)).otherwise(message)
