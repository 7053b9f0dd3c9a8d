"""Profiles: a player's ratings and classes on a game and playtype, and the changes of classes.

Provided classes (dans, emblems) come with an import, and go down only where the player states them. Derived
classes follow a rating up and down; a derived class is unset when its rating is null.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import rules
from tachi_data.catalogue.chart_frame import chart_frame
from tachi_data.frames import all_collected, collected, json_members
from tachi_data.games import GPT, Special
from tachi_data.names import snake
from tachi_data.scoring.classes import derived_classes
from tachi_data.scoring.ratings import profile_ratings
from tachi_data.standings.known import Known, known
from tachi_data.store import Counters, Transaction, execute, insert, statements

sql = statements("tachi_data.standings")

DELTAS = {
    "user_id": pl.Int64(),
    "playtype": pl.String(),
    "set": pl.String(),
    "old": pl.String(),
    "new": pl.String(),
    "is_better": pl.Boolean(),
}
CLASS_COLUMNS = {
    "user_id": pl.Int64(),
    "playtype": pl.String(),
    "set": pl.String(),
    "value": pl.String(),
    "lowers": pl.Boolean(),
}


def update_profiles(
    players: pl.DataFrame,
    provided: pl.DataFrame,
    game: str,
    tx: Transaction,
    *,
    achieves: bool = True,
    seen: Known | None = None,
    gpts: Sequence[GPT] | None = None,
) -> pl.DataFrame:
    """Compute profiles again and store them. Personal bests must be up to date.

    Args:
        players: One row per profile: ``user_id, playtype``, in the order in which changes are reported.
        provided: The classes that came with the import (`CLASS_COLUMNS`), in the provider's order.
        game: The game of all of them.
        tx: The transaction.
        achieves: Whether a class that is reached is stored as an achievement; not where only rules changed.
        seen: What the store knows of the players, with personal bests that are up to date; the caller stores its
            counters. None reads it.
        gpts: The playtypes of the game, with the rules that hold; None looks them up.

    Returns:
        One row per class that changed (`DELTAS`): by the order of ``players``, then provided classes, then
        the order of declaration.
    """
    if seen is None:
        seen = known(game, tx.con, players=players)
        deltas = update_profiles(
            players, provided, game, tx, achieves=achieves, seen=seen, gpts=gpts
        )
        seen.counters.store(tx.con)
        return deltas
    hold = rules(game, tx.con) if gpts is None else gpts
    changes, profiles = _computed(players, provided, seen, hold, tx.con)
    _store(profiles.with_columns(game=pl.lit(game)), seen, tx.con)
    if changes.is_empty():
        return changes
    order = players.lazy().with_row_index("_order")
    ordered = collected(
        changes.lazy()
        .join(order, on=["user_id", "playtype"], maintain_order="left")
        .sort("_order", maintain_order=True)
        .select(*DELTAS)
    )
    if achieves:
        _achieve(ordered.filter("is_better"), game, seen.counters, tx)
    return ordered


def _computed(
    players: pl.DataFrame,
    provided: pl.DataFrame,
    seen: Known,
    gpts: Sequence[GPT],
    con: DuckDBPyConnection,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the classes that change, and the profiles to store."""
    pbs, stored = seen.pbs, seen.stats
    deltas, profiles = [], []
    for value in gpts:
        rated_players = players.filter(pl.col("playtype") == value.playtype).select("user_id")
        if rated_players.is_empty():
            continue
        mine = pl.col("playtype") == value.playtype
        rated = profile_of(pbs.filter(mine), value, rated_players, con)
        before = stored.lazy().filter(mine)
        classes = _classes(rated.lazy(), provided.lazy().filter(mine), before, value)
        played = pbs.lazy().filter(mine).select("user_id").unique()
        kept = _profiles(rated.lazy(), classes, played, before, value)
        # Small frames: what costs is the number of steps, so all are taken at once.
        changed, profile = all_collected(_deltas(classes, value), kept)
        deltas.append(changed)
        profiles.append(profile)
    return pl.concat(deltas), pl.concat(profiles)


def _store(profiles: pl.DataFrame, seen: Known, con: DuckDBPyConnection) -> None:
    if seen.stats.is_empty():
        insert(con, "game_stats", profiles)
    elif profiles.height:
        execute(con, sql("merge_stats"), merged=profiles)


def profile_of(
    pbs: pl.DataFrame, value: GPT, players: pl.DataFrame, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Rate players from their personal bests.

    Args:
        pbs: All personal bests of the players on the GPT: ``user_id, chart_id, song_id, is_primary`` and
            ``ratings.*``.
        value: The game and playtype.
        players: One row per player: ``user_id``.
        con: The connection of a transaction, for the facts of charts that special ratings need.

    Returns:
        One row per player: ``user_id``, the profile's ``ratings.*`` and its derived ``classes.*``.
    """
    needs = {n for r in value.profile_ratings.values() if isinstance(r, Special) for n in r.needs}
    if needs:
        charts = chart_frame(con, pbs.select("chart_id").unique(), value.game)
        pbs = pbs.join(
            charts.select("chart_id", *needs), on="chart_id", how="left", maintain_order="left"
        )
    rated = profile_ratings(pbs, value, players)
    return rated.join(
        derived_classes(rated, value), on="user_id", how="left", maintain_order="left"
    )


def _classes(
    rated: pl.LazyFrame, provided: pl.LazyFrame, stored: pl.LazyFrame, value: GPT
) -> pl.LazyFrame:
    """Returns one row per player and class set: ``new`` (from provider or rating), ``old``, places of both."""
    derived = [name for name, c in value.classes.items() if c.derived_from is not None]
    sets = pl.LazyFrame(
        {"set": list(value.classes), "declared": range(len(value.classes))},
        schema_overrides={"set": pl.String},
    )
    old = pl.Struct(dict.fromkeys(value.classes, pl.String()))
    before = stored.select("user_id", pl.col("classes").str.json_decode(old).alias("classes"))
    before = before.unnest("classes") if value.classes else before.drop("classes")
    given = provided.with_columns(given=pl.int_range(pl.len()).over("user_id")).select(
        "user_id", "set", "given", "lowers", told="value"
    )
    ranked = rated.select("user_id", *(pl.col(f"classes.{n}").alias(n) for n in derived))
    is_derived = pl.col("set").is_in(derived)
    return (
        rated.select("user_id")
        .join(sets, how="cross", maintain_order="left")
        .join(
            _long(before, value.classes, "old"),
            on=["user_id", "set"],
            how="left",
            maintain_order="left",
        )
        .join(
            _long(ranked, derived, "derived"),
            on=["user_id", "set"],
            how="left",
            maintain_order="left",
        )
        .join(given, on=["user_id", "set"], how="left", maintain_order="left")
        .with_columns(
            is_derived=is_derived, new=pl.when(is_derived).then("derived").otherwise("told")
        )
        .with_columns(old_at=_index("old", value), new_at=_index("new", value))
        .sort("user_id", pl.col("given").fill_null(1_000), "declared", maintain_order=True)
    )


def _long(wide: pl.LazyFrame, sets: Collection[str], name: str) -> pl.LazyFrame:
    """Returns one row per player and class set that has a value."""
    if not sets:
        return pl.LazyFrame(schema={"user_id": pl.Int64, "set": pl.String, name: pl.String})
    return wide.unpivot(index="user_id", variable_name="set", value_name=name).drop_nulls(name)


def _index(column: str, value: GPT) -> pl.Expr:
    """Returns the place of a class value in the order of its set; null for an unknown value."""
    position = pl.lit(None, dtype=pl.Int64)
    for name, ranks in value.classes.items():
        first = {rank: ranks.values.index(rank) for rank in ranks.values}
        within = pl.col(column).replace_strict(first, default=None, return_dtype=pl.Int64)
        position = pl.when(pl.col("set") == name).then(within).otherwise(position)
    return position


def _deltas(classes: pl.LazyFrame, value: GPT) -> pl.LazyFrame:
    old, new = pl.col("old_at"), pl.col("new_at")
    first = pl.col("old").is_null()
    better = first | old.is_null() | (new > old)
    may_fall = pl.col("is_derived") | pl.col("lowers").fill_null(False)
    is_known = pl.col("new").is_not_null() & new.is_not_null()
    changed = classes.filter((is_known & (better | (may_fall & (new < old)))) | _is_removed())
    is_better = (better & ~_is_removed()).fill_null(False)
    return changed.with_columns(is_better=is_better, playtype=pl.lit(value.playtype)).select(
        *DELTAS
    )


def _is_removed() -> pl.Expr:
    """Returns whether the player removes a provided class."""
    lowers = pl.col("lowers").fill_null(False) & ~pl.col("is_derived")
    return lowers & pl.col("new").is_null() & pl.col("old").is_not_null()


def _profiles(
    rated: pl.LazyFrame,
    classes: pl.LazyFrame,
    played: pl.LazyFrame,
    stored: pl.LazyFrame,
    value: GPT,
) -> pl.LazyFrame:
    """Returns the profiles to store: of players who have scores here, a stored profile, or a provided class."""
    old, new = pl.col("old_at"), pl.col("new_at")
    goes_up = pl.col("new").is_not_null() & (old.is_null() | (new > old)).fill_null(True)
    replaces = goes_up | pl.col("lowers").fill_null(False)
    held = (
        classes.with_columns(
            held=pl.when("is_derived")
            .then("new")
            .otherwise(pl.when(replaces).then("new").otherwise("old"))
        )
        .filter(pl.col("held").is_not_null())
        .sort("user_id", "declared")
        .group_by("user_id", maintain_order=True)
        .agg(
            classes=pl.lit("{")
            + pl.format('"{}":"{}"', pl.col("set"), pl.col("held")).str.join(",")
            + pl.lit("}"),
            told=pl.col("told").is_not_null().any(),
        )
    )
    ratings = {n: pl.col(f"ratings.{snake(n)}") for n in value.profile_ratings}
    known = pl.concat([played, stored.select("user_id")]).unique().with_columns(known=pl.lit(True))
    return (
        rated.select("user_id", ratings=json_members(ratings))
        .join(held, on="user_id", how="left", maintain_order="left")
        .join(known, on="user_id", how="left", maintain_order="left")
        .filter(pl.col("known") | pl.col("told"))
        .select(
            "user_id",
            pl.lit(value.playtype).alias("playtype"),
            "ratings",
            pl.col("classes").fill_null("{}"),
        )
    )


def _achieve(deltas: pl.DataFrame, game: str, counters: Counters, tx: Transaction) -> None:
    """Store the classes that players reached as achievements."""
    if deltas.is_empty():
        return
    rows = deltas.select(
        "user_id",
        "playtype",
        class_set="set",
        class_old_value="old",
        class_value="new",
        game=pl.lit(game),
        time_achieved=tx.moment,
    )
    insert(
        tx.con,
        "class_achievements",
        rows.with_columns(ordinal=counters.take("class_achievements", rows.height)),
    )


def provided_frame(
    classes: Mapping[tuple[int, str], Mapping[str, str | None]], lowering: Collection[int] = ()
) -> pl.DataFrame:
    """Returns provided classes, {(user_id, playtype): {set: value}}, as a frame of `CLASS_COLUMNS`.

    The classes of the players in ``lowering`` replace better ones, and null removes one.

    >>> provided_frame({(7, "SP"): {"dan": "DAN_5"}}).rows()
    [(7, 'SP', 'dan', 'DAN_5', False)]
    """
    rows = [
        (u, p, s, v, u in lowering) for (u, p), values in classes.items() for s, v in values.items()
    ]
    return pl.DataFrame(rows, schema=CLASS_COLUMNS, orient="row")
