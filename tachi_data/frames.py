"""Lazy frames: several steps taken at once.

A step of its own costs a tenth of a millisecond, which counts in an import of a single score. Only in a lazy frame
are the common parts of expressions computed once.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tachi_data.errors import MOST_QUOTED


def collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows of a lazy frame, in their order; the streaming engine would lose the order."""
    return frame.collect(engine="in-memory")


def all_collected(*frames: pl.LazyFrame) -> list[pl.DataFrame]:
    """Return the rows of several lazy frames; their common parts are computed once."""
    return pl.collect_all(frames, engine="in-memory")


def quoted(text: pl.Expr) -> pl.Expr:
    """Returns as much of a text from outside as a message repeats. In Python it is ``f"{text!r:.200}"``.

    >>> pl.select(quoted(pl.lit("ab" * 5_000)).str.len_chars()).item()
    200
    """
    return text.str.head(MOST_QUOTED)


def json_members(members: Mapping[str, pl.Expr]) -> pl.Expr:
    """JSON text of an object with these members, which may be none: a struct needs at least one.

    >>> pl.select(some=json_members({"BPI": pl.lit(1.5)}), none=json_members({})).row(0)
    ('{"BPI":1.5}', '{}')
    """
    if not members:
        return pl.lit("{}")
    return pl.struct(value.alias(name) for name, value in members.items()).struct.json_encode()
