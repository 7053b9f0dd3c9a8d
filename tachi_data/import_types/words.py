"""The words of conversions, imported as ``x``.

Each word returns one Polars expression. A value that cannot be read becomes null. A rule of the format
decides what that null means, and the report shows the raw value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tachi_data.frames import quoted
from tachi_data.games import GPT, Enum
from tachi_data.games.words import divided as divided
from tachi_data.import_types.dates import as_the_site as as_the_site
from tachi_data.import_types.dates import date as date
from tachi_data.import_types.dates import in_one_order as in_one_order
from tachi_data.import_types.dates import japanese_date as japanese_date
from tachi_data.import_types.look_ups import ANY_PLAYTYPE as ANY_PLAYTYPE
from tachi_data.import_types.look_ups import by_chart_key as by_chart_key
from tachi_data.import_types.look_ups import by_folded_title as by_folded_title
from tachi_data.import_types.look_ups import by_title as by_title
from tachi_data.import_types.look_ups import charts_of_song as charts_of_song
from tachi_data.import_types.model import Rule
from tachi_data.reference.numbers import SAFE_INTEGER
from tachi_data.reference.text import BLANKS


def raw(path: str) -> pl.Expr:
    """Return a member of the record, unchanged: ``raw("score.lamp")``."""
    return pl.col(f"raw.{path}")


def text(value: str) -> pl.Expr:
    """Return the same text for every datapoint."""
    return pl.lit(value)


def context(name: str) -> pl.Expr:
    """Return a member of the context, which all datapoints of a source share."""
    return pl.col(f"context.{name}")


def natural(text: pl.Expr, *, negative_zero: bool = True) -> pl.Expr:
    """Read strict text of an integer from 0 to 2^53 - 1, else null; ``-0`` is 0, ``007`` is 7.

    ``negative_zero`` tells whether ``-0`` is one at all.

    >>> pl.select(natural(pl.Series(["12", "-0", "007", "1.4", "---", "", "9007199254740992"]))).to_series().to_list()
    [12, 0, 7, None, None, None, None]
    """
    digits = r"^(?:-0+|[0-9]+)$" if negative_zero else "^[0-9]+$"
    value = pl.when(text.str.contains(digits)).then(text).cast(pl.Int64, strict=False).abs()
    return pl.when(value <= SAFE_INTEGER).then(value)


def number(text: pl.Expr) -> pl.Expr:
    """Read lenient text of a number, without surrounding blanks; null where it is none or blank.

    >>> pl.select(number(pl.Series([" 12 ", "1e3", "0x1F", "-Infinity", "---", ""]))).to_series().to_list()
    [12.0, 1000.0, 31.0, -inf, None, None]
    """
    trimmed = trim(text)
    plain = trimmed.str.contains(
        r"^[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity)$"
    )
    value = pl.when(plain).then(trimmed.str.strip_prefix("+")).cast(pl.Float64, strict=False)
    for prefix, base, digits in (
        ("[xX]", 16, "[0-9a-fA-F]"),
        ("[oO]", 8, "[0-7]"),
        ("[bB]", 2, "[01]"),
    ):
        is_based = trimmed.str.contains(f"^0{prefix}{digits}+$")
        based = pl.when(is_based).then(trimmed.str.slice(2)).str.to_integer(base=base, strict=False)
        value = value.fill_null(based.cast(pl.Float64))
    return value


def trim(text: pl.Expr) -> pl.Expr:
    """Remove Unicode white space (and U+FEFF) from both ends.

    >>> pl.select(trim(pl.Series([" a b\u3000", "\ufeff"]))).to_series().to_list()
    ['a b', '']
    """
    return text.str.strip_chars(BLANKS)


def mapped(value: pl.Expr, names: Mapping[Any, object]) -> pl.Expr:
    """Return the name that stands for a value of this format; null where there is none.

    >>> pl.select(mapped(pl.Series(["PLAYED", "?"]), {"PLAYED": "FAILED"})).to_series().to_list()
    ['FAILED', None]
    """
    kind = type(next(iter(names.values())))
    dtype = pl.Int64() if kind is int else pl.String()
    return value.replace_strict(list(names), list(names.values()), default=None, return_dtype=dtype)


def metric(gpt: GPT, name: str, value: pl.Expr, names: Mapping[Any, str]) -> pl.Expr:
    """Return the value of a metric that stands for a value of this format; null where there is none.

    Args:
        gpt: The game and playtype.
        name: The metric, such as ``lamp``.
        value: What the format has.
        names: The values of the metric by those of the format.

    Raises:
        ValueError: The game has no such metric, or the metric no such value.
    """
    known = gpt.metrics.get(name)
    if not isinstance(known, Enum):
        raise ValueError(f"{gpt.id} has no metric {name!r} with names for values.")
    return mapped(value, _legal(names, known.values, f"{name} of {gpt.id}"))


def difficulty(gpt: GPT, value: pl.Expr, names: Mapping[Any, str]) -> pl.Expr:
    """Return the difficulty that stands for a value of this format; null where there is none.

    Args:
        gpt: The game and playtype.
        value: What the format has.
        names: The difficulties of the game, or their aliases, by those of the format.

    Raises:
        ValueError: The game has no such difficulty.
    """
    if gpt.difficulties is None:
        return mapped(value, names)
    return mapped(
        value,
        _legal(names, (*gpt.difficulties, *gpt.difficulty_aliases), f"difficulty of {gpt.id}"),
    )


def _legal(names: Mapping[Any, str], legal: Sequence[str], what: str) -> Mapping[Any, str]:
    stray = next((name for name in names.values() if name not in legal), None)
    if stray is not None:
        raise ValueError(f"{stray!r} is no {what}; there are: {', '.join(legal)}.")
    return names


def unless(value: pl.Expr, *, equals: float | str) -> pl.Expr:
    """Return the value, or null where it equals the value that means "not recorded" in the format.

    >>> pl.select(unless(pl.Series([0, 5]), equals=0)).to_series().to_list()
    [None, 5]
    """
    return pl.when(value != equals).then(value)


def milliseconds(value: pl.Expr) -> pl.Expr:
    """Read Unix milliseconds as a time in UTC; a fraction is floored."""
    return value.cast(pl.Float64).floor().cast(pl.Int64, strict=False).cast(pl.Datetime("ms"))


def seconds(value: pl.Expr) -> pl.Expr:
    """Read Unix seconds as a time in UTC; null where there is no such time."""
    return milliseconds(value.cast(pl.Float64) * 1000)


def json_object(**members: pl.Expr) -> pl.Expr:
    """Write the JSON text of an object with these members, nulls included, for ``score_meta``.

    >>> pl.select(json_object(client=pl.lit("LR2"), random=pl.lit(None))).to_series().to_list()
    ['{"client":"LR2","random":null}']
    """
    return json_member(**members).struct.json_encode()


def json_member(**members: pl.Expr) -> pl.Expr:
    """Return an object for a member of a `json_object`."""
    return pl.struct(e.alias(name) for name, e in members.items())


_JSON_NUMBER = r"(?:null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"


def numbers(text: pl.Expr) -> pl.Expr:
    """Read the JSON text of an array of numbers and nulls as a list; null where it is anything else.

    >>> pl.select(numbers(pl.Series(["[1,null,2.5]", "[]", '["1"]', None]))).to_series().to_list()
    [[1.0, None, 2.5], [], None, None]
    """
    readable = text.str.contains(rf"^\[(?:{_JSON_NUMBER}(?:,{_JSON_NUMBER})*)?\]$")
    return pl.when(readable).then(text).str.json_decode(pl.List(pl.Float64))


def json_text(text: pl.Expr) -> pl.Expr:
    """Read the JSON text of a text; null where it is anything else.

    >>> pl.select(json_text(pl.Series(['"a"', "[]", None]))).to_series().to_list()
    ['a', None, None]
    """
    return pl.when(text.str.starts_with('"')).then(text).str.json_decode(pl.String)


def stated_nulls(**columns: pl.Expr) -> pl.Expr:
    """Return the names of the columns that are null where this is true, for formats that leave values out.

    Dots are written as two underscores: ``stated_nulls(optional__bp=is_dead)``.
    """
    nothing = pl.lit(None, dtype=pl.String)
    names = pl.concat_list(
        pl.when(when).then(pl.lit(name.replace("__", "."))).otherwise(nothing)
        for name, when in columns.items()
    ).list.drop_nulls()
    return pl.when(names.list.len() > 0).then(names)


# --- rules that many formats share -----------------------------------------------------------------


def skip(when: pl.Expr, message: str) -> Rule:
    """Return a rule that skips the datapoint, whatever its song."""
    return Rule("Skipped", when, message, after="reading")


def invalid(when: pl.Expr, message: pl.Expr | str, *, after: str = "chart") -> Rule:
    """Return a rule that refuses the datapoint."""
    return Rule("InvalidDatapoint", when, message, after=after)  # type: ignore[arg-type]


def unreadable(value: pl.Expr, source: pl.Expr, expected: str, *, after: str = "chart") -> Rule:
    """Return a rule that refuses the datapoint where ``value``, made from ``source``, is null."""
    shown = pl.format(
        "{}, got {}.", pl.lit(expected), quoted(source.cast(pl.String)).fill_null("nothing")
    )
    return invalid(value.is_null(), shown, after=after)


def no_date(path: str) -> Rule:
    """Return a rule that refuses text that is no date. Empty text means that there is no date."""
    text = raw(path)
    message = pl.format("{}: expected a date, got {}.", pl.lit(path.split(".")[-1]), quoted(text))
    return invalid(date(text).is_null() & (text != ""), message)


def one_of(value: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """Return true where the value is one of the names, and false for null."""
    return value.is_in(list(names)).fill_null(False)
