"""The declaration of a JSON record: a tree of small frozen values.

The kinds are `Int`, `Num`, `Str`, `Hex`, `Bool`, `OneOf`, `Anything`, `ListOf` and `Object`. Each has
words for what it expects and a type of msgspec for what it accepts, or else reads a value itself.

Integers are JSON numbers without a fraction and at most 2^53 - 1 in size, which JavaScript can count to
(``100.0`` is one). Booleans and texts of digits are no numbers.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert, defstruct

from tachi_data.reference.canonical import json_text
from tachi_data.reference.numbers import SAFE_INTEGER

ABSENT: Any = UNSET


class Own(type):
    """A type whose values a kind reads itself, by `Kind.read`, because msgspec has no such type."""

    read: Callable[[Any], Any]

    def __instancecheck__(cls, value: object) -> bool:
        """Return true: msgspec asks about a value that the kind has already accepted."""
        return True


def read_own(own: type[Any], value: Any) -> Any:
    """Return the value as the kind reads it; msgspec calls this. Raises ValueError where it does not fit."""
    read: Callable[[Any], Any] = own.read
    return read(value)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a JSON value may be. ``optional``: the key may be absent. ``nullable``: null is allowed."""

    optional: bool = False
    nullable: bool = False

    dtype: ClassVar[pl.DataType | None] = None

    @property
    def expected(self) -> str:
        """Return the expectation in words, for messages."""
        raise NotImplementedError

    @property
    def annotation(self) -> Any:
        """Return the type of msgspec that accepts the values of this kind, without null."""
        return Own(type(self).__name__, (), {"read": staticmethod(self.read)})

    @property
    def or_null(self) -> Any:
        """Return the type of msgspec, with null where that is allowed."""
        return self.annotation | None if self.nullable else self.annotation

    def read(self, value: Any) -> Any:
        """Return the value, or its text. Raises ValueError where it is not of this kind."""
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A number within inclusive bounds (``above``: the lower one is exclusive), or one of ``also``."""

    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    also: tuple[float, ...] = ()

    noun: ClassVar[str]
    types: ClassVar[tuple[type, ...]]
    widest: ClassVar[tuple[float, float]]

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Return the least and the largest value."""
        low, high = self.widest
        return (
            low if self.minimum is None else self.minimum,
            high if self.maximum is None else self.maximum,
        )

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`. Msgspec checks bounds; the kind checks values beside them."""
        return super().annotation if self.also else self._within(*self.bounds, above=self.above)

    @property
    def wide(self) -> Any:
        """Return the type of `or_null`, but with the numbers between the bounds and `also`."""
        low, high = self.bounds
        numbers = self._within(min(low, *self.also), max(high, *self.also))
        return numbers | None if self.nullable else numbers

    def _within(self, low: float, high: float, above: bool = False) -> Any:
        most = high if high < math.inf else None
        return Annotated[self.types[-1], Meta(gt=low, le=most) if above else Meta(ge=low, le=most)]

    def all_fit(self, values: Iterable[Any]) -> bool:
        """Return whether numbers that were read as `wide` are of this kind; some may be absent or null."""
        low, high = self.bounds
        passed = {None, ABSENT, *self.also}
        rest = [value for value in values if value not in passed]
        least = min(rest, default=high)
        return max(rest, default=high) <= high and (least > low if self.above else least >= low)

    def read(self, value: Any) -> Any:
        """Return the value. Raises ValueError where it is neither within the bounds nor one of `also`."""
        if type(value) in self.types and self.all_fit([value]):
            return value
        raise ValueError

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        least = "greater than" if self.above else "of at least"
        low = "" if self.minimum is None else f" {least} {self.minimum:,}"
        most = "and at most" if low else "of at most"
        high = "" if self.maximum is None else f" {most} {self.maximum:,}"
        return f"{self.noun}{low}{high}" + "".join(f", or {value:g}" for value in self.also)


@dataclass(frozen=True)
class Int(Number):
    """An integer."""

    dtype = pl.Int64()
    noun = "an integer"
    types = (int,)
    widest = (-SAFE_INTEGER, SAFE_INTEGER)


@dataclass(frozen=True)
class Num(Number):
    """Any JSON number; there is none that is NaN or minus infinity."""

    dtype = pl.Float64()
    noun = "a number"
    types = (int, float)
    widest = (-sys.float_info.max, math.inf)  # There is always a bound, which keeps NaN out.


@dataclass(frozen=True)
class Str(Kind):
    """A text; its length counts UTF-16 code units, as JavaScript does. ``empty`` also admits the empty text."""

    minimum: int = 0
    maximum: int | None = None
    empty: bool = False

    dtype = pl.String()

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        if self.maximum is not None:
            return f"a string of {self.minimum} to {self.maximum} characters"
        return f"a string of at least {self.minimum} characters" if self.minimum else "a string"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`. Msgspec checks that it is a text; the kind checks its UTF-16 length."""
        return super().annotation if self.minimum or self.maximum is not None else str

    def read(self, value: Any) -> str:
        """Return the text. Raises ValueError where it is none, or too short or too long."""
        if type(value) is str:
            length = len(value) + sum(character > "\uffff" for character in value)
            most = length if self.maximum is None else self.maximum
            if (self.empty and not value) or self.minimum <= length <= most:
                return value
        raise ValueError


@dataclass(frozen=True)
class Hex(Kind):
    """Exactly ``size`` hexadecimal digits in lower case, such as a hash."""

    size: int = 64

    dtype = pl.String()

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return f"{self.size} hexadecimal digits in lower case"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`."""
        return Annotated[str, Meta(pattern=rf"^[0-9a-f]{{{self.size}}}\Z")]


@dataclass(frozen=True)
class Bool(Kind):
    """``true`` or ``false``."""

    dtype = pl.Boolean()

    expected = "true or false"
    annotation = bool


@dataclass(frozen=True)
class OneOf(Kind):
    """One of some values, compared exactly; ``true`` is not 1."""

    values: tuple[str | int | bool | float, ...] = ()

    @property
    def dtype(self) -> pl.DataType:  # type: ignore[override]
        """Return the type of the column: integers if all values are, else texts."""
        return pl.Int64() if {*map(type, self.values)} == {int} else pl.String()

    @property
    def is_mixed(self) -> bool:
        """Return whether a column of texts holds other values than texts."""
        return not {*map(type, self.values)} <= {str} and self.dtype == pl.String()

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return "one of " + ", ".join(map(str, self.values))

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`. Msgspec compares texts and integers; the kind compares the rest."""
        return (
            Literal[self.values] if {*map(type, self.values)} <= {int, str} else super().annotation
        )

    def read(self, value: Any) -> Any:
        """Return the value that is equal. Raises ValueError where none is."""
        for known in self.values:
            if known == value and (type(known) is bool) == (type(value) is bool):
                return known
        raise ValueError


@dataclass(frozen=True)
class Anything(Kind):
    """Any value, kept but not made a column; ``as_json`` makes one of its JSON text.

    That text is null where the member is absent, and ``null`` where it is null.
    """

    optional: bool = True
    nullable: bool = True
    as_json: bool = False

    expected = "anything"

    @property
    def dtype(self) -> pl.DataType | None:  # type: ignore[override]
        """Return the type of JSON text, or None for no column."""
        return pl.String() if self.as_json else None

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`."""
        return super().annotation if self.as_json else Any

    @property
    def or_null(self) -> Any:
        """See `Kind.or_null`; null is a value like any other."""
        return self.annotation

    def read(self, value: Any) -> str:
        """Return the JSON text of the value."""
        return json_text(value)


@dataclass(frozen=True)
class ListOf(Kind):
    """An array whose elements are all of one kind; ``size`` fixes its length, ``most`` bounds it."""

    element: Kind = field(default_factory=Anything)
    size: int | None = None
    most: int | None = None

    @property
    def dtype(self) -> pl.DataType:  # type: ignore[override]
        """Return the type of the column; numbers in lists are floats."""
        inner = pl.Float64() if isinstance(self.element, Number) else self.element.dtype
        return pl.List(inner or pl.String())

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        count = f"{self.size} " if self.size is not None else ""
        count += f"at most {self.most} " if self.most is not None else ""
        return f"an array of {count}values, each {self.element.expected}"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`."""
        most = self.most if self.size is None else self.size
        return Annotated[list[self.element.or_null], Meta(min_length=self.size or 0, max_length=most)]  # type: ignore[name-defined]  # fmt: skip


@dataclass(frozen=True)
class Object(Kind):
    """A JSON object with named members; ``strict`` rejects unknown keys.

    ``fallback`` names a sibling whose members count where this one has none of that name. ``keep_nulls``
    adds the column ``nulls.<name>``: which members are present with null. ``as_json`` makes one
    column of JSON text of the whole object; ``flat=False`` makes none. ``older`` makes a record of today of
    one that does not fit, because programs wrote it before its form changed.
    """

    members: Mapping[str, Kind] = field(default_factory=dict)
    strict: bool = False
    fallback: str | None = None
    keep_nulls: bool = False
    as_json: bool = False
    flat: bool = True
    older: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    dtype = pl.String()
    expected = "an object"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`. An object is a struct, unless it becomes a text."""
        return super().annotation if self.as_json else self.struct

    def read(self, value: Any) -> str:
        """Return the JSON text of an object. Raises ValueError where the object does not fit."""
        try:
            convert(value, self.struct, dec_hook=read_own)
        except ValidationError as error:  # As another error, msgspec adds the path outside.
            raise ValueError(str(error)) from None
        return json_text(value)

    @cached_property
    def struct(self) -> type[Struct]:
        """Return a struct with a field per member; an absent one is null, or with ``keep_nulls`` unset."""
        return self._struct({})

    @cached_property
    def wide(self) -> type[Struct]:
        """Return a struct that msgspec reads faster. `all_fit` checks the numbers beside the bounds."""
        return self._struct({name: kind.wide for name, kind in self._with_also.items()})

    def all_fit(self, structs: Sequence[Any]) -> bool:
        """Return whether records that were read as `wide` fit."""
        return all(
            kind.all_fit(map(attrgetter(self.fields[name]), structs))
            for name, kind in self._with_also.items()
        )

    @cached_property
    def _with_also(self) -> dict[str, Number]:
        return {n: k for n, k in self.members.items() if isinstance(k, Number) and k.also}

    def _struct(self, others: Mapping[str, Any]) -> type[Struct]:
        types = {name: kind.or_null for name, kind in self.members.items()} | dict(others)
        # What stands in for a member is read in its place, so it has to be of its type.
        types |= {
            kind.fallback: kind.annotation | None
            for kind in self.members.values()
            if isinstance(kind, Object) and kind.fallback is not None
        }
        fields = list[Any]()
        for name, kind in self.members.items():
            if not kind.optional:
                fields.append((self.fields[name], types[name]))
            elif self.keep_nulls:
                fields.append((self.fields[name], types[name] | UnsetType, UNSET))
            else:
                fields.append((self.fields[name], types[name], None))
        return defstruct(
            "Record",
            fields,
            rename={field: name for name, field in self.fields.items()},
            forbid_unknown_fields=self.strict,
            kw_only=True,
            gc=False,
        )

    @cached_property
    def fields(self) -> dict[str, str]:
        """Return the field of the struct for each member, whose own name may be no identifier."""
        return {name: f"member{place}" for place, name in enumerate(self.members)}
