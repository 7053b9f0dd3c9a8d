"""The query language of folders in a v2 catalogue: which charts are in.

A query is an object of conditions that all have to hold. Its members are paths, such as ``level``
or ``data¬inGameID`` (``¬`` stands for a dot), its values are what is to be there, or an object of
operators, such as ``{"~gte": 9, "~lt": 10}``. Where a chart has a list, any element may do.

    {"versions": "31", "difficulty": {"~in": ["BSC", "ADV"]}, "data¬inGameID": {"~lt": 7000}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import polars as pl

from tachi_data.catalogue.folders.facts import Facts
from tachi_data.errors import CatalogueError

DEEPEST = 16
Condition = Callable[[pl.Expr], pl.Expr]
_COMPARISONS: dict[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "~gt": lambda number, bound: number > bound,
    "~gte": lambda number, bound: number >= bound,
    "~lt": lambda number, bound: number < bound,
    "~lte": lambda number, bound: number <= bound,
}


def conditions_of(kind: str, query: Any) -> dict[str, Any]:
    """What a folder of this kind asks for, by the path in a chart's description.

    Args:
        kind: ``charts``, ``songs`` or ``static``.
        query: The folder's data.

    Raises:
        CatalogueError: There is no such kind of folder, or the query is none.
    """
    if _depth(query) > DEEPEST:
        raise CatalogueError(f"its query is nested deeper than {DEEPEST} times")
    if kind == "static" and isinstance(query, (list, dict)):
        return {"chartID": {"~in": query if isinstance(query, list) else list(query.values())}}
    if kind in ("charts", "songs") and isinstance(query, dict):
        prefix = "song." if kind == "songs" else ""
        return {prefix + path.replace("¬", "."): asked for path, asked in query.items()}
    raise CatalogueError(
        f"a folder of type {kind!r:.200} cannot have {type(query).__name__} as data"
    )


def _depth(query: Any) -> int:
    """How deep objects and arrays are nested, counted without recursion."""
    depth, level = 0, [query]
    while level and depth <= DEEPEST:
        inner = (v for v in level if isinstance(v, (dict, list)))
        level = [w for v in inner for w in (v.values() if isinstance(v, dict) else v)]
        depth += 1
    return depth


def condition(path: str, asked: Any, facts: Facts) -> pl.Expr:
    """Whether a chart has at a path what is asked for.

    Args:
        path: From the top of the chart's description, such as ``data.inGameID``.
        asked: The value, or an object of operators or of further members.
        facts: Takes up the paths that the condition reads.

    Returns:
        A boolean per chart, never null.

    Raises:
        CatalogueError: An operator is not known.
    """
    if not isinstance(asked, Mapping):
        return _somewhere(path, asked, facts)
    if any(name.startswith("~") for name in asked):
        return _all(_operator(path, name, value, facts) for name, value in asked.items())
    return _all(condition(f"{path}.{name}", value, facts) for name, value in asked.items())


def _all(expressions: Any) -> pl.Expr:
    return pl.all_horizontal(pl.lit(True), *expressions)


def _operator(path: str, name: str, value: Any, facts: Facts) -> pl.Expr:
    if name == "~not":
        return ~condition(path, value, facts)
    if name == "~ne":
        return ~_somewhere(path, value, facts)
    if name in ("~in", "~nin") and isinstance(value, list):
        among = pl.any_horizontal(pl.lit(False), *(_somewhere(path, v, facts) for v in value))
        return among if name == "~in" else ~among
    if name == "~exists":
        return (facts.at(path).list.len() > 0) == bool(value)
    if name == "~eq":
        return _somewhere(path, value, facts)
    if name == "~elemMatch" and isinstance(value, Mapping):
        return _any(facts.at(path), lambda element: _element(element, value))
    if name in _COMPARISONS and isinstance(value, (int, float)):
        return _any(facts.at(path), lambda element: _COMPARISONS[name](_number(element), value))
    raise CatalogueError(f"its query cannot be read: {name} of {value!r:.200}")


def _somewhere(path: str, value: Any, facts: Facts) -> pl.Expr:
    """Whether the value is at the path, or in an object of a list on the way there."""
    found = _is(facts.at(path), value)
    parent, _, last = path.rpartition(".")
    if parent in ("", "data", "song", "song.data"):
        return found
    inside = _any(facts.at(parent), lambda element: _element(element, {last: value}))
    return found | inside


def _is(values: pl.Expr, value: Any) -> pl.Expr:
    if value is None:
        return (values.list.len() == 0) | values.list.contains("null")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _any(values, lambda element: _number(element) == value)
    return values.list.contains(orjson.dumps(value).decode())


def _any(values: pl.Expr, holds: Condition) -> pl.Expr:
    return values.list.eval(holds(pl.element()).fill_null(False)).list.any()


def _number(json: pl.Expr) -> pl.Expr:
    """The number that a JSON text is; texts in quotes are none."""
    return json.cast(pl.Float64, strict=False)


def _element(element: pl.Expr, query: Mapping[str, Any]) -> pl.Expr:
    """Whether an object in a list has these members; numbers and texts are not told apart here."""
    return _all(_member(element, name, asked) for name, asked in query.items())


def _member(element: pl.Expr, name: str, asked: Any) -> pl.Expr:
    if not name.replace("_", "").isalnum():
        raise CatalogueError(f"its query cannot be read: {name!r:.200} in a list")
    text = element.str.json_path_match(f"$.{name}")
    if isinstance(asked, Mapping):
        return _all(_test(text, operator, value) for operator, value in asked.items())
    return _test(text, "~eq", asked)


def _test(text: pl.Expr, operator: str, value: Any) -> pl.Expr:
    if operator == "~eq":
        shown = value if isinstance(value, str) else orjson.dumps(value).decode()
        return (text == shown).fill_null(value is None)
    if operator == "~in" and isinstance(value, list):
        return pl.any_horizontal(pl.lit(False), *(_test(text, "~eq", v) for v in value))
    if operator in _COMPARISONS and isinstance(value, (int, float)):
        return _COMPARISONS[operator](_number(text), value)
    raise CatalogueError(f"its query cannot be read: {operator} of {value!r:.200} in a list")
