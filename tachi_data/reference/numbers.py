"""Numbers as ECMAScript has them: how they print, and how large an exact integer may be."""

from __future__ import annotations

import polars as pl


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


SAFE_INTEGER = 2**53 - 1
