"""Converting a page of orphans to scores by the four stages of an import, and deciding what happens to each.

============================= ========= =========================================================
outcome                       counter   the orphan
============================= ========= =========================================================
no song or chart, ambiguous   failed    stays
invalid, no chart found       failed    stays (a changed format must not cost players their data)
our fault, or the catalogue's failed    stays, with the error
skipped by the format         removed   is archived
invalid, with a chart         removed   is archived
known or blacklisted score    removed   is archived
a new score                   success   is archived, with the score's ID
============================= ========= =========================================================
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.importing import Judged, Parsed, emit, match, validate
from tachi_data.importing.collector import collector_paused
from tachi_data.importing.emit import as_of_now
from tachi_data.importing.parse import IMPORTS, validated
from tachi_data.importing.state import state_of
from tachi_data.orphans.loading import as_datapoints
from tachi_data.store import Transaction

SETTLED = {
    "row": pl.Int64(),
    "counter": pl.String(),
    "message": pl.String(),
    "score_id": pl.String(),
    "deorphaned_by": pl.String(),
    "is_unexpected": pl.Boolean(),
}


@dataclass(frozen=True, eq=False)
class Attempt:
    """A page of orphans as it was judged.

    Attributes:
        page: Rows of the table ``orphans``, in stored order.
        judged: The readable orphans as a set of imports.
        unreadable: `SETTLED` of the others.
    """

    page: pl.DataFrame
    judged: Judged
    unreadable: pl.DataFrame


def attempted(page: pl.DataFrame, now: int, con: DuckDBPyConnection) -> Attempt:
    """Parse, match and validate a page of stored orphans.

    Args:
        page: Rows of the table ``orphans``, in stored order.
        now: Unix milliseconds.
        con: A transaction that reads.
    """
    with collector_paused():
        parsed, unreadable = _parsed(page, now)
        return Attempt(page, validate(match(parsed, con), con), unreadable)


def as_attempted_now(attempt: Attempt, tx: Transaction) -> Attempt:
    """An earlier attempt at the same orphans, judged again as far as the store has changed since."""
    judged, _ = as_of_now(attempt.judged, state_of(tx.con), tx)
    return replace(attempt, judged=judged)


def settle(attempt: Attempt, tx: Transaction) -> pl.DataFrame:
    """Store the scores of a page that was judged in this transaction, and bring up to date what follows from them.

    The rows of the orphans stay as they are.

    Args:
        attempt: The page.
        tx: The transaction. After an exception the caller rolls it back.

    Returns:
        One row per orphan, by its place in the page: `SETTLED`.
    """
    judged = attempt.judged
    with collector_paused():
        emit(judged, tx, state=judged.matched.state)
        return pl.concat([attempt.unreadable, _settled(judged)]).sort("row")


def _parsed(page: pl.DataFrame, now: int) -> tuple[Parsed, pl.DataFrame]:
    """Returns the orphans as a set of imports, one per player and game; and the settled unreadable ones."""
    owners = page.select("user_id", "game").unique(maintain_order=True)
    ids = [secrets.token_hex(20) for _ in range(owners.height)]
    imports = owners.with_row_index("source").with_columns(
        pl.col("source").cast(pl.Int64),
        import_id=pl.Series(ids, dtype=pl.String),
        import_type=pl.lit("orphans"),
        user_intent=pl.lit(False),
    )
    numbered = page.join(
        imports.select("user_id", "game", "source"),
        on=["user_id", "game"],
        maintain_order="left",
    ).with_columns(row=pl.int_range(pl.len()))
    groups, problems = as_datapoints(numbered)
    parsed = Parsed(
        (), imports.select(*IMPORTS), tuple(map(validated, groups)), {}, now, is_retry=True
    )
    return parsed, _unreadable(problems)


def _unreadable(problems: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return problems.select(
        "row",
        counter=pl.lit("failed"),
        message="message",
        score_id=nothing,
        deorphaned_by=nothing,
        is_unexpected=pl.lit(True),
    )


def _settled(judged: Judged) -> pl.DataFrame:
    """Returns one row of `SETTLED` per readable orphan, by the outcome of its datapoint."""
    outcome = pl.col("outcome")
    success = outcome == "ScoreImported"
    gone = (outcome == "Skipped") | ((outcome == "InvalidDatapoint") & pl.col("chart_found"))
    counter = (
        pl.when(success)
        .then(pl.lit("success"))
        .when(gone)
        .then(pl.lit("removed"))
        .otherwise(pl.lit("failed"))
    )
    imports = judged.matched.parsed.imports.select("source", "import_id")
    return (
        judged.datapoints.join(imports, on="source", how="left", maintain_order="left")
        .select(
            "row",
            "message",
            counter=counter,
            score_id=pl.when(success).then("score_id"),
            deorphaned_by=pl.when(success).then("import_id"),
            is_unexpected=pl.lit(False),
        )
        .select(*SETTLED)
    )
