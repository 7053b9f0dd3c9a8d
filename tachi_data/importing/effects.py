"""What follows from the new scores of one game: sessions and personal bests, computed before they are stored."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.games import gpts
from tachi_data.importing.class_changes import touched_profiles
from tachi_data.importing.validate import Judged
from tachi_data.standings.known import Known, known
from tachi_data.standings.personal_bests import new_personal_bests
from tachi_data.standings.sessions import NO_GROUPED, Grouped, Sessions, grouped, into_sessions
from tachi_data.store import Timings
from tachi_data.tables.scores import packed, scores_table

NO_SCORES = pl.DataFrame(
    schema={
        "row": pl.Int64,
        "source": pl.Int64,
        "user_id": pl.Int64,
        "playtype": pl.String,
        "chart_id": pl.String,
    }
)
TOUCHED = ("source", "user_id", "playtype", "chart_id")


@dataclass(frozen=True, eq=False)
class NewScores:
    """The new scores of one game, and what they touch.

    Attributes:
        scores: The new scores, complete, with ``source`` and ``import_id``.
        touched: ``source, user_id, playtype, chart_id``, each once.
        groups: The scores in groups of which each belongs to one session.
        profiles: One row per profile: ``source, user_id, playtype``.
    """

    scores: pl.DataFrame
    touched: pl.DataFrame
    groups: Grouped
    profiles: pl.DataFrame

    def known(self, game: str, con: DuckDBPyConnection) -> Known:
        """Read what the store knows of the players, their sessions and their scores on the charts."""
        touched, groups = self.touched, self.groups.groups
        return known(game, con, touched=touched, groups=groups, players=self.profiles)


@dataclass(frozen=True, eq=False)
class Effects:
    """What follows from new scores.

    Attributes:
        seen: What the store knew then.
        first: The ordinal of the first new score, if nobody stores scores meanwhile.
        rows: The rows of the game's table of scores, without ``ordinal`` and ``time_added``.
        pbs: The personal bests of the players on the charts, flat.
        sessions: The sessions of the scores.
    """

    seen: Known
    first: int
    rows: pl.DataFrame
    pbs: pl.DataFrame
    sessions: Sessions


def new_scores(judged: Judged, game: str, imports: pl.DataFrame, timings: Timings) -> NewScores:
    """Pick the new scores of one game, and what they touch.

    Args:
        judged: The set.
        game: The game.
        imports: The imports of the game that are stored.
        timings: Of the set.
    """
    scores = judged.scores.get(game)
    new = NO_SCORES
    if scores is not None:
        new = scores.filter(pl.col("outcome").is_null()).join(
            imports.select("source", "import_id"), on="source", how="inner", maintain_order="left"
        )
    with timings.step("session"):
        groups = NO_GROUPED if new.is_empty() else grouped(new)
    profiles = touched_profiles(new, imports, judged.matched.parsed.classes, game)
    return NewScores(new, new.select(TOUCHED).unique(), groups, profiles)


def effects(new: NewScores, seen: Known, game: str, judged: Judged, timings: Timings) -> Effects:
    """Find the sessions of new scores, and the personal bests that they make.

    Args:
        new: The new scores; there are some.
        seen: What the store knows.
        game: The game.
        judged: The set.
        timings: Of the set.
    """
    hold = gpts(game, judged.matched.state.generation)
    first, height = seen.counters.next("scores"), new.scores.height
    numbered = new.scores.with_columns(
        ordinal=pl.int_range(first, first + height, dtype=pl.Int64),
        highlight=pl.col("highlight").fill_null(False),
    )
    with timings.step("pb"):
        pbs = new_personal_bests(numbered, seen.earlier, hold)
    with timings.step("session"):
        one_by_one = judged.matched.parsed.is_retry
        sessions = into_sessions(numbered, new.groups, seen.near, hold, one_by_one=one_by_one)
    with timings.step("pb"):
        rows = packed(sessions.scores.drop("ordinal"), game, scores_table(game))
    return Effects(seen, first, rows, pbs, sessions)


def as_known_now(
    earlier: Effects, new: NewScores, game: str, judged: Judged, con: DuckDBPyConnection
) -> Effects:
    """The effects as of a transaction: those found earlier, if the store knows the same of the players.

    Whatever changed meanwhile shows there: imports, orphans, reverts, deletions and corrections.

    Args:
        earlier: What was found before the transaction.
        new: The new scores.
        game: The game.
        judged: The set, of which nothing changed.
        con: The connection of the transaction.
    """
    seen = new.known(game, con)
    if not seen.equals(earlier.seen):
        return effects(new, seen, game, judged, Timings())
    moved, ordinal = seen.counters.next("scores") - earlier.first, pl.col("first_ordinal")
    of_new = pl.when(ordinal >= earlier.first).then(ordinal + moved).otherwise(ordinal)
    pbs = earlier.pbs.with_columns(first_ordinal=of_new) if moved else earlier.pbs
    return Effects(seen, earlier.first + moved, earlier.rows, pbs, earlier.sessions)
