"""The borders between the stages: each frame is validated with its Pandera schema as it passes.

A row that a schema refuses gets an outcome, with the schema's words as its message. A frame that is wrong as
a whole is a mistake of ours, and raises.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from tachi_data import schemas

NOTHING = pl.lit(None, dtype=pl.String)


def with_verdicts(
    rows: pl.DataFrame, schema: pa.DataFrameSchema, outcome: str = "InvalidDatapoint"
) -> pl.DataFrame:
    """Validate a frame; rows that fail and have no outcome yet get this one.

    Args:
        rows: A frame of the road. Where it lacks ``outcome`` and ``message``, they are added.
        schema: The schema of its border.
        outcome: The outcome of rows that fail; the message of a row has all rules that it breaks.

    Returns:
        The rows with ``outcome`` and ``message``.

    Raises:
        UnfitFrame: The frame, not a row of it, is wrong.
    """
    if "outcome" not in rows.columns:
        rows = rows.with_columns(outcome=NOTHING, message=NOTHING)
    found = schemas.failures(rows, schema)
    if found.is_empty():
        return rows
    messages = found.group_by("index", maintain_order=True).agg(pl.col("message").str.join("; "))
    wrong = rows.with_row_index("index").join(messages, on="index", how="left", suffix="_found")
    fails = pl.col("outcome").is_null() & pl.col("message_found").is_not_null()
    return rows.with_columns(
        wrong.sort("index").select(
            outcome=pl.when(fails).then(pl.lit(outcome)).otherwise("outcome"),
            message=pl.when(fails).then("message_found").otherwise("message"),
        )
    )
