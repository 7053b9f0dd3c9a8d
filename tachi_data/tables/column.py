"""What a column is: name, type, unit, and one sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

TIME = pl.Datetime("ms")


@dataclass(frozen=True)
class Column:
    """A column of a stored table or of a frame.

    Attributes:
        name: Its name, in snake_case; a member of a group has a dot in it (``judgements.pgreat``).
        dtype: Its Polars type.
        sentence: What its value is.
        unit: The unit of its values; None where they have none.
        nullable: Whether a value may be null.
    """

    name: str
    dtype: pl.DataType
    sentence: str
    unit: str | None = None
    nullable: bool = False


def text(name: str, sentence: str, *, null: bool = False) -> Column:
    """A column of text."""
    return Column(name, pl.String(), sentence, nullable=null)


def json(name: str, sentence: str, *, null: bool = False) -> Column:
    """A column whose text is JSON."""
    return Column(name, pl.String(), sentence, "JSON", null)


def texts(name: str, sentence: str, *, null: bool = False) -> Column:
    """A column of lists of texts."""
    return Column(name, pl.List(pl.String), sentence, nullable=null)


def whole(name: str, sentence: str, unit: str | None = None, *, null: bool = False) -> Column:
    """A column of whole numbers."""
    return Column(name, pl.Int64(), sentence, unit, null)


def number(name: str, sentence: str, unit: str | None = None, *, null: bool = False) -> Column:
    """A column of numbers."""
    return Column(name, pl.Float64(), sentence, unit, null)


def flag(name: str, sentence: str, *, null: bool = False) -> Column:
    """A column of true and false."""
    return Column(name, pl.Boolean(), sentence, nullable=null)


def time(name: str, sentence: str, *, null: bool = False) -> Column:
    """A column of times."""
    return Column(name, TIME, sentence, "ms, UTC", null)
