"""Bring the stored rows of a collection in line with new ones, and tell what changed."""

from __future__ import annotations

from collections.abc import Collection as Names

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.store import execute, insert, query, statements
from tachi_data.tables.catalogue import Collection

sql = statements("tachi_data.catalogue")


def store_rows(
    con: DuckDBPyConnection, collection: Collection, rows: pl.DataFrame, replaced: Names[str]
) -> pl.DataFrame:
    """Add and replace rows; of ``replaced`` games, remove what came from files but is not here.

    Returns:
        ``game, id, change``, where the change is ``added``, ``changed`` or ``removed``.
    """
    names = {"table": collection.name, "id": collection.id_column}
    stored = query(
        con,
        sql("stored_rows", **names),
        {"games": list(replaced)},
        new_rows=rows.select("game", names["id"]),
    )
    key = ["game", "id"]
    compared = rows.rename({names["id"]: "id"}).join(
        stored, on=key, how="left", suffix="_stored", maintain_order="left"
    )
    is_new = pl.col("digest_stored").is_null()
    fresh = compared.filter(is_new | (pl.col("digest") != pl.col("digest_stored"))).with_columns(
        change=pl.when(is_new).then(pl.lit("added")).otherwise(pl.lit("changed")),
        # A patched document still belongs to the files that it is from.
        origin=pl.when(pl.col("origin") == "seeds")
        .then("origin")
        .otherwise(pl.coalesce("origin_stored", "origin")),
    )
    removed = stored.filter(
        pl.col("game").is_in(list(replaced)) & (pl.col("origin") == "seeds")
    ).join(compared, on=key, how="anti", maintain_order="left")
    changes = pl.concat(
        [fresh.select(*key, "change"), removed.select(*key, change=pl.lit("removed"))]
    )
    gone = changes.filter(pl.col("change") != "added")
    if gone.height:
        execute(con, sql("delete_rows", **names), gone=gone)
    insert(con, collection.name, fresh.rename({"id": names["id"]}).select(rows.columns))
    return changes
