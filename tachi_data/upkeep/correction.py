"""Correcting stored scores; all that follows from them is brought up to date."""

from __future__ import annotations

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import arguments
from tachi_data.catalogue import rules
from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.errors import TachiError
from tachi_data.games import GPT, names
from tachi_data.names import snake
from tachi_data.players.locks import lock
from tachi_data.reference.canonical import hashed
from tachi_data.scoring.metrics import derive, rate
from tachi_data.scoring.score_id import score_id_texts
from tachi_data.standings.refresh import refresh
from tachi_data.standings.sessions import place_scores
from tachi_data.store import Store, Transaction, expect_store, insert, next_ordinals
from tachi_data.tables.scores import packed, scores_table, unpacked, with_all_columns
from tachi_data.upkeep.rows import delete_rows, impossible, stored_scores

FIXED = ("user_id", "playtype", "song_id", "is_primary", "session_id", "ordinal", "import_id")
TOUCHED = ("user_id", "playtype", "chart_id", "session_id")
ANSWER = {"score_id": pl.String(), "new_score_id": pl.String(), "outcome": pl.String()}


def update_scores(
    store: Store, user_id: int, changes: pl.DataFrame, *, now: int | None = None
) -> pl.DataFrame:
    """Correct scores of a player. Values that no import would accept are refused.

    IDs, derived metrics and ratings are computed again. Personal bests of old and new charts, sessions, the
    profile and goals follow. A score stays in its session, unless it loses its time or changes its playtype. A
    score that has a time and no session joins one, as if it were imported now. A score that becomes equal to
    another score merges into it.

    Args:
        store: The store.
        user_id: The player.
        changes: One row per score: ``score_id``, and columns of ``scores_<game>`` that are replaced, such as
            ``chart_id``, ``time_achieved``, ``comment``, a metric, or ``judgements.perfect``. Every listed score
            gets the value of its row, also null.
        now: Unix milliseconds, to fix the clock.

    Returns:
        One row per row of ``changes``, in that order: ``score_id, new_score_id, outcome`` (``updated`` or
        ``merged``).

    Raises:
        TachiError: A score, chart or column does not exist, a value is impossible, or a score cannot be rated;
            nothing is changed.
        ImportFatal: 409, an import of this player is running.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> changes = pl.DataFrame({"score_id": outcome.document["scoreIDs"], "score": [950_000]})
        >>> td.update_scores(store, 7, changes)["outcome"].to_list()
        ['updated']
        >>> store.query("SELECT score, grade FROM scores_wacca").rows()
        [(950000, 'SS')]
    """
    expect_store(store)
    arguments.player(user_id)
    if "score_id" not in getattr(changes, "columns", ()):
        raise arguments.refuse("changes", "a Polars frame with the column score_id", changes)
    repeated = changes.filter(pl.col("score_id").is_duplicated())["score_id"].to_list()
    if repeated:
        raise TachiError(f"Score {repeated[0]!r:.200} is listed twice; each score takes one row.")
    with store.write() as con, lock(user_id, con):
        next_ordinals(con, "corrections", 1)
        parts = [
            _update_of_game(user_id, changes, game, Transaction.at(con, now)) for game in names()
        ]
    answer = changes.select("score_id").join(
        pl.concat([pl.DataFrame(schema=ANSWER), *parts]),
        on="score_id",
        how="left",
        maintain_order="left",
    )
    missing = answer.filter(pl.col("outcome").is_null())["score_id"].to_list()
    if missing:
        raise TachiError(f"Player {user_id} has no score {missing[0]!r:.200}.")
    return answer


def _update_of_game(
    user_id: int, changes: pl.DataFrame, game: str, tx: Transaction
) -> pl.DataFrame:
    table = scores_table(game)
    wanted = changes.select("score_id", user_id=pl.lit(user_id, dtype=pl.Int64))
    stored = stored_scores(wanted, game, tx.con)
    if stored.is_empty():
        return pl.DataFrame(schema=ANSWER)
    changed = _changed(unpacked(stored, game), changes, game, tx.con)
    known = stored_scores(changed.select("user_id", "score_id"), game, tx.con)
    # The score is equal to one that does not change now, or to an earlier one of these.
    others = known.join(stored, on="score_id", how="anti")["score_id"]
    merges = pl.col("score_id").is_in(others.implode()) | ~pl.col("score_id").is_first_distinct()
    changed = changed.with_columns(
        outcome=pl.when(merges).then(pl.lit("merged")).otherwise(pl.lit("updated"))
    )
    delete_rows(stored, game, tx.con)
    kept = changed.filter(pl.col("outcome") == "updated")
    insert(tx.con, table.name, packed(kept, game, table))
    touched = pl.concat([stored.select(TOUCHED), changed.select(TOUCHED)])
    refresh(touched, game, tx)
    homeless = pl.col("session_id").is_null() & pl.col("time_achieved").is_not_null()
    place_scores(kept.filter(homeless), game, tx)
    return changed.select(score_id="was", new_score_id="score_id", outcome="outcome")


def _changed(
    scores: pl.DataFrame, changes: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Returns the scores with their new values, IDs and ratings; ``was`` is the ID before."""
    replaced = [name for name in changes.columns if name != "score_id"]
    for name in replaced:
        if name not in scores.columns or name in FIXED or name.startswith("ratings."):
            raise TachiError(f"The column {name!r:.200} of {game} scores cannot be changed.")
    scores = scores.with_columns(was="score_id", old_playtype="playtype")
    scores = scores.drop(replaced).join(
        changes.cast({name: scores.schema[name] for name in replaced}),
        on="score_id",
        how="left",
        maintain_order="left",
    )
    charts = chart_frame(con, scores.select("chart_id").unique(), game)
    strays = scores.join(charts, on="chart_id", how="anti")["chart_id"].to_list()
    if strays:
        raise TachiError(f"There is no {game} chart {strays[0]!r:.200}.")
    scores = scores.drop("song_id", "is_primary", "playtype").join(
        charts, on="chart_id", maintain_order="left"
    )
    # All scores of a session have the same playtype, and a time.
    stays = pl.col("time_achieved").is_not_null() & (pl.col("playtype") == pl.col("old_playtype"))
    scores = scores.with_columns(
        pl.when(stays).then(name).alias(name) for name in ("session_id", "session_position")
    )
    parts = [
        _computed(rows, gpt)
        for gpt in rules(game, con)
        if not (rows := scores.filter(pl.col("playtype") == gpt.playtype)).is_empty()
    ]
    return pl.concat(parts, how="diagonal")


def _computed(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """Returns scores of one playtype with new IDs, derived metrics and ratings."""
    scores = with_all_columns(scores, gpt)
    _refuse_impossible(scores, gpt)
    scores = scores.with_columns(hashed("T", score_id_texts(scores, gpt)).alias("score_id"))
    scores = rate(derive(scores, gpt), gpt)
    broken = pl.any_horizontal(
        "rating_error", *(pl.col(snake(n)).is_null() for n in (*gpt.provided, *gpt.derived))
    )
    bad = scores.filter(broken)["was"].to_list()
    if bad:
        raise TachiError(f"Score {bad[0]!r:.200} cannot be rated with its new values.")
    return scores.drop("rating_error")


def _refuse_impossible(scores: pl.DataFrame, gpt: GPT) -> None:
    """Refuse values that no import would accept: those that are derived follow, and are left out."""
    derived = {snake(name) for name in gpt.derived}
    stated = scores.select(c for c in scores.columns if c not in derived and "ratings." not in c)
    bad = impossible(stated, gpt)
    if not bad.is_empty():
        index, message = bad.row(0)
        raise TachiError(f"Score {scores['was'][index]!r:.200}: {message}.")
