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
TOKEN = {"csv": re.compile(r"[^,\r\n]+"), "xml": re.compile(r"(?<=>)[^<>]*(?=</)")}
RECORD = {"csv": re.compile(r"(?<=\n)[^\n]+\n"), "xml": re.compile(r"<song>.*?</song>", re.DOTALL)}

Slot = tuple[Any, Any]
"""A container (dict or list) and the key or position of a value in it."""


def mutated(sample: Sample) -> st.SearchStrategy[Any]:
    """Sources that are like the sample's, with up to four changes."""
    if sample.path.suffix == ".json":
        content = json.loads(sample.path.read_text())
        changed = st.builds(_changed_json, st.just(content), changes(VALUES))
        return changed.map(_encoded) if sample.is_file else changed
    return st.builds(
        _changed_text,
        st.just(sample.path.read_text()),
        st.just(sample.path.suffix[1:]),
        changes(TEXTS),
    )


def changes(values: tuple[Any, ...]) -> st.SearchStrategy[list[tuple[str, int, int, Any]]]:
    """What to do (drop, replace, swap), two places as big numbers, and a value."""
    place = st.integers(0, 10_000)
    what = st.sampled_from(("drop", "replace", "swap", "swap"))
    return st.lists(st.tuples(what, place, place, st.sampled_from(values)), max_size=4)


def _encoded(content: Any) -> bytes:
    return json.dumps(content).encode()


def slots(value: Any) -> Iterator[Slot]:
    """Every place of a value inside a JSON value."""
    places: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(places):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from slots(inner)


def _changed_json(content: Any, todo: list[tuple[str, int, int, Any]]) -> Any:
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
        else:
            other, place = found[second % len(found)]
            mine, theirs = copy.deepcopy(holder[key]), copy.deepcopy(other[place])
            holder[key] = theirs
            if place in other if isinstance(other, dict) else place < len(other):
                other[place] = mine
    return content


def _changed_text(content: str, suffix: str, todo: list[tuple[str, int, int, Any]]) -> bytes:
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
