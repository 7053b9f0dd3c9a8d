"""What a notebook found, in sentences for its end: see `tachi_data.explore.found`."""

from __future__ import annotations

import polars as pl

import tachi_data as td
from tachi_data.explore.imports import Stages
from tachi_data.explore.players import bests, profile
from tachi_data.games import GPT


def of_import(stages: Stages) -> list[str]:
    """Returns how many datapoints of an import ended how."""
    total = stages.outcomes.height
    counts = stages.outcomes.group_by("outcome").len("n").sort("n", "outcome", descending=True)
    return [
        f"{count:,} of {total:,} datapoints: {outcome}." for outcome, count in counts.iter_rows()
    ]


def of_player(store: td.Store, user_id: int, gpt: GPT) -> list[str]:
    """Returns how much a player has played of a game, and the ratings and classes now."""
    mine = profile(store, user_id).filter(game=gpt.game, playtype=gpt.playtype)
    values = (
        f"{name} {value}" for name, value in mine.select("name", "value").iter_rows() if value
    )
    played = bests(store, user_id, gpt).height
    return [
        f"Player {user_id} has played {played:,} charts of {gpt.game} {gpt.playtype}.",
        f"Now: {', '.join(values) or 'no rating and no class'}.",
    ]


def of_wish(changed: pl.DataFrame) -> list[str]:
    """Returns the ratings and classes that would change, from the frame of `tachi_data.what_if_scores`."""
    ratings = changed.filter(pl.col("change").abs() > 0).select("name", "before", "after")
    classes = changed.filter(
        pl.col("rank_after").is_not_null(), pl.col("rank_after").ne_missing(pl.col("rank_before"))
    )
    told = [
        f"{name}: {before:.2f} would be {after:.2f}." for name, before, after in ratings.iter_rows()
    ]
    told += [
        f"{name}: {before or 'nothing'} would be {after}."
        for name, before, after in classes.select("name", "rank_before", "rank_after").iter_rows()
    ]
    return told or ["No rating and no class would change."]
