"""The facts that a judgement rests on: emit looks whether they have changed since."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from tachi_data.store import first_row, statements

sql = statements("tachi_data.importing")


@dataclass(frozen=True)
class State:
    """A state of the store, as far as judgements depend on it.

    Attributes:
        catalogue_version: Counts the changes of the catalogue.
        generation: That of the catalogue, 2 or 3: which rules hold.
        last_score: Counts the scores that were ever stored.
        blacklisted: How many scores are blacklisted.
        locked: How many players are locked.
        corrections: Counts the corrections of scores: a corrected score may be one that is sent.
    """

    catalogue_version: int
    generation: int
    last_score: int
    blacklisted: int
    locked: int
    corrections: int


def state_of(con: DuckDBPyConnection) -> State:
    """Return the state that a connection sees.

    Args:
        con: A transaction.
    """
    row = first_row(con, sql("state"))
    assert row is not None
    return State(*row)
