"""The schema of datapoints, generated from the record that an import type declares."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pandera.polars as pa
import polars as pl

from tachi_data.errors import UnknownNameError
from tachi_data.games import gpt as gpt_of
from tachi_data.games import gpts
from tachi_data.import_types import Conversion, ImportType, all_import_types
from tachi_data.records.schema import Anything, Hex, Int, Kind, Num, Object, OneOf, Str
from tachi_data.schemas.checking import frame_schema
from tachi_data.schemas.rules import Rule
from tachi_data.tables.column import Column
from tachi_data.tables.columns import column

KEY = ("row", "source", "user_id", "position", "line")
NULLS = pl.List(pl.String)


@cache
def datapoints(
    import_type: str, game: str | None = None, playtype: str | None = None
) -> pa.DataFrameSchema:
    """Returns the schema of the datapoints of an import type.

    A record that does not fit its declaration says so in the column ``violation``, if the frame has
    it; a member that is absent or null is null here.

    Args:
        import_type: Its id, such as ``file/batch-manual``.
        game: The game, of types whose records differ from game to game.
        playtype: Its playtype.

    Raises:
        LookupError: There is no such import type, or it has several games and none is named.
    """
    kind = all_import_types().get(import_type)
    if kind is None:
        raise UnknownNameError("import type", import_type, all_import_types())
    conversion = _conversion(kind, game, playtype)
    leaves = list(_leaves(conversion.record, "raw"))
    shared = [c for c, _ in _leaves(conversion.context, "context")]
    name = import_type if kind.has_one_game else f"{import_type} of {game}"
    rules = (rule for c, member in leaves if (rule := _within(c.name, member)) is not None)
    return frame_schema(
        f"datapoints of {name}",
        [*(column(n) for n in KEY), *(c for c, _ in leaves), *shared],
        [column("violation")],
        [_fits(), *rules],
    )


def _conversion(kind: ImportType, game: str | None, playtype: str | None) -> Conversion:
    if isinstance(kind.conversion, Conversion):
        return kind.conversion
    if game is None:
        raise LookupError(f"Records of {kind.id} differ from game to game: name one of them.")
    return kind.conversion_of(gpts(game)[0] if playtype is None else gpt_of(game, playtype))


def _fits() -> Rule:
    violation = pl.col("violation")
    return Rule(violation.is_not_null(), violation, "violation", alone=True)


def _leaves(record: Object, path: str) -> Iterator[tuple[Column, Kind | None]]:
    """The columns that records become, each with the kind of value that it holds, if it holds one."""
    for name, kind in record.members.items():
        place = f"{path}.{name}"
        member = f"The member {place.partition('.')[2]} of the {_whole(path)}"
        if isinstance(kind, Object) and kind.keep_nulls:
            words = f"The members of {name} that are present with null."
            yield Column(f"nulls.{name}", NULLS, words, None, True), None
        if getattr(kind, "as_json", False):
            yield Column(place, pl.String(), f"{member}.", "JSON", True), None
        elif isinstance(kind, Object):
            if kind.flat:
                yield from _leaves(kind, place)
        elif kind.dtype is not None and not isinstance(kind, Anything):
            yield Column(place, kind.dtype, f"{member}: {kind.expected}.", None, True), kind


def _whole(path: str) -> str:
    return "record" if path.startswith("raw") else "source's context"


def _within(name: str, kind: Kind | None) -> Rule | None:
    """The rule that a value is what the declaration allows; None where its type says all."""
    value, fails = pl.col(name), None
    if isinstance(kind, (Int, Num)):
        fails = _out_of_range(value, kind)
    elif isinstance(kind, OneOf):
        as_text = kind.dtype == pl.String()
        fails = ~value.is_in([str(v) if as_text else v for v in kind.values])
    elif isinstance(kind, Hex):
        fails = ~value.str.contains(rf"^[0-9a-f]{{{kind.size}}}$")
    elif isinstance(kind, Str) and (kind.minimum or kind.maximum is not None):
        fails = _out_of_length(value, kind)
    if fails is None or kind is None:
        return None
    member = name.partition(".")[2]
    words = pl.concat_str(
        pl.lit(f'{member}: expected {kind.expected}, got "'), value.cast(pl.String), pl.lit('".')
    )
    return Rule(fails, words, name)


def _out_of_range(value: pl.Expr, kind: Int | Num) -> pl.Expr | None:
    fails = []
    if kind.minimum is not None:
        fails.append(value <= kind.minimum if kind.above else value < kind.minimum)
    if kind.maximum is not None:
        fails.append(value > kind.maximum)
    if not fails:
        return None
    outside = pl.any_horizontal(fails)
    return (
        outside & ~value.is_in(pl.Series(kind.also, dtype=kind.dtype).implode())
        if kind.also
        else outside
    )


def _out_of_length(value: pl.Expr, kind: Str) -> pl.Expr:
    """Whether a text is too short or too long, counted in UTF-16 code units as JavaScript does."""
    units = value.str.len_chars() + value.str.count_matches(r"[\x{10000}-\x{10ffff}]")
    fails = units < kind.minimum
    if kind.maximum is not None:
        fails |= units > kind.maximum
    return fails & (value != "") if kind.empty else fails
