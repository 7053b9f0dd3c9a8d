"""The stored tables of each game: typed columns generated from its declaration.

In frames, judgements, optional metrics and ratings are flat columns (``judgements.pgreat``); in the
store they are structs, which is what `packed` and `unpacked` change. A game without judgements, optional
metrics or ratings has that struct, too, with one member that is always null (`NOTHING`): a statement may
name the three structs of every game.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import polars as pl

from tachi_data.games import GPT, gpts, names
from tachi_data.names import snake
from tachi_data.store import Table, identifier, literal, sql_type

TIME = pl.Datetime("ms")
GROUPS = ("judgements", "optional", "ratings")
NOTHING = {"nothing": pl.Boolean()}
COMPOSED_FROM = pl.List(pl.Struct({"name": pl.String, "score_id": pl.String}))


def _metric_columns(game: str) -> dict[str, pl.DataType]:
    return {snake(n): m.dtype for g in gpts(game) for n, m in g.metrics.items()}


@cache
def group_fields(game: str, group: str) -> dict[str, pl.DataType]:
    """The members of one struct column of a game: ``judgements``, ``optional`` or ``ratings``."""

    def fields(gpt: GPT) -> Mapping[str, pl.DataType]:
        if group == "judgements":
            return {snake(n): pl.Int64() for n in gpt.judgements}
        if group == "optional":
            return {snake(n): m.dtype for n, m in gpt.optional.items()}
        return {snake(n): pl.Float64() for n in gpt.ratings}

    return {name: dtype for gpt in gpts(game) for name, dtype in fields(gpt).items()}


def _result_columns(game: str) -> dict[str, pl.DataType]:
    return {
        **_metric_columns(game),
        **{group: pl.Struct(group_fields(game, group) or NOTHING) for group in GROUPS},
        "explicit_nulls": pl.List(pl.String),
    }


@cache
def scores_table(game: str) -> Table:
    """One row is a score. ``ordinal`` counts scores in the order they were stored."""
    return Table(
        f"scores_{game}",
        {
            "score_id": pl.String(),
            "user_id": pl.Int64(),
            "playtype": pl.String(),
            "chart_id": pl.String(),
            "song_id": pl.Int64(),
            "is_primary": pl.Boolean(),
            "highlight": pl.Boolean(),
            "service": pl.String(),
            "comment": pl.String(),
            "import_type": pl.String(),
            "import_id": pl.String(),
            "time_achieved": TIME,
            "time_added": TIME,
            **_result_columns(game),
            "score_meta": pl.String(),
            "session_id": pl.String(),
            "session_position": pl.Int64(),
            "ordinal": pl.Int64(),
        },
    )


@cache
def pbs_table(game: str) -> Table:
    """One row is a player's personal best on a chart.

    ``first_ordinal`` is that of the player's first score there.
    """
    return Table(
        f"pbs_{game}",
        {
            "user_id": pl.Int64(),
            "playtype": pl.String(),
            "chart_id": pl.String(),
            "song_id": pl.Int64(),
            "is_primary": pl.Boolean(),
            "highlight": pl.Boolean(),
            "time_achieved": TIME,
            **_result_columns(game),
            "composed_from": COMPOSED_FROM,
            "first_ordinal": pl.Int64(),
        },
    )


def tables() -> tuple[Table, ...]:
    """The tables of all games."""
    return tuple(table(game) for game in names() for table in (scores_table, pbs_table))


@cache
def views() -> tuple[str, ...]:
    """Views over all games: ``scores`` and ``pbs``, with ``game`` and the columns that most games have.

    What a game lacks, such as a grade, is null there.
    """
    return tuple(
        _union(name, table) for name, table in (("scores", scores_table), ("pbs", pbs_table))
    )


def _union(name: str, table: Callable[[str], Table]) -> str:
    columns = {game: table(game).columns.items() for game in names()}
    counted = Counter(column for having in columns.values() for column in having)
    shared = [
        column
        for column, count in counted.items()
        if 2 * count > len(columns) and column[0] not in GROUPS
    ]
    parts = (_select(game, table(game), shared) for game in names())
    return f"CREATE OR REPLACE VIEW {identifier(name)} AS {' UNION ALL '.join(parts)}"


def _select(game: str, table: Table, wanted: Iterable[tuple[str, pl.DataType]]) -> str:
    listed = (
        identifier(column)
        if table.columns.get(column) == dtype
        else f"CAST(NULL AS {sql_type(dtype)}) AS {identifier(column)}"
        for column, dtype in wanted
    )
    selected = ", ".join((f"{literal(game)} AS game", *listed))
    return f"SELECT {selected} FROM {identifier(table.name)}"  # noqa: S608


def packed(rows: pl.DataFrame, game: str, table: Table) -> pl.DataFrame:
    """Flat columns as those of ``table``; one that the frame lacks is left out (stored as null)."""

    def struct(group: str) -> pl.Expr:
        members = group_fields(game, group) or NOTHING
        present = (
            pl.col(f"{group}.{name}")
            if f"{group}.{name}" in rows.columns
            else pl.lit(None, dtype=dtype)
            for name, dtype in members.items()
        )
        return pl.struct(
            p.cast(d).alias(n) for p, (n, d) in zip(present, members.items(), strict=True)
        )

    plain = [c for c in table.columns if c in rows.columns and c not in GROUPS]
    return rows.select(*plain, *(struct(g).alias(g) for g in GROUPS))


def unpacked(rows: pl.DataFrame, game: str) -> pl.DataFrame:
    """Stored rows with their structs as flat columns."""
    flat = [
        pl.col(group).struct.field(name).alias(f"{group}.{name}")
        for group in GROUPS
        if group in rows.columns
        for name in group_fields(game, group)
    ]
    return rows.with_columns(flat).drop(g for g in GROUPS if g in rows.columns)


def with_all_columns(scores: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """The frame with every judgement and optional metric of the game; those it lacks are null."""
    wanted = {
        f"{group}.{name}": dtype
        for group in ("judgements", "optional")
        for name, dtype in group_fields(gpt.game, group).items()
    }
    return scores.with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in wanted.items()
        if name not in scores.columns
    )
