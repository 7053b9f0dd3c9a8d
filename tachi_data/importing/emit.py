"""Fourth stage, the only one that writes: it stores all changes of an import, and makes its document.

All of it happens in one transaction: votes for unknown charts, orphans, scores, sessions, personal bests,
profiles, goals, quests, the document. Either everything is there afterwards, or nothing.

The stages before may have read an earlier state of the store. So this stage first compares the states: a set is
matched again if the catalogue changed, and validated again if its players have new scores, or scores were blacklisted
or corrected. What follows from the scores of a very large set is computed before
(`tachi_data.importing.preparation`); here it is only stored, unless what it rests on has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from tachi_data.documents.imports import ImportDocuments, import_documents
from tachi_data.errors import ImportFatal, LostImport
from tachi_data.frames import all_collected
from tachi_data.games import gpts
from tachi_data.importing.chart_votes import vote
from tachi_data.importing.class_changes import NO_DELTAS, class_changes, provided_of
from tachi_data.importing.effects import Effects, as_known_now, effects, new_scores
from tachi_data.importing.match import match
from tachi_data.importing.orphans import keep_orphans
from tachi_data.importing.outcomes import DONE, Outcomes, raw_of_failed, timings_text, with_raw
from tachi_data.importing.preparation import Prepared, accepted, unmatched
from tachi_data.importing.state import State, state_of
from tachi_data.importing.validate import Judged, validate
from tachi_data.players.locks import CONFLICT, holders
from tachi_data.players.time_stops import advance
from tachi_data.players.users import create_users
from tachi_data.standings.goals.update import NO_ACHIEVEMENTS, Achievements, update_goals
from tachi_data.standings.known import Known
from tachi_data.standings.personal_bests import store_personal_bests
from tachi_data.standings.sessions import NO_SESSIONS, store_sessions
from tachi_data.store import Transaction, execute, insert, query, statements
from tachi_data.tables.scores import scores_table

sql = statements("tachi_data.importing")

TIME = pl.Datetime("ms")
NO_USERS = pl.DataFrame(schema={"user_id": pl.Int64})
PROBLEM = (
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
)
FENCED = {"source": pl.Int64(), "import_id": pl.String(), "fence": pl.Int64()}


@dataclass(frozen=True, eq=False)
class Changes:
    """The changes that the new scores of one game made.

    Attributes:
        sessions: The sessions that each import touched: see `tachi_data.standings.sessions.Sessions`.
        deltas: The classes that changed, with ``source`` and ``game``.
        achievements: The goals and quests that moved.
        stored: Players of the imports that were stored before: ``user_id``.
    """

    sessions: pl.DataFrame
    deltas: pl.DataFrame
    achievements: Achievements
    stored: pl.DataFrame


def emit(
    judged: Judged, tx: Transaction, *, state: State | None = None, ahead: Prepared | None = None
) -> Outcomes:
    """Store a judged set of imports with all that follows from its scores.

    An import of a player who has another one running is refused with 409.

    Args:
        judged: The scores, and the outcome of every datapoint.
        tx: A transaction that writes.
        state: The state of the store, where the set was judged in this transaction; None looks.
        ahead: What was prepared of the set before the transaction, if anything.

    Returns:
        One outcome per import, in their order.
    """
    judged, new_charts = as_of_now(judged, state or state_of(tx.con), tx)
    prep = ahead if ahead is not None and ahead.judged is judged else None
    imports = prep.imports if prep else accepted(judged)
    datapoints = _with_orphans(prep, judged, imports, tx)
    _advance_time_stops(judged, imports, datapoints, tx)
    changes = [
        _store_game(judged, game, imports, prep, tx)
        for game in imports["game"].unique(maintain_order=True)
    ]
    _create_users(imports, changes, tx)
    documents = _store_imports(judged, imports, datapoints, changes, tx)
    places = dict(zip(imports["source"].to_list(), range(imports.height), strict=True))
    return Outcomes(
        judged.matched.parsed.jobs,
        judged.matched.refused,
        datapoints,
        (documents, places),
        new_charts,
    )


def as_of_now(judged: Judged, state: State, tx: Transaction) -> tuple[Judged, tuple[str, ...]]:
    """Judge a set again as far as the store has changed since it was judged.

    Args:
        judged: The set.
        state: The state of the store in this transaction.
        tx: A transaction that writes.

    Returns:
        The set as of this transaction, and the IDs of the charts that it let into the catalogue.
    """
    parsed, seen = judged.matched.parsed, judged.matched.state
    judged = _without_lost(judged, tx)
    if state.locked and not parsed.is_retry:
        judged = _without_locked(judged, tx)
    new_charts = () if parsed.is_retry else tuple(vote(judged.matched, tx))
    if new_charts or state.catalogue_version != seen.catalogue_version:
        again = match(parsed, tx.con)
        refused = {**judged.matched.refused, **again.refused}
        judged = _without_refused(validate(replace(again, refused=refused), tx.con))
    elif (
        state.blacklisted != seen.blacklisted
        or state.corrections != seen.corrections
        or _have_new_scores(judged, state, tx)
    ):
        judged = validate(replace(judged.matched, state=state), tx.con)
    return judged, new_charts


def _have_new_scores(judged: Judged, state: State, tx: Transaction) -> bool:
    """Whether players of the set have scores that validate did not know; those of others change nothing."""
    known = judged.matched.state.last_score
    if state.last_score == known:
        return False
    players = judged.matched.parsed.imports.select("user_id")
    return not query(tx.con, sql("newer_scores"), {"count": known}, players=players).is_empty()


def _without_lost(judged: Judged, tx: Transaction) -> Judged:
    """Refuse the imports that another worker has taken from the queue since this one did."""
    jobs = enumerate(judged.matched.parsed.jobs)
    fenced = [(i, job.import_id, job.fence) for i, job in jobs if job.fence is not None]
    if not fenced:
        return judged
    wanted = pl.DataFrame(fenced, schema=FENCED, orient="row")
    lost = query(tx.con, sql("lost_jobs"), wanted=wanted)["source"].to_list()
    if not lost:
        return judged
    refused = {**judged.matched.refused, **{source: LostImport() for source in lost}}
    return _without_refused(replace(judged, matched=replace(judged.matched, refused=refused)))


def _without_locked(judged: Judged, tx: Transaction) -> Judged:
    """Refuse the imports of players whose lock somebody else holds."""
    imports = judged.matched.parsed.imports
    held = holders(imports["user_id"].to_list(), tx.con)
    by_others = imports.join(held, on="user_id").filter(pl.col("holder") != pl.col("import_id"))
    locked = dict.fromkeys(by_others["source"].to_list(), ImportFatal(409, CONFLICT))
    if not locked:
        return judged
    refused = {**locked, **judged.matched.refused}
    return _without_refused(replace(judged, matched=replace(judged.matched, refused=refused)))


def _without_refused(judged: Judged) -> Judged:
    """The set without the datapoints of imports that are refused."""
    matched = judged.matched
    keep = ~pl.col("source").is_in(list(matched.refused))
    return Judged(
        replace(matched, frames=tuple(rows.filter(keep) for rows in matched.frames)),
        {game: rows.filter(keep) for game, rows in judged.scores.items()},
        judged.datapoints.filter(keep),
    )


def _with_orphans(
    prep: Prepared | None, judged: Judged, imports: pl.DataFrame, tx: Transaction
) -> pl.DataFrame:
    """The datapoints with ``orphan_id`` and ``data``; those without a chart are kept as orphans."""
    matched = judged.matched
    if matched.parsed.is_retry:
        # What else became of orphans is noted with them, not with the import that they make.
        new = judged.datapoints.filter(outcome="ScoreImported")
        nothing = pl.lit(None, dtype=pl.String)
        return new.with_columns(orphan_id=nothing, data=nothing)
    waiting = prep.unmatched if prep else unmatched(matched)
    kept = [keep_orphans(named, group, imports, tx) for group, named in waiting]
    raw = prep.raw if prep else raw_of_failed(judged.datapoints, matched.parsed.groups)
    return with_raw(judged.datapoints, kept, raw)


def _advance_time_stops(
    judged: Judged, imports: pl.DataFrame, datapoints: pl.DataFrame, tx: Transaction
) -> None:
    """Note up to when the scores of the players at other services are known: scores and orphans count."""
    if judged.matched.parsed.is_retry or not imports["import_type"].str.starts_with("api/").any():
        return
    kept = datapoints.filter(pl.col("score_id").is_not_null() | pl.col("orphan_id").is_not_null())
    times = pl.concat([f.select("row", "time_achieved") for f in judged.matched.frames])
    newest = (
        kept.join(times, on="row").group_by("source").agg(last_score_time=pl.max("time_achieved"))
    )
    of_imports = imports.join(newest, on="source")
    advance(of_imports.select("user_id", "import_type", "last_score_time"), tx.con)


def _store_game(
    judged: Judged, game: str, imports: pl.DataFrame, prep: Prepared | None, tx: Transaction
) -> Changes:
    """Store the new scores of one game, and bring everything that depends on them up to date."""
    mine, parsed = imports.filter(game=game), judged.matched.parsed
    if (scores := judged.scores.get(game)) is not None:
        _highlight_known(scores, game, tx)
    earlier = prep.games.get(game) if prep else None
    new = earlier[0] if earlier else new_scores(judged, game, mine, tx.timings)
    if new.profiles.is_empty():
        return Changes(NO_SESSIONS, NO_DELTAS, NO_ACHIEVEMENTS, NO_USERS)
    hold, sessions = gpts(game, judged.matched.state.generation), NO_SESSIONS
    if new.scores.is_empty():
        seen = new.known(game, tx.con)
    else:
        if earlier:
            follows = as_known_now(earlier[1], new, game, judged, tx.con)
        else:
            follows = effects(new, new.known(game, tx.con), game, judged, tx.timings)
        seen, sessions = _store_scores(follows, game, tx), follows.sessions.touched
    with tx.timings.step("ugs"):
        deltas = class_changes(new.profiles, provided_of(mine, parsed.classes), seen, hold, tx)
    with tx.timings.step("goal"):
        achievements = update_goals(new.touched, game, tx, seen=seen)
    seen.counters.store(tx.con)
    return Changes(sessions, deltas, achievements, seen.stored)


def _create_users(imports: pl.DataFrame, changes: Sequence[Changes], tx: Transaction) -> None:
    """Store the players of the imports that nothing is known of."""
    stored = pl.concat([NO_USERS, *(c.stored for c in changes)])
    unknown = imports.join(stored, on="user_id", how="anti")["user_id"]
    if unknown.len():
        create_users(unknown, tx.now, tx.con)


def _highlight_known(scores: pl.DataFrame, game: str, tx: Transaction) -> None:
    """Mark the stored scores that a player sent again in order to have them marked."""
    marked = scores.filter((pl.col("outcome") == "Skipped") & pl.col("highlight"))
    if marked.height:
        text = sql("highlight_scores", scores=scores_table(game).name)
        execute(tx.con, text, marked=marked.select("user_id", "score_id"))


def _store_scores(follows: Effects, game: str, tx: Transaction) -> Known:
    """Store scores, their sessions, and the personal bests that they make; returns what is known afterwards."""
    seen, pbs, table = follows.seen, follows.pbs, scores_table(game)
    with tx.timings.step("session"):
        store_sessions(follows.sessions, game, tx)
    with tx.timings.step("pb"):
        ordinal = seen.counters.take("scores", follows.rows.height)
        rows = follows.rows.with_columns(ordinal=ordinal, time_added=tx.moment)
        insert(tx.con, table.name, rows)
        store_personal_bests(pbs, seen.earlier, game, tx.con)
    others = seen.pbs.join(pbs, on=["user_id", "chart_id"], how="anti", maintain_order="left")
    made = pbs.select(c for c in others.columns if c in pbs.columns)
    return replace(seen, pbs=pl.concat([others, made], how="diagonal_relaxed"))


def _store_imports(
    judged: Judged,
    imports: pl.DataFrame,
    datapoints: pl.DataFrame,
    changes: Sequence[Changes],
    tx: Transaction,
) -> ImportDocuments:
    """Make the documents of the imports, in their order, and store them with the datapoints that failed."""
    sessions = pl.concat([NO_SESSIONS, *(c.sessions for c in changes)])
    imports = imports.with_columns(time_finished=pl.lit(tx.clock(), dtype=pl.Int64))
    documents = import_documents(
        imports,
        datapoints,
        sessions,
        pl.concat([NO_DELTAS, *(c.deltas for c in changes)]),
        pl.concat([NO_ACHIEVEMENTS.goals, *(c.achievements.goals for c in changes)]),
        pl.concat([NO_ACHIEVEMENTS.quests, *(c.achievements.quests for c in changes)]),
    )
    stored = imports.select(
        "import_id",
        "import_type",
        "user_id",
        "user_intent",
        "game",
        pl.from_epoch("time_started", "ms").cast(TIME),
        pl.from_epoch("time_finished", "ms").cast(TIME),
        document=documents.texts,
        timings=pl.lit(timings_text(tx.timings, datapoints)),
    )
    named = imports.lazy().select("source", "import_id", "import_type", "game")
    members = sessions.lazy().join(named, on="source", maintain_order="left")
    position = pl.int_range(pl.len()).over("import_id")
    failed = datapoints.lazy().filter(~pl.col("outcome").is_in(DONE))
    touched, problems = all_collected(
        members.select("import_id", "session_id", "is_new", position=position),
        failed.join(named, on="source", how="inner", maintain_order="left").select(PROBLEM),
    )
    insert(tx.con, "imports", stored)
    insert(tx.con, "import_sessions", touched)
    insert(tx.con, "problems", problems)
    return documents
