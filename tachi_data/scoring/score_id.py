"""Score IDs: the hash of who, on which chart, with which result."""

from __future__ import annotations

import polars as pl

from tachi_data.games import GPT
from tachi_data.names import column_of
from tachi_data.reference.numbers import es_number

_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
} | {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in "\b\t\n\f\r"}


def score_id_texts(scores: pl.DataFrame, gpt: GPT) -> pl.Series:
    """The canonical JSON text that each score's ID is hashed from.

    ``scores`` has ``user_id``, ``chart_id`` and the metrics of `GPT.score_id_members`. A metric
    that is null is written as null.
    """
    columns = {"userID": "user_id", "chartID": "chart_id"}
    for name in gpt.score_id_members:
        columns[name] = column_of(name)
    members = [
        pl.lit(f'"{name}":') + json_text(pl.col(column), scores.schema[column]).fill_null("null")
        for name, column in sorted(columns.items())
    ]
    text = pl.lit("{") + pl.concat_str(members, separator=",") + pl.lit("}")
    return scores.select(text.alias("text"))["text"]


def json_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A text or number as canonical JSON."""
    if dtype == pl.String():
        escaped = (
            pl.when(value.str.contains(r'["\\\x00-\x1f]'))
            .then(value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values())))
            .otherwise(value)
        )
        return pl.lit('"') + escaped + pl.lit('"')
    return es_number(value, dtype)
