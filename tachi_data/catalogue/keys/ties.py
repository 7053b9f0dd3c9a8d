"""Find keys that several charts answer to: which one a look-up takes then is a matter of order."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue.keys.members import hashes
from tachi_data.store import query, statements

sql = statements("tachi_data.catalogue")

SHOWN = 3


def tie_warnings(con: DuckDBPyConnection, games: Sequence[str]) -> list[str]:
    """One sentence per game and kind of key that ties, with the first few."""
    ties = query(con, sql("ties"), {"games": list(games), "hashes": hashes()})
    where = pl.concat_str(
        "key",
        pl.lit(" "),
        pl.concat_str("playtype", "difficulty", "version", separator=" ", ignore_nulls=True),
    )
    counted = ties.group_by("game", "kind", maintain_order=True).agg(
        count=pl.len(), shown=where.head(SHOWN).str.join(", ")
    )
    more = pl.when(pl.col("count") > SHOWN).then(pl.lit(", …")).otherwise(pl.lit(""))
    text = pl.format(
        "{}: several charts share one {} ({}: {}{})", "game", "kind", "count", "shown", more
    )
    return counted.select(text.alias("text"))["text"].to_list()
