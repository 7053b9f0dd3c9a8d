"""Violations in words for people: msgspec knows the path, the declaration knows the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from msgspec import ValidationError

from tachi_data.records.schema import ABSENT, Kind, ListOf, Object

# The texts of msgspec's errors that name a member of the object at the path.
MISSING = re.compile("Object missing required field `(.*)`", re.DOTALL)
UNKNOWN = re.compile("Object contains unknown field `(.*)`", re.DOTALL)
PLACE = " - at `$"
LONGEST_KEY = 100  # characters of an unknown key that a message repeats


@dataclass(frozen=True)
class Violation:
    """A place in a record whose value is not what was expected.

    ``path`` is like ``score.lamp`` or ``sides[1]``; it is empty for the record itself. ``value`` is the
    value at that place, or `ABSENT`.
    """

    path: str
    expected: str
    value: Any = ABSENT

    @property
    def reason(self) -> str:
        """Return the sentence without the path."""
        if self.value is ABSENT:
            return f"expected {self.expected}, but it is missing."
        if isinstance(self.value, (dict, list)):
            return f"expected {self.expected}."
        if self.value is None:
            return f"expected {self.expected}, got null."
        shown = repr(self.value) if len(repr(self.value)) <= 60 else repr(self.value)[:57] + "…"
        return f"expected {self.expected}, got {shown} ({type(self.value).__name__})."

    def __str__(self) -> str:
        """Return the whole sentence.

        >>> str(Violation("score.lamp", "one of A, B", "x"))
        "score.lamp: expected one of A, B, got 'x' (str)."
        >>> str(Violation("", "an object", 7))
        'The record: expected an object, got 7 (int).'
        """
        return f"{self.path or 'The record'}: {self.reason}"

    def within(self, path: str) -> Violation:
        """Return the violation as seen from the value that has the record at ``path``."""
        return replace(self, path=_joined(path, self.path))


def explained(error: ValidationError, value: Any, kind: Kind) -> Violation:
    """Return the violation that an error of msgspec is about."""
    text, *places = str(error).split(PLACE)
    # Within a member that became a text, msgspec starts a path of its own; the outer one comes last.
    steps = "".join(place.removesuffix("`") for place in reversed(places))
    path, value, kind = _followed(steps, value, kind)
    missing, unknown = MISSING.fullmatch(text), UNKNOWN.fullmatch(text)
    if missing is not None and isinstance(kind, Object):
        return Violation(_joined(path, missing[1]), kind.members[missing[1]].expected)
    if unknown is not None:
        stray = value.get(unknown[1]) if isinstance(value, dict) else None
        return Violation(_joined(path, unknown[1][:LONGEST_KEY]), "no such key", stray)
    return Violation(path, kind.expected, value)


def _followed(steps: str, value: Any, kind: Kind) -> tuple[str, Any, Kind]:
    """Return the path, the value and the kind at the end of a path such as ``.score.sides[1]``."""
    path = ""
    while steps:
        if isinstance(kind, ListOf) and (found := re.match(r"\[(\d+)\]", steps)):
            path, value, kind = path + found[0], value[int(found[1])], kind.element
            steps = steps[found.end() :]
        elif isinstance(kind, Object) and (name := _first_name(steps, kind)) is not None:
            path, value, kind = _joined(path, name), value.get(name, ABSENT), kind.members[name]
            steps = steps[1 + len(name) :]
        else:  # A key that is no text; JSON has none.
            break
    return path, value, kind


def _first_name(steps: str, kind: Object) -> str | None:
    """Return the member that a path starts with. A name may itself hold dots and brackets."""
    names = [n for n in kind.members if re.match(rf"\.{re.escape(n)}(?:[.\[]|\Z)", steps)]
    return max(names, key=len, default=None)


def _joined(path: str, rest: str) -> str:
    return path + rest if not path or not rest or rest[0] == "[" else f"{path}.{rest}"
