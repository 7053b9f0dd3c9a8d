"""Split good rows from bad with a Pandera schema, losing none.

Each check of a schema is named by the message that a person reads where it fails.
"""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

PROBLEMS = {"index": pl.UInt32(), "message": pl.String()}


def check(message: str, holds: pl.Expr) -> pa.Check:
    """A check over whole rows: bad where ``holds`` is false or null."""
    return pa.Check(lambda data: data.lazyframe.select(holds.fill_null(False)), name=message)


def problems(rows: pl.DataFrame, schema: pa.DataFrameSchema) -> pl.DataFrame:
    """What is wrong with which rows: ``index`` (position in ``rows``) and ``message``, in check order.

    Raises the schema's own error where the frame, not a row, is wrong: that is a mistake of ours.
    """
    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as error:
        cases: pl.DataFrame = error.failure_cases
        if cases["index"].null_count():
            raise
        order = {c.name: i for i, c in enumerate(schema.checks)}
        return (
            cases.select(index=pl.col("index").cast(pl.UInt32), message=pl.col("check"))
            .with_columns(
                order=pl.col("message").replace_strict(order, default=-1, return_dtype=pl.Int64)
            )
            .sort("index", "order", maintain_order=True)
            .select(*PROBLEMS)
        )
    return pl.DataFrame(schema=PROBLEMS)
