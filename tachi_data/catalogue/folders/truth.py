"""Predicates of a v3 catalogue as expressions over charts, true, false or unknown (null).

As in PostgreSQL: a value that is not there makes a comparison unknown, and ``NOT`` leaves it unknown. What
is not a number where one is asked for is unknown, too; PostgreSQL would raise.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from tachi_data.catalogue.folders.facts import Facts
from tachi_data.catalogue.folders.predicates import (
    Comparison,
    Every,
    Field,
    InTable,
    Missing,
    Not,
    Predicate,
    Some,
)

_COMPARISONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda field, value: field == value,
    ">": lambda field, value: field > value,
    ">=": lambda field, value: field >= value,
    "<": lambda field, value: field < value,
    "<=": lambda field, value: field <= value,
}


def truth(predicate: Predicate, facts: Facts) -> pl.Expr:
    """Whether a predicate holds for a chart.

    Args:
        predicate: What `tachi_data.catalogue.folders.predicates.parse` read.
        facts: Takes up the paths that the predicate reads.

    Returns:
        A boolean per chart; null where it is unknown.
    """
    match predicate:
        case Every(parts):
            return pl.all_horizontal(truth(part, facts) for part in parts)
        case Some(parts):
            return pl.any_horizontal(truth(part, facts) for part in parts)
        case Not(part):
            return ~truth(part, facts)
        case Missing(field):
            return _is_missing(field, facts)
        case InTable(table):
            among = facts.at("data.tableFolders").list.eval(_is_about(table)).list.any()
            return pl.when(facts.text_at("data.tableFolders").is_not_null()).then(among)
        case Comparison(field, operator, values):
            return _compared(field, operator, values, facts)


def _compared(
    field: Field, operator: str, values: tuple[str | float, ...], facts: Facts
) -> pl.Expr:
    """Whether a field compares with any of the values; a chart can have several levels in a table."""
    compare = _COMPARISONS[operator]

    def fits(text: pl.Expr) -> pl.Expr:
        found = _number(text) if field.is_number else text
        return pl.any_horizontal(compare(found, pl.lit(value)) for value in values)

    if field.table is None:
        return fits(facts.text_at(field.path))
    tests = _levels(field.table, facts).list.eval(fits(pl.element())).list.drop_nulls()
    return pl.when(tests.list.len() > 0).then(tests.list.any())


def _is_missing(field: Field, facts: Facts) -> pl.Expr:
    if field.table is not None:
        return _levels(field.table, facts).list.len() == 0
    text = facts.text_at(field.path)
    return (_number(text) if field.is_number else text).is_null()


def _number(text: pl.Expr) -> pl.Expr:
    """The finite number that a text says, else null."""
    number = text.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _levels(table: str, facts: Facts) -> pl.Expr:
    """The levels that a chart has in a table."""
    level = pl.when(_is_about(table)).then(pl.element().str.json_path_match("$.level"))
    return facts.at("data.tableFolders").list.eval(level).list.drop_nulls()


def _is_about(table: str) -> pl.Expr:
    """Whether an element of ``tableFolders`` is about a table."""
    return (pl.element().str.json_path_match("$.table") == table).fill_null(False)
