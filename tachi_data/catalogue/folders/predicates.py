"""The predicates of folders in a v3 catalogue: a small part of SQL, read into a tree of values.

    chart.difficulty IN ('BSC', 'ADV') AND NOT ((chart.data->>'inGameID')::numeric >= 7000)

Nothing of the text ever gets into a statement: what is not of this grammar is refused.

    some    = every { OR every }
    every   = one { AND one }
    one     = NOT one | "(" some ")" | field test | tables "?" string
    field   = chart.level | chart.difficulty | chart.level_num | [ "(" ] path [ ")" ] [ "::numeric" ]
    path    = (chart.data | song.data) "->>" string | chart.data "->" 'tableFolders' "->>" string
    tables  = [ "(" ] chart.data "->" 'tableFolders' [ ")" ]
    test    = ( "=" | "<>" | "!=" | ">=" | ">" | "<=" | "<" ) value | IN "(" value { "," value } ")"
            | IS [ NOT ] NULL
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 10_000
DEEPEST = 16
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+))
      | (?P<numeric>::\s*numeric\b)
      | (?P<symbol>->>|->|>=|<=|<>|!=|[=<>(),?])
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    )""",
    re.VERBOSE | re.ASCII,
)
_MEMBER = re.compile(r"\w+", re.ASCII)
_TABLES = "'tableFolders'"
# The columns of a chart, by the path in its description.
_COLUMNS = {
    "chart.level": ("level", False),
    "chart.difficulty": ("difficulty", False),
    "chart.level_num": ("levelNum", True),
}
_ORDERINGS = frozenset({">=", ">", "<=", "<"})
_EQUALITIES = frozenset({"=", "<>", "!="})


class PredicateError(ValueError):
    """A predicate that is not of the grammar; says what was expected, and where."""


@dataclass(frozen=True)
class Field:
    """A value of a chart: at a path of its description, or its level in a table of levels."""

    path: str
    is_number: bool = False
    table: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Whether a field compares as ``operator`` (``=`` or an ordering) with any of some values."""

    field: Field
    operator: str
    values: tuple[str | float, ...]


@dataclass(frozen=True)
class Missing:
    """Whether a field has no value (``IS NULL``)."""

    field: Field


@dataclass(frozen=True)
class InTable:
    """Whether a chart is in a table of levels, at whichever level."""

    table: str


@dataclass(frozen=True)
class Not:
    """Whether a predicate is false."""

    part: Predicate


@dataclass(frozen=True)
class Every:
    """Whether all parts are true (``AND``)."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Some:
    """Whether one of the parts is true (``OR``)."""

    parts: tuple[Predicate, ...]


Predicate = Comparison | Missing | InTable | Not | Every | Some


def parse(text: str) -> Predicate:
    """Read a predicate.

    Args:
        text: Such as ``chart.level = '10+'``.

    Returns:
        Its tree. Brackets leave no trace; a conjunction of one part is that part.

    Raises:
        PredicateError: The text is not of the grammar, longer than `LONGEST` characters, or nested
            deeper than `DEEPEST`.

    >>> parse("chart.level = '10+' AND NOT (chart.level_num < 10.5)")
    Every(parts=(Comparison(field=Field(path='level', is_number=False, table=None), operator='=', values=('10+',)),
    Not(part=Comparison(field=Field(path='levelNum', is_number=True, table=None), operator='<', values=(10.5,)))))
    """
    parser = _Parser(_tokens(text))
    predicate = parser.some(0)
    parser.end()
    return predicate


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise PredicateError(f"it has more than {LONGEST:,} characters")
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip(" \t\r\n\f\v"))
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise PredicateError(f"{text[position : position + 20]!r} was not expected there")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], position))
        position = match.end()
    return [*tokens, _Token("end", "", end)]


class _Parser:
    """Reads tokens from left to right, one method for each rule of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0

    def some(self, depth: int) -> Predicate:
        if depth > DEEPEST:
            raise PredicateError(f"it is nested deeper than {DEEPEST} times")
        parts = [self.every(depth)]
        while self.took("OR"):
            parts.append(self.every(depth))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def every(self, depth: int) -> Predicate:
        parts = [self.one(depth)]
        while self.took("AND"):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def one(self, depth: int) -> Predicate:
        negations = 0
        while self.took("NOT"):
            negations += 1
        found = self._plain(depth)
        return Not(found) if negations % 2 else found

    def _plain(self, depth: int) -> Predicate:
        if self.next == "(" and self.tokens[self.place + 1].text not in ("chart.data", "song.data"):
            return self.bracketed(depth)
        start = self.place
        is_bracketed = self.took("(")
        read = self.field()
        if is_bracketed and not self.took(")"):
            # The bracket is around a condition that begins with this field.
            self.place = start
            return self.bracketed(depth)
        return self.test(self.numeric(read))

    def bracketed(self, depth: int) -> Predicate:
        self.expect("(")
        found = self.some(depth + 1)
        self.expect(")")
        return found

    def field(self) -> Field:
        word = self.take("word", "a field of a chart")
        if word in _COLUMNS:
            return Field(*_COLUMNS[word])
        if word not in ("chart.data", "song.data"):
            raise PredicateError(f"{word!r:.200} is no field of a chart")
        if word == "chart.data" and self.took("->"):
            if self.take("string", "a member") != _TABLES:
                raise PredicateError("only tableFolders can follow chart.data->")
            table = _string(self.take("string", "a table")) if self.took("->>") else None
            return Field("data.tableFolders", table=table)
        self.expect("->>")
        member = _string(self.take("string", "a member"))
        if not _MEMBER.fullmatch(member):
            raise PredicateError(f"{member!r:.200} is no member of {word}")
        return Field(f"song.data.{member}" if word == "song.data" else f"data.{member}")

    def numeric(self, field: Field) -> Field:
        if self.tokens[self.place].kind != "numeric":
            return field
        self.place += 1
        return Field(field.path, True, field.table)

    def test(self, field: Field) -> Predicate:
        if field.path == "data.tableFolders" and field.table is None:
            self.expect("?")
            return InTable(_string(self.take("string", "a table")))
        if self.took("IS"):
            is_negated = self.took("NOT")
            self.expect("NULL")
            return Not(Missing(field)) if is_negated else Missing(field)
        if self.took("IN"):
            return Comparison(field, "=", self.values(field))
        operator = self.take("symbol", "a comparison")
        if operator in _EQUALITIES:
            found = Comparison(field, "=", (self.value(field),))
            return found if operator == "=" else Not(found)
        if operator not in _ORDERINGS or not field.is_number:
            raise PredicateError(f"{operator!r:.200} cannot follow {field.path}")
        return Comparison(field, operator, (self.value(field),))

    def values(self, field: Field) -> tuple[str | float, ...]:
        self.expect("(")
        found = [self.value(field)]
        while self.took(","):
            found.append(self.value(field))
        self.expect(")")
        return tuple(found)

    def value(self, field: Field) -> str | float:
        if field.is_number:
            return float(self.take("number", "a number"))
        return _string(self.take("string", "a text in quotes"))

    @property
    def next(self) -> str:
        return self.tokens[self.place].text

    def took(self, word: str) -> bool:
        """Whether the next token is this word or symbol, which is then taken."""
        token = self.tokens[self.place]
        found = token.kind in ("word", "symbol") and token.text.upper() == word
        self.place += found
        return found

    def take(self, kind: str, expected: str) -> str:
        token = self.tokens[self.place]
        if token.kind != kind:
            raise PredicateError(f"expected {expected} instead of {token.text or 'the end'!r:.200}")
        self.place += 1
        return token.text

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise PredicateError(f"expected {word} instead of {self.next or 'the end'!r:.200}")

    def end(self) -> None:
        if self.tokens[self.place].kind != "end":
            raise PredicateError(f"expected AND, OR or the end instead of {self.next!r:.200}")


def _string(token: str) -> str:
    return token[1:-1].replace("''", "'")
