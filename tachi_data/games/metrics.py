"""What a metric is: a whole number, a number, one of an ordered list of names, or a graph.

Expressions here are over the columns that `tachi_data.games.model` lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from tachi_data.games.words import grade, metric

Bound = int | float | pl.Expr | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Metric:
    """One number, enum or graph of a score.

    ``derive`` computes it, if it is derived; ``in_score_id`` marks an optional metric that takes
    part in the score ID.
    """

    derive: pl.Expr | None = None
    in_score_id: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The type of its column."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Integer(Metric):
    """A safe integer within inclusive bounds; a bound may be an expression over the chart.

    ``checked_with_chart`` marks one whose bounds are only checked once the chart is known, although
    they do not depend on it.
    """

    minimum: Bound = 0
    maximum: Bound = None
    checked_with_chart: bool = False

    @property
    def chart_dependent(self) -> bool:
        """Whether bounds can only be checked once the chart is known."""
        return self.checked_with_chart or isinstance(self.maximum, pl.Expr)

    @property
    def dtype(self) -> pl.DataType:
        """64 bits: a safe integer needs 53."""
        return pl.Int64()


@dataclass(frozen=True, eq=False)
class Decimal(Metric):
    """A finite number within inclusive bounds; a bound may be an expression over the chart."""

    minimum: Bound = 0
    maximum: Bound = None

    @property
    def chart_dependent(self) -> bool:
        """Whether bounds can only be checked once the chart is known."""
        return isinstance(self.maximum, pl.Expr)

    @property
    def dtype(self) -> pl.DataType:
        """IEEE-754 binary64, as in the reference."""
        return pl.Float64()


@dataclass(frozen=True, eq=False)
class Enum(Metric):
    """One of an ordered list of names, worst first. Its *index* is the position in the list.

    ``numbered`` marks one whose column holds the index: it was a number before it got names.
    """

    values: tuple[str, ...]
    numbered: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The name itself, as text; or the index."""
        return pl.Int64() if self.numbered else pl.String()

    def index(self, column: pl.Expr) -> pl.Expr:
        """Position of the value in the ordered list, null where it is not a member."""
        if self.numbered:
            return column
        return column.replace_strict(
            list(self.values), range(len(self.values)), default=None, return_dtype=pl.Int64
        )


@dataclass(frozen=True, eq=False)
class Grade(Enum):
    """The highest grade whose lower bound another metric reaches, worst grade first.

    Args:
        of: The metric by document name, in whose unit the bounds are.
        boundaries: Each grade with its lower bound; None marks one that no value reaches.
        value: The metric as an expression; needed where it is derived itself.
        cases: The grade of scores for which a condition holds, whatever they reach; the first one counts.

    >>> stars = Grade("score", (("C", 0), ("A", 900)))
    >>> stars.values
    ('C', 'A')
    >>> pl.DataFrame({"score": [899, 900]}).select(grade=stars.derive).to_series().to_list()
    ['C', 'A']
    """

    values: tuple[str, ...] = field(init=False)
    numbered: bool = field(init=False, default=False)
    of: str
    boundaries: tuple[tuple[str, float | None], ...]
    value: pl.Expr | None = None
    cases: tuple[tuple[pl.Expr, str], ...] = ()
    derive: pl.Expr = field(init=False)

    def __post_init__(self) -> None:
        """Derive the values and the expression from the bounds."""
        reached = metric(self.of) if self.value is None else self.value
        derive = grade(reached, self.boundaries)
        for condition, name in reversed(self.cases):
            derive = pl.when(condition).then(pl.lit(name)).otherwise(derive)
        object.__setattr__(self, "values", tuple(name for name, _ in self.boundaries))
        object.__setattr__(self, "derive", derive)


@dataclass(frozen=True, eq=False)
class Graph(Metric):
    """A list of numbers within inclusive bounds, of any length."""

    minimum: float
    maximum: float
    nullable: bool = False
    integer: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """A list of binary64."""
        return pl.List(pl.Float64())


FAST_SLOW_MAXCOMBO: dict[str, Metric] = {
    "fast": Integer(),
    "slow": Integer(),
    "maxCombo": Integer(),
}
