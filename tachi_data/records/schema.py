"""The declaration of a JSON record: a tree of small frozen values.

The kinds are `Int`, `Num`, `Str`, `Hex`, `Bool`, `OneOf`, `Anything`, `ListOf` and `Object`. Each says in
words what it expects, and as a type of msgspec what it accepts; msgspec alone decides whether a value fits.

Integers are JSON numbers without a fraction and at most 2^53 - 1 in size, which JavaScript can count to
(``100.0`` is one). Booleans and texts of digits are no numbers.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import orjson
import polars as pl
from msgspec import UNSET, Meta, Struct, UnsetType, ValidationError, convert, defstruct

from tachi_data.reference.numbers import SAFE_INTEGER

ABSENT: Any = UNSET


class Own(type):
    """A type whose values a kind reads itself (``read``), for what msgspec cannot say; see `read_own`."""

    read: Callable[[Any], Any]

    def __instancecheck__(cls, value: object) -> bool:
        """Msgspec asks whether a value that was read is of its type; the kind has decided that."""
        return True


def read_own(own: type[Any], value: Any) -> Any:
    """Read a value for msgspec, as the kind of its type does. Raises ValueError where it does not fit."""
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
        """The expectation in words, for messages."""
        raise NotImplementedError

    @property
    def annotation(self) -> Any:
        """The type of msgspec that accepts the values of this kind, without null."""
        return self._own

    @property
    def or_null(self) -> Any:
        """The type of msgspec, with null where that is allowed."""
        return self.annotation | None if self.nullable else self.annotation

    @property
    def _own(self) -> Own:
        return Own(type(self).__name__, (), {"read": staticmethod(self.read)})

    def read(self, value: Any) -> Any:
        """Return the value, as it is or in another form; for kinds that are a type of their `Own`.

        Raises:
            ValueError: The value is not of this kind.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Number(Kind):
    """A number within inclusive bounds (``above``: the lower one is exclusive), or one of ``also``."""

    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    also: tuple[float, ...] = ()

    types: ClassVar[tuple[type, ...]] = ()

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value."""
        raise NotImplementedError

    @property
    def annotation(self) -> Any:
        """Bounds are msgspec's; values beside them are the kind's own."""
        low, high = self.bounds
        most = high if high < math.inf else None
        limits = Meta(gt=low, le=most) if self.above else Meta(ge=low, le=most)
        return self._own if self.also else Annotated[self.types[-1], limits]

    def read(self, value: Any) -> Any:
        """Return the value. Raises ValueError where it is neither within the bounds nor one of `also`."""
        low, high = self.bounds
        if type(value) in self.types and (
            low < value <= high or (value == low and not self.above) or value in self.also
        ):
            return value
        raise ValueError

    def _words(self, noun: str) -> str:
        least = "greater than" if self.above else "of at least"
        low = "" if self.minimum is None else f" {least} {self.minimum:,}"
        most = "and at most" if low else "of at most"
        high = "" if self.maximum is None else f" {most} {self.maximum:,}"
        return f"{noun}{low}{high}" + "".join(f", or {value:g}" for value in self.also)


@dataclass(frozen=True)
class Int(Number):
    """An integer."""

    dtype = pl.Int64()
    types = (int,)

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return self._words("an integer")

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The bounds, within what JavaScript can count to."""
        low = -SAFE_INTEGER if self.minimum is None else math.ceil(self.minimum)
        return low, SAFE_INTEGER if self.maximum is None else math.floor(self.maximum)


@dataclass(frozen=True)
class Num(Number):
    """Any JSON number; there is none that is NaN or minus infinity."""

    dtype = pl.Float64()
    types = (int, float)

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return self._words("a number")

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The bounds; there is always one, which keeps NaN out."""
        low = -sys.float_info.max if self.minimum is None else self.minimum
        return low, math.inf if self.maximum is None else self.maximum


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
        """A plain text is msgspec's; UTF-16 lengths are the kind's own."""
        return self._own if self.minimum or self.maximum is not None else str

    def read(self, value: Any) -> str:
        """Return the text. Raises ValueError where it is none, or too short or too long."""
        if type(value) is str:
            length = len(value) + sum(character > "\uffff" for character in value)
            if (self.empty and not value) or self._fits(length):
                return value
        raise ValueError

    def _fits(self, length: int) -> bool:
        return self.minimum <= length and (self.maximum is None or length <= self.maximum)


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

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return "true or false"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`."""
        return bool


@dataclass(frozen=True)
class OneOf(Kind):
    """One of some values, compared exactly; ``true`` is not 1."""

    values: tuple[str | int | bool | float, ...] = ()

    @property
    def dtype(self) -> pl.DataType:  # type: ignore[override]
        """Integers stay numbers; all else makes a column of texts."""
        return pl.Int64() if {*map(type, self.values)} == {int} else pl.String()

    @property
    def is_mixed(self) -> bool:
        """Whether there are other values than texts in a column of texts."""
        return not {*map(type, self.values)} <= {str} and self.dtype == pl.String()

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return "one of " + ", ".join(map(str, self.values))

    @property
    def annotation(self) -> Any:
        """Texts and integers are msgspec's; other values are the kind's own."""
        return Literal[self.values] if {*map(type, self.values)} <= {int, str} else self._own

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

    @property
    def dtype(self) -> pl.DataType | None:  # type: ignore[override]
        """JSON text, or no column."""
        return pl.String() if self.as_json else None

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return "anything"

    @property
    def annotation(self) -> Any:
        """See `Kind.annotation`."""
        return self._own if self.as_json else Any

    @property
    def or_null(self) -> Any:
        """Null is a value like any other."""
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
        """Lists of numbers are lists of floats."""
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

    ``fallback`` names a sibling that stands in where this member is absent or null. ``keep_nulls``
    adds the column ``nulls.<name>``: which members are present with null. ``as_json`` makes one
    column of JSON text of the whole object; ``flat=False`` makes none.
    """

    members: Mapping[str, Kind] = field(default_factory=dict)
    strict: bool = False
    fallback: str | None = None
    keep_nulls: bool = False
    as_json: bool = False
    flat: bool = True

    dtype = pl.String()

    @property
    def expected(self) -> str:
        """See `Kind.expected`."""
        return "an object"

    @property
    def annotation(self) -> Any:
        """An object is a struct, unless it becomes a text."""
        return self._own if self.as_json else self.struct

    def read(self, value: Any) -> str:
        """Return the JSON text of an object. Raises ValueError where the object does not fit."""
        try:
            convert(value, self.struct, dec_hook=read_own)
        except ValidationError as error:  # As another error, msgspec adds the path outside.
            raise ValueError(str(error)) from None
        return json_text(value)

    @cached_property
    def struct(self) -> type[Struct]:
        """The struct with a field per member, in order.

        An absent member is null there, or, with ``keep_nulls``, unset.
        """
        types = {name: kind.or_null for name, kind in self.members.items()}
        # What stands in for a member is read in its place, so it has to be of its type.
        types |= {
            kind.fallback: kind.annotation | None
            for kind in self.members.values()
            if isinstance(kind, Object) and kind.fallback is not None
        }
        names, fields = self.fields, list[Any]()
        for name, kind in self.members.items():
            if not kind.optional:
                fields.append((names[name], types[name]))
            elif self.keep_nulls:
                fields.append((names[name], types[name] | UnsetType, UNSET))
            else:
                fields.append((names[name], types[name], None))
        return defstruct(
            "Record",
            fields,
            rename={field: name for name, field in names.items()},
            forbid_unknown_fields=self.strict,
            kw_only=True,
            gc=False,
        )

    @cached_property
    def fields(self) -> dict[str, str]:
        """What the struct calls each member, whose own name may be no identifier."""
        return {name: f"member{place}" for place, name in enumerate(self.members)}


def json_text(value: Any) -> str:
    """The JSON text of a value."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):  # unpaired surrogates, numbers beyond 64 bits
        return json.dumps(value)
