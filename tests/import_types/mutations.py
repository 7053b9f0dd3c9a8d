"""Hypothesis strategies that make plausible and broken sources out of a sample.

JSON: members are dropped, values change their type or trade places. CSV and XML: the same with the
texts of cells and elements, and records are left out or repeated.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.import_types.samples import Sample

VALUES = (None, True, -1, 0, 1.5, 2**53, 1e300, float("nan"), "", " ", "0", "é😀", "\ud800", [], {})
TEXTS = (
    "",
    " ",
    "0",
    "-0",
    "007",
    "1e3",
    "NaN",
    "9" * 400,
    "\x00",
    "é😀",
    "\ufeff",
    "†",
    '"',
    "[1,2]",
)
# Values of the same type, so that the change is not seen by a check of types alone.
TWINS: dict[type, tuple[Any, ...]] = {
    bool: (True, False),
    int: (0, -1, 1, 2, 10_000_001, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400),
    float: (0.0, -0.0, -1.5, 100.0, 1e-320, 1e300, float("inf"), float("nan")),
    str: (
        *TEXTS,
        "\ud800",
        "x" * 9000,
        "SP",
        "HARD CLEAR",
        "2023-01-01T00:00:00Z",
        "\n",
        "ａ",
        "ß",
        "İ",
    ),
}
TOKEN = {"csv": re.compile(r"[^,\r\n]+"), "xml": re.compile(r"(?<=>)[^<>]*(?=</)")}
RECORD = {"csv": re.compile(r"(?<=\n)[^\n]+\n"), "xml": re.compile(r"<song>.*?</song>", re.DOTALL)}

# What random bytes rarely are: the marks of formats, of encodings, and of ends of texts.
PIECES = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b'"',
    b"\r",
    b"\n\n",
    b",,,",
    b"<",
    b"&a;",
    b"]]>",
)
PIECES += (
    b"{",
    b"}",
    b"[",
    b"]",
    b"9" * 400,
    b"-",
    b"1e999",
    b"NaN",
    b"\\ud800",
    b"\\u0000",
    b"<!--",
    b"<a/>" * 9,
)
Change = tuple[str, int, int, Any]
Slot = tuple[Any, Any]
"""A container (dict or list) and the key or position of a value in it."""


def mutated(sample: Sample) -> st.SearchStrategy[Any]:
    """Sources that are like the sample's, with up to four changes."""
    if sample.path.suffix == ".json":
        content = json.loads(sample.path.read_text())
        changed = st.builds(changed_json, st.just(content), changes(VALUES))
        return changed.map(_encoded) if sample.is_file else changed
    return st.builds(
        _changed_text,
        st.just(sample.path.read_text()),
        st.just(sample.path.suffix[1:]),
        changes(TEXTS),
    )


def changes(values: tuple[Any, ...]) -> st.SearchStrategy[list[Change]]:
    """What to do (drop, replace, swap), two places as big numbers, and a value."""
    place = st.integers(0, 10_000)
    what = st.sampled_from(("drop", "replace", "swap", "swap"))
    return st.lists(st.tuples(what, place, place, st.sampled_from(values)), max_size=4)


def random_source(sample: Sample, chance: Random) -> Any:
    """A source that is like the sample's, with up to six changes; of a file, also of its bytes."""
    suffix = sample.path.suffix[1:]
    todo = random_changes(chance, VALUES if suffix == "json" else TEXTS)
    if not sample.is_file:
        return changed_json(sample.source, todo)
    if suffix == "json":
        content = _encoded(changed_json(json.loads(sample.source), todo))
    else:
        content = _changed_text(sample.source.decode(), suffix, todo)
    return _changed_bytes(content, chance) if chance.random() < 0.3 else content


def random_changes(chance: Random, values: tuple[Any, ...]) -> list[Change]:
    """What `changes` draws, by chance."""
    kinds = ("drop", "replace", "swap", *("twin",) * 6)
    return [
        (
            chance.choice(kinds),
            chance.randrange(10_000),
            chance.randrange(10_000),
            chance.choice(values),
        )
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6)))
    ]


def _changed_bytes(content: bytes, chance: Random) -> bytes:
    """Pieces of the content are exchanged for others, or it ends early."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.choice((0, 1, 8, 200)))
        again = content[start:end] * chance.randint(1, 9)
        new = chance.choice((chance.choice(PIECES), chance.randbytes(3), again))
        content = content[:start] + new + (content[end:] if chance.random() < 0.9 else b"")
    return content


def _encoded(content: Any) -> bytes:
    return json.dumps(content).encode()


def slots(value: Any) -> Iterator[Slot]:
    """Every place of a value inside a JSON value."""
    places: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(places):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from slots(inner)


def changed_json(content: Any, todo: list[Change]) -> Any:
    content = copy.deepcopy(content)
    for what, first, second, value in todo:
        found = list(slots(content))
        if not found:
            break
        holder, key = found[first % len(found)]
        if what == "drop":
            del holder[key]
        elif what == "replace":
            holder[key] = copy.deepcopy(value)
        elif what == "twin":
            twins = TWINS.get(type(holder[key]), (value,))
            holder[key] = twins[second % len(twins)]
        else:
            other, place = found[second % len(found)]
            mine, theirs = copy.deepcopy(holder[key]), copy.deepcopy(other[place])
            holder[key] = theirs
            if place in other if isinstance(other, dict) else place < len(other):
                other[place] = mine
    return content


def _changed_text(content: str, suffix: str, todo: list[Change]) -> bytes:
    for what, first, second, value in todo:
        pattern = RECORD[suffix] if what == "drop" and second % 2 else TOKEN[suffix]
        found = list(pattern.finditer(content))
        if not found:
            break
        here, there = found[first % len(found)], found[second % len(found)]
        dropped = "" if second % 3 else here[0] * 2
        new = {"drop": dropped, "swap": there[0]}.get(what, value)
        content = content[: here.start()] + new + content[here.end() :]
    return content.encode("utf-8", "replace")


def shuffled(sample: Sample, source: Any, seed: int) -> Any:
    """The source with its records in another order; of recorded answers, those within each."""
    order = Random(seed)
    if not sample.is_file:
        content = copy.deepcopy(source)
        _shuffle_records(content, order)
        return content
    suffix = sample.path.suffix[1:]
    if suffix == "json":
        content = json.loads(source)
        _shuffle_records(content, order)
        return _encoded(content)
    text = source.decode()
    found = list(RECORD[suffix].finditer(text))
    records = [record[0] for record in found]
    order.shuffle(records)
    for place, record in zip(reversed(found), records, strict=True):
        text = text[: place.start()] + record + text[place.end() :]
    return text.encode()


def _shuffle_records(value: Any, order: Random) -> None:
    """Reorder every list of objects inside an object."""
    for holder, key in list(slots(value)) if isinstance(value, (dict, list)) else ():
        inner = holder[key]
        is_list = isinstance(holder, dict) and isinstance(inner, list) and key != "pages"
        if is_list and all(isinstance(record, dict) for record in inner):
            order.shuffle(inner)
