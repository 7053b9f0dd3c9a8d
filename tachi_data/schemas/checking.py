"""Validate a frame with one of our schemas: which rows fail, and why.

A schema is a `pandera.polars.DataFrameSchema` with typed columns and one check over whole rows: that
all rules hold. The rules are in its metadata, and the check is made of them. One check instead of one
for each rule, because Pandera takes about half a millisecond for a check; which rules a row breaks
is asked only of the rows that fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from tachi_data.frames import collected
from tachi_data.schemas.rules import Rule
from tachi_data.tables.column import Column

RULES = "rules"
PYTHON_TIMES = (pl.datetime(1, 1, 1), pl.datetime(9999, 12, 31))
FAILURES = {"index": pl.UInt32(), "message": pl.String()}
NO_FAILURES = pl.DataFrame(schema=FAILURES)


class UnfitFrame(ValueError):
    """A frame, not a row of it, is wrong: it lacks a column, or a column has another type or nulls."""


def frame_schema(
    name: str,
    required: Iterable[Column],
    others: Iterable[Column] = (),
    rules: Iterable[Rule] = (),
) -> pa.DataFrameSchema:
    """Returns the schema of a frame.

    Args:
        name: What the frame is, for messages.
        required: The columns that a frame must have.
        others: The columns that have these types where a frame has them.
        rules: What must hold for each row, in the order in which people read it.
    """
    columns = {c.name: _typed(c, required=False) for c in others}
    columns |= {c.name: _typed(c, required=True) for c in required}
    broken = tuple(rules)
    return pa.DataFrameSchema(
        columns,
        checks=[_all_hold(broken)] if broken else [],
        name=name,
        metadata={RULES: broken},
    )


def _typed(column: Column, *, required: bool) -> pa.Column:
    return pa.Column(
        column.dtype,
        nullable=column.nullable,
        required=required,
        description=column.sentence,
        metadata={"unit": column.unit},
    )


def _all_hold(rules: Sequence[Rule]) -> pa.Check:
    """The check that a row breaks none of the rules that the frame has the columns for."""

    def check(data: pa.PolarsData) -> pl.LazyFrame | bool:
        asked = _applicable(rules, data.lazyframe.collect_schema())
        if not asked:
            return True
        fails = pl.any_horizontal(rule.fails for rule in asked)
        holds = collected(data.lazyframe.select(~fails.fill_null(False)))
        # Pandera takes three more steps over rows, a quarter of the time for one row, to find that all are true.
        return bool(holds.to_series().all()) or holds.lazy()

    return pa.Check(
        check, name="all rules hold", error="see tachi_data.schemas.failures for the broken rules"
    )


def _applicable(rules: Sequence[Rule], columns: Iterable[str]) -> list[Rule]:
    present = frozenset(columns)
    return [rule for rule in rules if rule.columns <= present]


def failures(frame: pl.DataFrame, schema: pa.DataFrameSchema) -> pl.DataFrame:
    """Returns what is wrong with which rows.

    Args:
        frame: Any rows; columns that the schema does not know are not looked at.
        schema: One of the schemas of `tachi_data.schemas`.

    Returns:
        One row for each broken rule: ``index`` (the row of ``frame``, from 0) and ``message``, in the
        order of rows, then of rules.

    Raises:
        UnfitFrame: The frame lacks a required column, or a column has another type or, being one that
            is always filled, a null.
    """
    kinds = frame.schema
    _fit(_Identity(schema), tuple(kinds.items()))
    _refuse_nulls(frame, schema)
    asked = [r for r in _applicable(schema.metadata[RULES], kinds) if _may_fail(r, frame)]
    if not asked:
        return NO_FAILURES
    read = frozenset[str]().union(*(rule.columns for rule in asked))
    narrow = frame.lazy().select(
        # Pandera shows rows that fail as Python's times, which have four digits for the year.
        pl.col(name).clip(*PYTHON_TIMES) if kind == pl.Datetime else name
        for name, kind in kinds.items()
        if name in read
    )
    try:
        # Pandera looks at rows of a lazy frame, too, when told so, and collects it three times less: of one
        # row that is a sixth of the time.
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            _of_rows(_Identity(schema)).validate(narrow, lazy=True)
    except SchemaErrors as error:
        at = error.failure_cases["index"]
        if at.null_count():
            raise UnfitFrame(f"{schema.name}: {error}") from error
        return _explained(collected(narrow), at.cast(pl.UInt32), asked)
    return NO_FAILURES


def _may_fail(rule: Rule, frame: pl.DataFrame) -> bool:
    """Whether the column that a rule is about has any value: most plays lack most optional metrics."""
    return rule.value is None or frame[rule.value].null_count() < frame.height


class _Identity:
    """A schema, told apart by identity, so that what is found for it can be kept."""

    def __init__(self, schema: pa.DataFrameSchema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.schema is other.schema


@lru_cache(maxsize=1024)
def _fit(one: _Identity, kinds: tuple[tuple[str, pl.DataType], ...]) -> None:
    """Refuse frames whose columns do not fit: Pandera sees frames of the same columns once."""
    columns = pa.DataFrameSchema(one.schema.columns, name=one.schema.name)
    try:
        columns.validate(pl.LazyFrame(schema=dict(kinds)), lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.iter_rows(named=True)
        words = "; ".join(_unfit(case, dict(kinds), one.schema) for case in cases)
        raise UnfitFrame(f"This is no frame of {one.schema.name}: {words}.") from error


def _unfit(
    case: Mapping[str, Any], kinds: Mapping[str, pl.DataType], schema: pa.DataFrameSchema
) -> str:
    if case["check"] == "column_in_dataframe":
        return f"the column {case['failure_case']!r} is missing"
    column = case["column"]
    expected = schema.columns[column].dtype
    return f"the column {column!r} is of type {kinds[column]}, not {expected}"


def _refuse_nulls(frame: pl.DataFrame, schema: pa.DataFrameSchema) -> None:
    """Refuse a null in a column that is always filled."""
    for name, column in schema.columns.items():
        if not column.nullable and name in frame.columns and frame[name].null_count():
            at = frame[name].is_null().arg_max()
            raise UnfitFrame(f"This is no frame of {schema.name}: {name!r} is null in row {at}.")


@lru_cache(maxsize=1024)
def _of_rows(one: _Identity) -> pa.DataFrameSchema:
    """The same checks over rows, without the columns, which Pandera would look at one by one."""
    return pa.DataFrameSchema(checks=one.schema.checks, name=one.schema.name)


def _explained(frame: pl.DataFrame, at: pl.Series, rules: Sequence[Rule]) -> pl.DataFrame:
    """One row for each rule that each of these rows of the frame breaks."""
    asked = (pl.when(rule.fails).then(rule.message).alias(str(i)) for i, rule in enumerate(rules))
    alone = [i for i, rule in enumerate(rules) if rule.alone]
    is_alone = pl.col("rule").is_in(alone)
    return (
        frame[at]
        .lazy()
        .select(pl.lit(at).alias("index"), *asked)
        .unpivot(index="index", variable_name="rule", value_name="message")
        .drop_nulls("message")
        .with_columns(pl.col("rule").cast(pl.Int64))
        .filter(is_alone | ~is_alone.any().over("index"))
        .sort("index", "rule")
        .select(*FAILURES)
        .collect(engine="in-memory")
    )


def split(frame: pl.DataFrame, schema: pa.DataFrameSchema) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns the good rows of a frame, and the `failures` of the others.

    Args:
        frame: Any rows; columns that the schema does not know are not looked at.
        schema: One of the schemas of `tachi_data.schemas`.

    >>> from tachi_data.schemas import scores
    >>> plays = pl.DataFrame({"score": [900_000, -1], "lamp": ["CLEAR", "FAILED"]})
    >>> good, bad = split(plays, scores("museca", "Single"))
    >>> good.height, bad["message"].to_list()
    (1, ['score: must be at least 0, got -1'])

    Raises:
        UnfitFrame: As `failures`.
    """
    found = failures(frame, schema)
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    return frame.filter(~at.is_in(found["index"].implode())), found
