"""The words for dates: as sites write them, and as spreadsheets write them when they save a file again.

Conversions write them as ``x.date``, because `words` exports them too.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data.reference.text import BLANKS

# The parts of a date: the year first; or last, with the day and the month in an order to be found.
YEAR_FIRST = r"(?<y>[0-9]{4})(?:-|/|\.|年)(?<mo>[0-9]{1,2})(?:-|/|\.|月)(?<d>[0-9]{1,2})日?"
YEAR_LAST = r"(?<a>[0-9]{1,2})(?<sep>[-/.])(?<b>[0-9]{1,2})[-/.](?<y>[0-9]{4})"
TIME = (
    r"(?:[ T]+(?<h>[0-9]{1,2}):(?<mi>[0-9]{2})(?::(?<s>[0-9]{2})(?:[.,](?<f>[0-9]{1,9}))?)?"
    r"(?:\s*(?<half>[AaPp])\.?[Mm]\.?)?)?"
)
ZONE = r"(?:\s*(?<z>[zZ]|(?<sign>[+-])(?<zh>[0-9]{2}):?(?<zm>[0-9]{2})))?"
JAPAN = pl.duration(hours=9, time_unit="ms")


def zoned(text: pl.Expr) -> pl.Expr:
    """Return true where date text states its own zone."""
    return text.str.strip_chars(BLANKS).str.contains(r"(?i)[0-9m.]\s*(?:z|[+-][0-9]{2}:?[0-9]{2})$")


def date(text: pl.Expr) -> pl.Expr:
    """Read date text as a time in UTC; without a zone it means UTC. Null where it is no date.

    Accepted: ``YYYY-MM-DD HH:MM``, ``YYYY-MM-DD HH:MM:SS`` with one- or two-digit parts and ISO 8601
    (fraction and zone allowed), also with slashes, dots or 年月日, and with AM or PM. A date that ends in the
    year is accepted where the order of its parts is certain: one of them is above 12, both are equal, or
    dots separate them (then the day comes first). Impossible days are refused; ``24:00`` is the next midnight.

    >>> texts = pl.Series(["2024-1-31 9:05", "2021-02-30 10:00", "2021-01-01T00:00:00+09:00", "1/31/2024 9:05 PM"])
    >>> pl.select(date(texts)).to_series().dt.to_string("%F %R").to_list()
    ['2024-01-31 09:05', None, '2020-12-31 15:00', '2024-01-31 21:05']
    """
    return _date(text, None)


def japanese_date(text: pl.Expr) -> pl.Expr:
    """Read date text like `date`, but text without a zone means Japan time."""
    moment = date(text)
    return pl.when(zoned(text)).then(moment).otherwise(moment - JAPAN)


def as_the_site(
    texts: pl.Series, written: str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$"
) -> pl.Series:
    """Write the dates of one file as ``YYYY-MM-DD HH:MM``, as the site does; one that is no date stays.

    One file has one order of day and month, so a date with a part above 12 tells it for the others.

    Args:
        texts: The dates of a file, without blanks around them.
        written: A pattern of dates that stay as they are.

    >>> as_the_site(pl.Series(["2024/3/1 9:05:00", "5/6/2024 9:05", "31/3/2024 9:05", "soon"])).to_list()
    ['2024-03-01 09:05', '2024-06-05 09:05', '2024-03-31 09:05', 'soon']
    """
    if texts.str.contains(written).all():
        return texts
    text = pl.col("text")
    moment = _date(text, order_of_dates(texts))
    has_rest = (moment.dt.second() != 0) | (moment.dt.millisecond() != 0)
    rewritten = moment.dt.to_string("%Y-%m-%d %H:%M")
    stays = text.str.contains(written) | zoned(text) | has_rest | moment.is_null()
    return (
        pl.DataFrame({"text": texts})
        .select(pl.when(stays).then(text).otherwise(rewritten).alias(texts.name))
        .to_series()
    )


def in_one_order(texts: pl.Series) -> pl.Series:
    """Write those dates of one file year first whose order only another date of the file tells; the others stay.

    >>> in_one_order(pl.Series(["5/6/2024 9:05", "31/3/2024 9:05", "1.2.2024", None])).to_list()
    ['2024-6-5 9:05', '31/3/2024 9:05', '1.2.2024', None]
    """
    day_first = order_of_dates(texts)
    if day_first is None:
        return texts
    text = pl.col("text")
    alone = text.str.extract_groups(f"^{YEAR_LAST}").struct
    is_open = alone.field("y").is_not_null() & date(text).is_null()
    month, day = ("b", "a") if day_first else ("a", "b")
    year_first = text.str.replace(f"^{YEAR_LAST}", f"${{y}}-${{{month}}}-${{{day}}}")
    return (
        pl.DataFrame({"text": texts})
        .select(pl.when(is_open).then(year_first).otherwise(text).alias(texts.name))
        .to_series()
    )


def order_of_dates(texts: pl.Series) -> bool | None:
    """Return whether the day comes first in dates that end in the year; None where nothing tells.

    >>> order_of_dates(pl.Series(["5/6/2024 9:05", "31/3/2024 9:05"])), order_of_dates(pl.Series(["5/6/2024"]))
    (True, None)
    """
    found = pl.DataFrame({"text": texts}).select(pl.col("text").str.extract_groups(f"^{YEAR_LAST}"))
    parts = found.unnest("text").with_columns(pl.col("a", "b").cast(pl.Int64, strict=False))
    day_first, month_first = bool((parts["a"] > 12).any()), bool((parts["b"] > 12).any())
    return None if day_first == month_first else day_first


def _date(text: pl.Expr, day_first: bool | None) -> pl.Expr:
    bare = text.str.strip_chars(BLANKS)
    first = bare.str.extract_groups(f"^{YEAR_FIRST}{TIME}{ZONE}$").struct
    last = bare.str.extract_groups(f"^{YEAR_LAST}{TIME}{ZONE}$").struct

    def group(name: str) -> pl.Expr:
        return pl.coalesce(first.field(name), last.field(name))

    def part(name: str) -> pl.Expr:
        return group(name).cast(pl.Int64, strict=False)

    day, month = _day_and_month(first, last, day_first)
    hour, is_hour = _hour(part("h").fill_null(0), group("half").str.to_lowercase())
    minute, second = (part(n).fill_null(0) for n in ("mi", "s"))
    digits = group("f").fill_null("0").str.pad_end(3, "0").str.slice(0, 3)
    zone_hour, zone_minute = (part(n).fill_null(0) for n in ("zh", "zm"))
    shift = pl.when(group("sign") == "-").then(-1).otherwise(1) * (zone_hour * 60 + zone_minute)
    midnight = (hour == 24) & (minute == 0) & (second == 0)
    time_ok = is_hour & ((hour < 24) | midnight) & (minute < 60) & (second < 60)
    moment = pl.format("{}-{}-{}", group("y"), month, day).str.to_date(
        "%Y-%m-%d", strict=False
    ).cast(pl.Datetime("ms")) + pl.duration(
        hours=hour,
        minutes=minute - shift,
        seconds=second,
        milliseconds=digits.cast(pl.Int64, strict=False),
        time_unit="ms",
    )
    return pl.when(time_ok & (zone_hour < 24) & (zone_minute < 60)).then(moment)


def _hour(hour: pl.Expr, half: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the hour of the day, and whether it may be written so: 1 to 12 with AM or PM (``half``)."""
    of_half = hour % 12 + pl.when(half == "p").then(12).otherwise(0)
    may_be = half.is_null() | hour.is_between(1, 12)
    return pl.when(half.is_null()).then(hour).otherwise(of_half), may_be


def _day_and_month(first: Any, last: Any, day_first: bool | None) -> tuple[pl.Expr, pl.Expr]:
    """Return day and month; null where their order is not certain."""
    a, b = (last.field(name).cast(pl.Int64, strict=False) for name in ("a", "b"))
    is_day_first = (
        pl.when((last.field("sep") == ".") | (a > 12) | (a == b))
        .then(pl.lit(True))
        .when(b > 12)
        .then(pl.lit(False))
        .otherwise(pl.lit(day_first, dtype=pl.Boolean))
    )
    day = pl.when(is_day_first).then(a).when(~is_day_first).then(b)
    month = pl.when(is_day_first).then(b).when(~is_day_first).then(a)
    stated_day, stated_month = (
        first.field(name).cast(pl.Int64, strict=False) for name in ("d", "mo")
    )
    return pl.coalesce(stated_day, day), pl.coalesce(stated_month, month)
