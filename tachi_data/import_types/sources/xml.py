"""Reading XML of strangers: strictly, and safe from attacks by a document on its reader.

Expat checks that the document is well-formed, and needs no recursion. Entity declarations are
refused, so nothing can be multiplied; nothing external is ever fetched; nesting and the number of elements have
limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from tachi_data.errors import ImportFatal
from tachi_data.import_types.sources.text import trimmed
from tachi_data.reference.canonical import number
from tachi_data.reference.numbers import SAFE_INTEGER

MAX_DEPTH = 50
# A file of all songs of a game has some ten thousand; each takes some microseconds.
MAX_ELEMENTS = 300_000

Path = tuple[str, ...]
Leaf = Callable[[Path, list["Piece"]], Any]
"""Makes a value of an element's text; gets the names from the root to the element, and the text."""


@dataclass(slots=True)
class Piece:
    """Text without an element or a border of a CDATA section in it; comments do not part it."""

    is_cdata: bool
    chunks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text, joined from the chunks of Expat."""
        return "".join(self.chunks)


@dataclass(slots=True)
class _Element:
    members: dict[str, Any] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    starts_piece: bool = True


class _Reader:
    """Expat's handlers. Elements become values as soon as they end, so memory stays small."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.path: list[str] = []
        self.open = [_Element()]
        self.in_cdata = False
        self.count = 0

    def start(self, name: str, _attributes: object) -> None:
        if len(self.open) > MAX_DEPTH:
            raise ImportFatal(400, f"The XML is nested more than {MAX_DEPTH} levels deep.")
        self.count += 1
        if self.count > MAX_ELEMENTS:
            text = f"The XML has more than {MAX_ELEMENTS:,} elements: import it in parts."
            raise ImportFatal(400, text)
        self.path.append(name)
        self.open.append(_Element())

    def end(self, name: str) -> None:
        element, parent = self.open.pop(), self.open[-1]
        value = self.leaf(tuple(self.path), element.pieces)
        if element.members:
            value = element.members | ({"#text": value} if value != "" else {})
        self.path.pop()
        parent.starts_piece = True
        if name not in parent.members:
            parent.members[name] = value
        elif isinstance(parent.members[name], list):
            parent.members[name].append(value)
        else:
            parent.members[name] = [parent.members[name], value]

    def text(self, text: str) -> None:
        element = self.open[-1]
        if element.starts_piece:
            element.pieces.append(Piece(self.in_cdata))
            element.starts_piece = False
        element.pieces[-1].chunks.append(text)

    def start_cdata(self) -> None:
        self.in_cdata, self.open[-1].starts_piece = True, True
        self.text("")  # An empty section is a piece, too.

    def end_cdata(self) -> None:
        self.in_cdata, self.open[-1].starts_piece = False, True

    def skipped_entity(self, name: str, is_parameter: bool) -> None:
        """Keep an entity as text: its external declaration is never read."""
        if not is_parameter:
            self.text(f"&{name};")


def _refuse_entity(*_: object) -> None:
    raise ImportFatal(400, "The XML declares entities; such documents are not read.")


def read(content: str, leaf: Leaf) -> dict[str, Any]:
    """Read a document as ``{root: value}``.

    An element with children is a dict; a repeated one is a list; ``leaf`` makes the other values,
    and the member ``#text`` of elements that have both children and text. Attributes are ignored,
    and prefixes are part of names.
    """
    reader = _Reader(leaf)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartCdataSectionHandler = reader.start_cdata
    parser.EndCdataSectionHandler = reader.end_cdata
    parser.SkippedEntityHandler = reader.skipped_entity
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset}"
        raise ImportFatal(
            400, f"The XML cannot be read ({where}): {expat.ErrorString(error.code)}."
        ) from None
    return reader.open[0].members


# --- tolerant readers' values ---------------------------------------------------------------------

EXPONENT = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?[eE][+-]?[0-9]+")
HEXADECIMAL = re.compile(r"[+-]?0x[0-9a-fA-F]+")
PLAIN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?")


def coerced(text: str) -> str | bool | float:
    """Return the value of a text by the rules of the reference server: true, false, a number, or text.

    >>> [coerced(text) for text in ("3.50", "007", "0x1F", "1e3", "-0", "0X1F", "true", "T")]
    [3.5, 7, 31, 1000, '-0', '0X1F', True, 'T']
    """
    bare = trimmed(text)
    if bare in ("true", "false"):
        return bare == "true"
    if HEXADECIMAL.fullmatch(bare):
        return _shortened(float(int(bare, 16)) if len(bare) < 250 else float("inf"))
    if EXPONENT.fullmatch(bare):
        has_digits = bare.lstrip("+-.")[:1].isdigit()
        return _shortened(float(bare) if has_digits else float("nan"))
    found = PLAIN.fullmatch(bare)
    if not found or not (found[2] or found[3]):
        return text
    value, fraction = float(bare), (found[3] or "").rstrip("0")
    digits = (found[2].lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    same = number(value) == found[1].removeprefix("+") + digits
    return _shortened(value) if same or abs(value) >= 1e21 else text


def _shortened(value: float) -> float:
    """Return the number as an integer, if JSON readers keep that integer exactly."""
    return int(value) if abs(value) <= SAFE_INTEGER and value.is_integer() else value
