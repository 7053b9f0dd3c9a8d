"""Last stages: what an import changes is written, and each import gets its document.

All of it happens in the transaction of the import: sessions, scores, personal bests, profiles, goals,
quests, the document. Either everything is there afterwards, or nothing.

Two threads do what does not depend on each other: one computes while a statement of the other one runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.documents.imports import import_documents, without_lists
from tachi_data.frames import all_collected, collected
from tachi_data.games import gpts
from tachi_data.importing.timings import Timings
from tachi_data.standings.goals.update import NO_ACHIEVEMENTS, Achievements, update_goals
from tachi_data.standings.personal_bests import (
    new_personal_bests,
    store_personal_bests,
    stored_on_charts,
)
from tachi_data.standings.profiles import DELTAS, provided_frame, update_profiles
from tachi_data.standings.sessions import NO_SESSIONS, into_sessions
from tachi_data.store import execute, insert, next_ordinals, statements
from tachi_data.tables.scores import packed, scores_table

sql = statements("tachi_data.importing")

TIME = pl.Datetime("ms")


def publish_scores(
    scores: pl.DataFrame,
    players: Mapping[int, int],
    classes: Mapping[int, Mapping[str, Mapping[str, str]]],
    game: str,
    now: int,
    con: DuckDBPyConnection,
    timings: Timings,
    *,
    one_by_one: bool = False,
) -> Changes:
    """Store complete new scores of one game and bring everything that depends on them up to date.

    ``players`` maps source to user; ``classes`` holds the provided classes of the sources that have a
    class provider, {source: {playtype: {set: value}}}. ``one_by_one``: see `into_sessions`.
    """
    touched = _store_scores(scores, game, now, con, timings, one_by_one=one_by_one)
    stored = scores.select("row", "source", "user_id", "playtype", "chart_id")
    with ThreadPoolExecutor(1) as beside:
        achieving = beside.submit(_find_achievements, stored, game, now, con, timings)
        with timings.step("ugs"):
            deltas = _update_profiles(stored, players, classes, game, now, con)
        return Changes(touched, deltas, achieving.result())


def _store_scores(
    scores: pl.DataFrame,
    game: str,
    now: int,
    con: DuckDBPyConnection,
    timings: Timings,
    *,
    one_by_one: bool,
) -> pl.DataFrame:
    """Store scores, their sessions and the personal bests that they make; gives the touched sessions."""
    if scores.is_empty():
        return NO_SESSIONS
    numbered = scores.with_columns(
        ordinal=next_ordinals(con, "scores", scores.height),
        highlight=pl.col("highlight").fill_null(False)
        if "highlight" in scores.columns
        else pl.lit(False),
        time_added=pl.lit(now).cast(TIME),
    )
    with timings.step("pb"):
        earlier = stored_on_charts(numbered, game, con)
    with ThreadPoolExecutor(1) as beside:
        computing = beside.submit(new_personal_bests, numbered, earlier, game)
        with timings.step("session"):
            sessions = into_sessions(numbered, game, now, con, one_by_one=one_by_one)
        table = scores_table(game)
        insert(con, table.name, packed(sessions.scores, game, table))
        with timings.step("pb"):
            store_personal_bests(computing.result(), earlier, game, con)
    return sessions.touched


def _find_achievements(
    scores: pl.DataFrame, game: str, now: int, con: DuckDBPyConnection, timings: Timings
) -> Achievements:
    with timings.step("goal"):
        return update_goals(scores, game, now, con)


def highlight_known(scores: pl.DataFrame, game: str, con: DuckDBPyConnection) -> None:
    """Mark the scores that a player sent again in order to have them marked."""
    marked = scores.filter((pl.col("outcome") == "Skipped") & pl.col("highlight"))
    if marked.height:
        execute(
            con,
            sql("highlight_scores", scores=scores_table(game).name),
            marked=marked.select("user_id", "score_id"),
        )


class Changes:
    """What publishing one game's scores changed, beside the scores."""

    def __init__(
        self, sessions: pl.DataFrame, deltas: pl.DataFrame, achievements: Achievements
    ) -> None:
        self.sessions = sessions
        self.deltas = deltas
        self.achievements = achievements


def _update_profiles(
    scores: pl.DataFrame,
    players: Mapping[int, int],
    classes: Mapping[int, Mapping[str, Mapping[str, str]]],
    game: str,
    now: int,
    con: DuckDBPyConnection,
) -> pl.DataFrame:
    """Class deltas with their ``source``. A class provider makes all playtypes of the game count."""
    configured = {value.playtype: i for i, value in enumerate(gpts(game))}
    told = [(s, players[s], p, i) for s in classes for p, i in configured.items()]
    schema = {"source": pl.Int64, "user_id": pl.Int64, "playtype": pl.String, "order": pl.Int64}
    appeared = (
        scores.lazy()
        .group_by("source", "user_id", "playtype")
        .agg(order=pl.col("row").min())
        .select(*schema)
    )
    touched = collected(
        pl.concat([pl.LazyFrame(told, schema=schema, orient="row"), appeared])
        .unique(["user_id", "playtype"], keep="first", maintain_order=True)
        .sort("source", "order")
    )
    if touched.is_empty():
        return pl.DataFrame(schema={**DELTAS, "source": pl.Int64, "game": pl.String})
    provided = provided_frame(
        {(players[s], p): values for s, by in classes.items() for p, values in by.items()}
    )
    deltas = update_profiles(touched.select("user_id", "playtype"), provided, game, now, con)
    sources = touched.lazy().select("source", "user_id", "playtype")
    return collected(
        deltas.lazy()
        .join(sources, on=["user_id", "playtype"], maintain_order="left")
        .with_columns(game=pl.lit(game))
    )


def store_imports(
    imports: pl.DataFrame,
    datapoints: pl.DataFrame,
    changes: Sequence[Changes],
    timings: Timings,
    con: DuckDBPyConnection,
) -> list[dict[str, Any]]:
    """Make the documents of the imports and store them, with the datapoints that failed."""

    def of_all(name: str, schema: Mapping[str, Any]) -> pl.DataFrame:
        frames = [getattr(c, name) for c in changes]
        return pl.concat(frames, how="diagonal") if frames else pl.DataFrame(schema=schema)

    goal_frames = [c.achievements.goals for c in changes]
    quest_frames = [c.achievements.quests for c in changes]
    sessions = of_all("sessions", NO_SESSIONS.schema)
    documents = import_documents(
        imports,
        datapoints,
        sessions,
        of_all("deltas", {**DELTAS, "source": pl.Int64, "game": pl.String}),
        pl.concat(goal_frames) if goal_frames else NO_ACHIEVEMENTS.goals,
        pl.concat(quest_frames) if quest_frames else NO_ACHIEVEMENTS.quests,
    )
    insert(
        con,
        "imports",
        imports.select(
            "import_id",
            "import_type",
            "user_id",
            "user_intent",
            "game",
            pl.from_epoch("time_started", "ms").cast(TIME),
            pl.from_epoch("time_finished", "ms").cast(TIME),
            document=pl.Series([without_lists(d) for d in documents], dtype=pl.String),
            timings=pl.lit(timings.document(datapoints)),
        ),
    )
    named = imports.lazy().select("source", "import_id", "import_type", "game")
    members = sessions.lazy().join(named, on="source", maintain_order="left")
    position = pl.int_range(pl.len()).over("import_id")
    columns = [
        "import_id",
        "user_id",
        "game",
        "import_type",
        "position",
        "line",
        "outcome",
        "message",
        "data",
        "orphan_id",
    ]
    failed = (
        datapoints.lazy()
        .filter(~pl.col("outcome").is_in(["ScoreImported", "Skipped"]))
        .join(named, on="source", how="left", maintain_order="left")
        .select(columns)
    )
    touched, problems = all_collected(
        members.select("import_id", "session_id", "is_new", position=position), failed
    )
    insert(con, "import_sessions", touched)
    insert(con, "problems", problems)
    return documents
