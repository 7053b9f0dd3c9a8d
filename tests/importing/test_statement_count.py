"""What one set asks of the database: statements are counted where DuckDB gets them."""

from __future__ import annotations

from typing import Any, cast

import pytest
from duckdb import DuckDBPyConnection

import tachi_data as td
from tachi_data.importing import emit, match, parse, validate
from tachi_data.store import Transaction
from tests.importing.world import NOW, job, score

# Of a known player: state, songs, charts, known scores, what is known of players, sessions,
# scores, personal bests, profiles, counters, imports, sessions of imports.
MOST = 12


class Counting:
    """A connection of DuckDB that counts the statements it is given."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con, self.statements = con, list[str]()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._con, name)
        if name not in ("sql", "execute"):
            return found

        def counted(statement: Any, *args: Any, **named: Any) -> Any:
            self.statements.append(getattr(statement, "query", statement))
            return found(statement, *args, **named)

        return counted


def statements_of(store: td.Store, *jobs: td.ImportJob) -> list[str]:
    """The statements of a set that goes through the store in one transaction."""
    with store.write() as con:
        counting = Counting(con)
        counted = cast("DuckDBPyConnection", counting)
        judged = validate(match(parse(jobs, now=NOW), counted), counted)
        outcomes = emit(judged, Transaction.at(counted, NOW), state=judged.matched.state)
    assert all(len(outcome.document["scoreIDs"]) == 1 for outcome in outcomes)
    return counting.statements


@pytest.mark.parametrize("players", [1, 40])
def test_a_set_of_one_play_each(store: td.Store, players: int) -> None:
    def plays(points: int) -> list[td.ImportJob]:
        play = score(score=points, timeAchieved=NOW)
        return [job(play, user_id=n) for n in range(1, players + 1)]

    new = statements_of(store, *plays(1500))
    known = statements_of(store, *plays(1501))
    assert len(known) <= MOST, "\n".join(known)
    # Who never played is stored, and reaches the first classes.
    assert len(new) <= MOST + 2, "\n".join(new)
