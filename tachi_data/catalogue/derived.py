"""The rules by which the stored scores of each game are derived: a generation (v2, v3) and a version of our own.

Scores whose rules are older than those of today are *stale*. `tachi_data.upkeep.derive_again` brings them up to
date. A game without scores is never stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.games import Enum, gpts, names, rules_version
from tachi_data.store import execute, insert, query, statements

sql = statements("tachi_data.catalogue")


def note_rules(con: DuckDBPyConnection, before: int, after: int) -> None:
    """Note the rules of games that have no note yet, or no scores, at a change of the catalogue.

    Args:
        con: A transaction that writes.
        before: The generation of the store before the change.
        after: The generation afterwards.
    """
    wanted = rules_of_today(names(), after)
    noted = query(con, sql("noted_rules"), wanted=wanted)
    if noted["is_right"].all():
        return
    execute(con, sql("delete_rules"), doomed=noted.filter(~pl.col("is_kept")).select("game"))
    # Scores from before there were notes follow the first version of the rules.
    is_old = pl.col("has_scores")
    new = noted.filter(~pl.col("is_kept")).select(
        "game",
        generation=pl.when(is_old).then(pl.lit(before)).otherwise("generation"),
        rules_version=pl.when(is_old).then(pl.lit(1)).otherwise("rules_version"),
    )
    insert(con, "game_rules", new)


def stale_games(con: DuckDBPyConnection, generation: int) -> list[str]:
    """Returns the games whose stored scores follow older rules than those of today.

    Args:
        con: A connection to the store.
        generation: The generation of the store.
    """
    return query(con, sql("stale_games"), wanted=rules_of_today(names(), generation))[
        "game"
    ].to_list()


def rules_of_today(games: Iterable[str], generation: int) -> pl.DataFrame:
    """Returns the rules that games have today: ``game, generation, rules_version``, a row for each.

    Args:
        games: The games.
        generation: The generation of the store.
    """
    rows = [(game, generation, rules_version(game)) for game in games]
    schema = {"game": pl.String, "generation": pl.Int64, "rules_version": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def renamed_charts() -> pl.DataFrame:
    """The charts that have another difficulty since v3: ``game, chart_key, was, now, match_type``."""
    rows = {
        (game, key, renamed.was, renamed.now, renamed.match_type)
        for game in names()
        for gpt in gpts(game)
        for renamed in gpt.renamed
        for key in renamed.chart_keys
    }
    schema = dict.fromkeys(("game", "chart_key", "was", "now", "match_type"), pl.String)
    return pl.DataFrame(sorted(rows), schema=schema, orient="row")


@cache
def moved_values() -> pl.DataFrame:
    """The values of metrics that have another index since v3: ``game, playtype, key, was, now``."""
    rows = [
        (old.game, old.playtype, key, float(index), float(after.values.index(value)))
        for game in names()
        for old, new in zip(gpts(game), gpts(game, 3), strict=True)
        for key, before in old.metrics.items()
        if isinstance(before, Enum) and isinstance(after := new.metrics.get(key), Enum)
        for index, value in enumerate(before.values)
        if value in after.values and after.values.index(value) != index
    ]
    schema = {**dict.fromkeys(("game", "playtype", "key"), pl.String), "was": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "now": pl.Float64}, orient="row")


def goals_by(rows: pl.DataFrame, written: int | None, stored: int) -> pl.DataFrame:
    """Returns goals with the indexes of a store, whose documents have those of their own form.

    Args:
        rows: Rows of goals, with ``game, playtype, criteria_key, criteria_source, criteria_value, digest``.
        written: The form of the documents, 2 or 3; None if they do not tell.
        stored: The generation of the store.
    """
    if written in (None, stored):
        return rows
    moved = moved_values().rename({"key": "criteria_key"})
    of_store, of_document = ("now", "was") if stored == 3 else ("was", "now")
    found = rows.join(
        moved.rename({of_document: "criteria_value"}),
        on=["game", "playtype", "criteria_key", "criteria_value"],
        how="left",
        maintain_order="left",
    )
    on_scores = pl.col("criteria_source").fill_null("score") == "score"
    is_moved = pl.col(of_store).is_not_null() & on_scores
    return found.with_columns(
        criteria_value=pl.when(is_moved).then(of_store).otherwise("criteria_value"),
        # The document does not say what its index is in the store.
        digest=pl.when(is_moved)
        .then(pl.format("{} in v{}", "digest", pl.lit(stored)))
        .otherwise("digest"),
    ).drop(of_store)
