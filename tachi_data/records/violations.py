"""What is wrong with many JSON records at once.

`violations` checks a list of records column by column (a field of all records at a time) and names,
for each bad record, the first member that breaks the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from msgspec import Struct, UnsetType, ValidationError, convert

from tachi_data.records.schema import ABSENT, Kind, ListOf, Object

LONGEST_KEY = 100  # characters of an unknown key that a message repeats


@dataclass(frozen=True)
class Violation:
    """Where a record is not what it should be: ``path`` within it, and what was expected."""

    order: tuple[int, ...]
    path: str
    expected: str
    value: Any = ABSENT

    @property
    def reason(self) -> str:
        """What was expected and what was there, without the path."""
        if self.value is ABSENT:
            return f"expected {self.expected}, but it is missing."
        if isinstance(self.value, (dict, list)):
            return f"expected {self.expected}."
        shown = repr(self.value) if len(repr(self.value)) <= 60 else repr(self.value)[:57] + "…"
        return f"expected {self.expected}, got {shown} ({type(self.value).__name__})."

    def __str__(self) -> str:
        return f"{self.path.lstrip('.')}: {self.reason}"

    def within(self, path: str, order: int) -> Violation:
        """The same violation, seen from the object that holds this one under ``path``."""
        return Violation((order, *self.order), path + self.path, self.expected, self.value)


class Records(list[Any]):
    """JSON objects of which each member is looked up once, first for `violations`, then for `columns`."""

    def __init__(self, records: Iterable[Any]) -> None:
        super().__init__(records)
        self._members: dict[str, list[Any]] = {}
        self._objects: dict[str, Records] = {}
        self._fitted: tuple[Object, list[Struct]] | None = None

    def fit(self, schema: Object) -> bool:
        """A quick yes if all records are what the schema wants; False only means that each has to be looked at."""
        if schema.struct is None:
            return False
        try:
            self._fitted = schema, convert(self, list[schema.struct])  # type: ignore[name-defined]
        except (ValidationError, UnicodeEncodeError):  # half a surrogate pair fits no struct
            return False
        return True

    def fitted(self, schema: Object) -> list[Struct] | None:
        """The records as `Object.struct`, once, if `fit` found that they are."""
        found, self._fitted = self._fitted, None
        return found[1] if found is not None and found[0] is schema else None

    def member(self, name: str) -> list[Any]:
        """The values of a member, `ABSENT` where it is not there."""
        if name not in self._members:
            self._members[name] = [record.get(name, ABSENT) for record in self]
        return self._members[name]

    def objects(self, name: str) -> Records:
        """Those values of a member that are objects."""
        if name not in self._objects:
            self._objects[name] = Records(v for v in self.member(name) if type(v) is dict)
        return self._objects[name]

    def forget(self, name: str) -> None:
        """Free what was remembered about a member."""
        self._members.pop(name, None)
        self._objects.pop(name, None)


def violations(records: Sequence[Mapping[str, Any]], schema: Object) -> dict[int, Violation]:
    """The first violation of each bad record, by its position. Empty where all is well."""
    known = records if isinstance(records, Records) else Records(records)
    found: dict[int, Violation] = {}
    if known.fit(schema):
        return found

    def add(row: int, violation: Violation) -> None:
        if row not in found or violation.order < found[row].order:
            found[row] = violation

    for order, (name, kind) in enumerate(schema.members.items()):
        for row, violation in _member_violations(known, name, kind):
            add(row, violation.within(f".{name}", order))
    if schema.strict and not set(chain.from_iterable(records)) <= schema.members.keys():
        for row, record in enumerate(records):
            unknown = next((key for key in record if key not in schema.members), None)
            if unknown is not None:
                last = Violation(
                    (len(schema.members),),
                    f".{unknown[:LONGEST_KEY]}",
                    "no such key",
                    record[unknown],
                )
                add(row, last)
    return found


def _member_violations(records: Records, name: str, kind: Kind) -> Iterable[tuple[int, Violation]]:
    """Violations of one member over all records."""
    values = records.member(name)
    types = set(map(type, values))
    present: Sequence[Any] = values
    if (UnsetType in types) or (type(None) in types):
        present = [v for v in values if not (v is ABSENT or v is None)]
        types = set(map(type, present))
        if not (kind.optional and kind.nullable):
            yield from _missing(values, kind)
    if not present:
        return
    if isinstance(kind, Object):
        inner = violations(records.objects(name), kind)
        if inner:
            rows = [row for row, v in enumerate(values) if type(v) is dict]
            yield from ((rows[row], violation) for row, violation in inner.items())
        if types <= kind.types:
            return
        bad = (
            (r, v)
            for r, v in enumerate(values)
            if v is not ABSENT and v is not None and type(v) is not dict
        )
        yield from ((row, Violation((), "", kind.expected, v)) for row, v in bad)
        return
    if kind.accepts_all(present, types):
        return
    for row, value in enumerate(values):
        if value is not ABSENT and value is not None and not kind.accepts(value):
            yield row, _narrowed(value, kind)


def _missing(values: list[Any], kind: Kind) -> Iterable[tuple[int, Violation]]:
    for row, value in enumerate(values):
        if (value is ABSENT and not kind.optional) or (value is None and not kind.nullable):
            yield row, Violation((), "", kind.expected, value)


def _narrowed(value: Any, kind: Kind) -> Violation:
    """Point at the element of an array that is wrong, rather than at the whole array."""
    if (
        isinstance(kind, ListOf)
        and type(value) is list
        and (kind.size is None or len(value) == kind.size)
    ):
        for index, element in enumerate(value):
            if not (kind.element.nullable if element is None else kind.element.accepts(element)):
                inner = (
                    violations([element], kind.element)
                    if isinstance(kind.element, Object) and isinstance(element, dict)
                    else {}
                )
                if inner:
                    return inner[0].within(f"[{index}]", index)
                return Violation((index,), f"[{index}]", kind.element.expected, element)
    return Violation((), "", kind.expected, value)
