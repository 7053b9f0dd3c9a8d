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

    Args:
        con: In a transaction that writes.
        collection: The collection that the rows are of.
        rows: The new rows, each with its digest.
        replaced: Games; empty for a patch.

    Returns:
        ``game, id, change``, where the change is ``added``, ``changed`` or ``removed``. That a row has
        another v3 identifier is no change.
    """
    names = {"table": collection.name, "id": collection.id_column}
    if "v3_id" in collection.table.columns:
        rows = _identified(con, names, rows)
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


def _identified(con: DuckDBPyConnection, names: dict[str, str], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with v3 identifiers, their own or the stored ones; new ones are stored."""
    key = ["game", "id"]
    stated = rows if "v3_id" in rows.columns else rows.with_columns(v3_id=pl.lit(None, pl.String))
    stored = query(
        con, sql("stored_v3_ids", **names), new_rows=stated.select("game", names["id"])
    ).rename({"v3_id": "v3_id_stored"})
    compared = stated.rename({names["id"]: "id"}).join(
        stored, on=key, how="left", maintain_order="left"
    )
    other = compared.filter(pl.col("v3_id").is_not_null()).filter(
        pl.col("v3_id").ne_missing(pl.col("v3_id_stored"))
    )
    if other.height:
        execute(con, sql("set_v3_ids", **names), identified=other.select(*key, "v3_id"))
    return (
        compared.with_columns(v3_id=pl.coalesce("v3_id", "v3_id_stored"))
        .rename({"id": names["id"]})
        .drop("v3_id_stored")
    )
