"""Score IDs: the hash of who, on which chart, with which result."""

from __future__ import annotations

import hashlib

import polars as pl

from tachi_data.games import GPT
from tachi_data.names import column_of

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


def es_number(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A number as ECMAScript prints it.

    Polars prints the same shortest digits, but adds ``.0`` to whole numbers, and writes an exponent
    from 1e16 (ECMAScript: 1e21) and below 1e-5 (ECMAScript: 1e-6).

    >>> numbers = pl.Series("n", [100.0, -0.0, 98.7, 1e-7, -1.5e-6, 1.5e16, 1e21])
    >>> numbers.to_frame().select(es_number(pl.col("n"), pl.Float64())).to_series().to_list()
    ['100', '0', '98.7', '1e-7', '-0.0000015', '15000000000000000', '1e+21']
    """
    if dtype != pl.Float64():
        return value.cast(pl.String)
    text, size = value.cast(pl.String), value.abs()
    parts = text.str.extract_groups(
        r"^(?<sign>-?)(?<first>[0-9])\.?(?<rest>[0-9]*)e\+?(?<exponent>[0-9]+)$"
    )
    sign, digits, exponent = (
        parts.struct["sign"],
        parts.struct["first"] + parts.struct["rest"],
        parts.struct["exponent"].cast(pl.Int64),
    )
    large = sign + digits.str.pad_end(exponent + 1, "0")
    small = text.str.replace(r"^(-?)([0-9])\.?([0-9]*)e-6$", "${1}0.00000${2}${3}")
    return (
        pl.when(value == 0)
        .then(pl.lit("0"))
        .when(size.is_infinite())
        .then(text.str.replace("inf", "Infinity"))
        .when((size < 1e21) & exponent.is_not_null())
        .then(large)
        .when((size >= 1e-6) & (size < 1e-5))
        .then(small)
        .otherwise(text.str.strip_suffix(".0"))
    )


def hashed(prefix: str, texts: pl.Series) -> pl.Series:
    """The prefix and the SHA-256 (hex) of each text."""
    sha256 = hashlib.sha256
    return pl.Series(
        texts.name,
        [prefix + sha256(text.encode()).hexdigest() for text in texts.to_list()],
        dtype=pl.String,
    )
