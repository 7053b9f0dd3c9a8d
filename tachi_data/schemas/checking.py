"""Split good rows from bad with a Pandera schema, losing none.

Each check of a schema is named by the message that a person reads where it fails.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

FRAME, FITTING, ALL_HOLD = "frame", "fitting", "all_hold"
PROBLEMS = {"index": pl.UInt32(), "message": pl.String()}


def row_schema(
    columns: Mapping[str, pa.Column], rules: Mapping[str, pl.Expr]
) -> pa.DataFrameSchema:
    """A schema whose checks are over whole rows: bad where a rule, named by its message, is false or null."""
    holds = {message: rule.fill_null(False) for message, rule in rules.items()}
    return pa.DataFrameSchema(
        dict(columns),
        checks=[_check(message, rule) for message, rule in holds.items()],
        metadata={
            FRAME: pa.DataFrameSchema(dict(columns)),
            FITTING: set(),
            ALL_HOLD: pl.all_horizontal(*holds.values()),
        },
    )


def _check(message: str, holds: pl.Expr) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(holds), name=message)


def problems(rows: pl.DataFrame, schema: pa.DataFrameSchema) -> pl.DataFrame:
    """What is wrong with which rows: ``index`` (position in ``rows``) and ``message``, in check order.

    ``schema`` is a `row_schema`. Raises its own error where the frame, not a row, is wrong: that is a
    mistake of ours.
    """
    # Pandera takes milliseconds for a frame and half a one for a check, however few rows there are. So it
    # sees frames of the same columns once, and checks are taken all at once, in one pass.
    kinds = tuple(rows.schema.items())
    if kinds not in schema.metadata[FITTING]:
        schema.metadata[FRAME].validate(rows.head(0))
        schema.metadata[FITTING].add(kinds)
    if rows.select(schema.metadata[ALL_HOLD].all()).item():
        return pl.DataFrame(schema=PROBLEMS)
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
