"""The profiles that a set of imports touches, and the classes that change with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from tachi_data.frames import collected
from tachi_data.games import GPT, gpts
from tachi_data.import_types import all_import_types
from tachi_data.standings.known import Known
from tachi_data.standings.profiles import DELTAS, provided_frame, update_profiles
from tachi_data.store import Transaction

# The classes that came with each import: by source, playtype and set.
Classes = Mapping[int, Mapping[str, Mapping[str, str | None]]]

NO_DELTAS = pl.DataFrame(schema={**DELTAS, "source": pl.Int64(), "game": pl.String()})


def touched_profiles(
    scores: pl.DataFrame, imports: pl.DataFrame, classes: Classes, game: str
) -> pl.DataFrame:
    """List the profiles that new scores and provided classes touch.

    Args:
        scores: The new scores: ``row, source, user_id, playtype``.
        imports: The imports of the game: ``source, user_id``.
        classes: The classes that came with imports. A provider makes all playtypes of the game count.
        game: The game.

    Returns:
        One row per profile: ``source, user_id, playtype``, in the order in which documents list them.
    """
    players = _players(imports, classes)
    configured = {value.playtype: i for i, value in enumerate(gpts(game))}
    told = [(s, player, p, i) for s, player in players.items() for p, i in configured.items()]
    schema = {"source": pl.Int64, "user_id": pl.Int64, "playtype": pl.String, "order": pl.Int64}
    appeared = (
        scores.lazy()
        .group_by("source", "user_id", "playtype")
        .agg(order=pl.col("row").min())
        .select(*schema)
    )
    return collected(
        pl.concat([pl.LazyFrame(told, schema=schema, orient="row"), appeared])
        .unique(["user_id", "playtype"], keep="first", maintain_order=True)
        .sort("source", "order")
        .drop("order")
    )


def provided_of(imports: pl.DataFrame, classes: Classes) -> pl.DataFrame:
    """Returns the classes that came with imports: see `tachi_data.standings.profiles.CLASS_COLUMNS`."""
    players = _players(imports, classes)
    named = {(player, p): sets for s, player in players.items() for p, sets in classes[s].items()}
    lowering = [kind.id for kind in all_import_types().values() if kind.lowers_classes]
    lowered = imports.filter(pl.col("import_type").is_in(lowering))["user_id"].to_list()
    return provided_frame(named, lowered)


def class_changes(
    profiles: pl.DataFrame,
    provided: pl.DataFrame,
    seen: Known,
    gpts: Sequence[GPT],
    tx: Transaction,
) -> pl.DataFrame:
    """Bring profiles up to date.

    Args:
        profiles: The result of `touched_profiles`.
        provided: The result of `provided_of`.
        seen: What the store knows of the players.
        gpts: The playtypes of the game, with the rules that hold.
        tx: The transaction.

    Returns:
        One row per class that changed, with the ``source`` of its import and the ``game``.
    """
    game = gpts[0].game
    players = profiles.select("user_id", "playtype")
    deltas = update_profiles(players, provided, game, tx, seen=seen, gpts=gpts)
    return collected(
        deltas.lazy()
        .join(profiles.lazy(), on=["user_id", "playtype"], maintain_order="left")
        .with_columns(game=pl.lit(game))
    )


def _players(imports: pl.DataFrame, classes: Classes) -> dict[int, int]:
    """The player of each import that came with classes."""
    given = imports.filter(pl.col("source").is_in(list(classes)))
    return dict(given.select("source", "user_id").iter_rows())
