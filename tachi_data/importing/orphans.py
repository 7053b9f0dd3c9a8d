"""Datapoints without a chart are kept as orphans, each once, under the reference server's ID."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from tachi_data.catalogue import catalogue_version
from tachi_data.importing.parse import Datapoints
from tachi_data.matching import LOOK_UP
from tachi_data.records import records
from tachi_data.reference.canonical import canonical, canonical_texts, hashed, json_text
from tachi_data.store import Transaction, insert, next_ordinals, query, statements
from tachi_data.version import __version__

sql = statements("tachi_data.importing")

# The outcomes of datapoints that wait until the catalogue has their chart, or tells songs of one title apart.
WAITING = ("SongOrChartNotFound", "AmbiguousTitle")


def raw_records(datapoints: Datapoints, rows: pl.DataFrame) -> list[Any]:
    """The JSON records of some of the datapoints (by ``row``), in the order of ``rows``."""
    wanted = rows.select("row")
    if datapoints.records is None:
        found = wanted.join(datapoints.rows, on="row", how="left", maintain_order="left")
        return records(found, datapoints.conversion.record)
    places = datapoints.rows.select("row").with_row_index("at")
    at = wanted.join(places, on="row", how="left", maintain_order="left")["at"].to_list()
    return [datapoints.records[i] for i in at]


def raw_texts(datapoints: Datapoints, rows: pl.DataFrame) -> pl.Series:
    """The JSON text of the records of some of the datapoints (by ``row``), in the order of ``rows``."""
    texts = [json_text(record) for record in raw_records(datapoints, rows)] if rows.height else []
    return pl.Series("data", texts, dtype=pl.String)


def with_orphan_ids(rows: pl.DataFrame, datapoints: Datapoints) -> pl.DataFrame:
    """Adds ``orphan_id``, ``data`` and ``context`` (JSON texts) to unmatched datapoints."""
    raw = raw_records(datapoints, rows)
    contexts = {source: canonical(context) for source, context in datapoints.contexts.items()}
    kind = canonical(datapoints.kind.id)
    texts = _texts(rows, raw, contexts, kind)
    stored = {source: json_text(context) for source, context in datapoints.contexts.items()}
    return rows.with_columns(
        hashed("O", pl.Series(texts, dtype=pl.String)).alias("orphan_id"),
        pl.Series("data", [json_text(r) for r in raw], dtype=pl.String),
        pl.Series("context", [stored[s] for s in rows["source"].to_list()], dtype=pl.String),
    )


def _texts(
    rows: pl.DataFrame, raw: Sequence[Any], contexts: dict[int, str], kind: str
) -> list[str]:
    """The canonical texts that orphan IDs are hashed from."""
    keys = zip(
        rows["source"].to_list(), rows["user_id"].to_list(), canonical_texts(raw), strict=True
    )
    return [
        f'{{"context":{contexts[source]},"data":{data},"importType":{kind},"userID":{user}}}'
        for source, user, data in keys
    ]


def keep_orphans(
    named: pl.DataFrame, datapoints: Datapoints, imports: pl.DataFrame, tx: Transaction
) -> pl.DataFrame:
    """Store unmatched datapoints of one format that are not kept yet.

    Args:
        named: Rows that `tachi_data.importing.match.find_charts` made, without a chart; with their orphan IDs.
        datapoints: The datapoints that they were made of.
        imports: ``source, import_id``.
        tx: The transaction.

    Returns:
        ``row, orphan_id, data, outcome``: the outcome is one of `WAITING` for new orphans, as it was, and
        ``OrphanExists`` for those known (or twice in the set).
    """
    wanted = named.select("row", "user_id", "orphan_id")
    known = query(tx.con, sql("known_orphans"), wanted=wanted)
    is_new = ~pl.col("row").is_in(known["row"].implode()) & (
        pl.col("row") == pl.col("row").min().over("user_id", "orphan_id")
    )
    named = named.with_columns(is_new=is_new)
    new = named.filter("is_new").join(
        imports.select("source", "import_id"), on="source", maintain_order="left"
    )
    if new.height:
        _insert(new, datapoints, tx)
    outcome = pl.when("is_new").then("outcome").otherwise(pl.lit("OrphanExists"))
    return named.select("row", "orphan_id", "data", outcome=outcome)


def _insert(new: pl.DataFrame, datapoints: Datapoints, tx: Transaction) -> None:
    rows = new.select(
        "orphan_id",
        "user_id",
        pl.lit(datapoints.gpt.game).alias("game"),
        pl.lit(datapoints.kind.id).alias("import_type"),
        "data",
        "context",
        "message",
        "import_id",
        tx.moment.alias("time_inserted"),
        *(pl.col(f"match.{name}").alias(name) for name in LOOK_UP),
        pl.lit(0, dtype=pl.Int64).alias("attempts"),
        pl.lit(catalogue_version(tx.con), dtype=pl.Int64).alias("catalogue_version"),
        pl.lit(__version__).alias("converter_version"),
    )
    insert(
        tx.con,
        "orphans",
        rows.with_columns(ordinal=next_ordinals(tx.con, "orphans", new.height)),
    )
