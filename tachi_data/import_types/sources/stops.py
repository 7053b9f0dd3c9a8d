"""Leaving out what is known: records that are not later than the time stop of an import (`Link.stop_ms`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

import polars as pl

from tachi_data.import_types import words as x


def _newer(records: Sequence[Any], member: str, stop_ms: int) -> pl.Series:
    """Returns for each record whether its date is later than the stop, or cannot be read."""
    stated = [record.get(member) if isinstance(record, dict) else None for record in records]
    texts = [text if isinstance(text, str) else None for text in stated]
    dates = pl.Series("date", texts, dtype=pl.String).to_frame().select(x.date(pl.col("date")))
    return (dates.to_series().dt.epoch("ms") > stop_ms).fill_null(True)


def later(records: Sequence[Any], member: str, stop_ms: int | None) -> list[Any]:
    """Returns the records whose date is later than the stop, and those whose date cannot be read.

    >>> later([{"date": "2024-01-02 00:00:00"}, {"date": "2023-01-01 00:00:00"}], "date", 1704067200000)
    [{'date': '2024-01-02 00:00:00'}]
    """
    if stop_ms is None or not records:
        return list(records)
    return list(compress(records, _newer(records, member, stop_ms)))


def pages_until(
    pages: Iterable[Mapping[str, Any]], member: str, stop_ms: int | None
) -> Iterator[Mapping[str, Any]]:
    """Yields pages, whose ``_items`` are newest first, up to the first item that is not later than the stop.

    The last page then has no next one, and only the items before that one.
    """
    for page in pages:
        items = page["_items"]
        is_old = None if stop_ms is None else ~_newer(items, member, stop_ms)
        if is_old is None or not is_old.any():
            yield page
            continue
        last = is_old.arg_max()
        yield {**page, "_items": items[:last], "_links": {**page["_links"], "_next": None}}
        return
