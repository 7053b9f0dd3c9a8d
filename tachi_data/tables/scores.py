"""The stored tables of each game: typed columns generated from its declaration.

In frames, judgements, optional metrics and ratings are flat columns (``judgements.pgreat``); in the
store they are structs, which is what `packed` and `unpacked` change. A game without judgements, optional
metrics or ratings has that struct, too, with one member that is always null (`NOTHING`): a statement may
name the three structs of every game.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import polars as pl

from tachi_data.games import GPT, every_gpt, gpts, names
from tachi_data.names import snake
from tachi_data.store import Table, identifier, literal, sql_type, statements
from tachi_data.tables import game_columns
from tachi_data.tables.column import Column
from tachi_data.tables.columns import column

sql = statements("tachi_data.tables", "views.sql")

GROUPS = ("judgements", "optional", "ratings")
PB_KEYS = ("user_id", "chart_id")
SCORE_KEYS = (*PB_KEYS, "score_id", "ordinal", "import_id", "session_id", "session_position")
NOTHING = {"nothing": pl.Boolean()}
A_SCORE = "One row is a score. ordinal counts scores in the order in which they were stored."
A_BEST = "One row is a player's personal best on a chart."


@cache
def group_fields(game: str, group: str) -> dict[str, pl.DataType]:
    """Returns the members of one struct column of a game: ``judgements``, ``optional`` or ``ratings``."""
    return {
        name.removeprefix(f"{group}."): column.dtype
        for gpt in every_gpt(game)
        for name, column in game_columns.group(gpt, group).items()
    }


def _stored(name: str, game: str, before: str, after: str) -> Table:
    """The table of a game: some columns of the dictionary, those of the game, and some more."""
    metrics = {n: c.dtype for g in every_gpt(game) for n, c in game_columns.metrics(g).items()}
    groups = {group: pl.Struct(group_fields(game, group) or NOTHING) for group in GROUPS}
    return Table(
        name,
        {
            **{n: column(n).dtype for n in before.split()},
            **metrics,
            **groups,
            **{n: column(n).dtype for n in after.split()},
        },
    )


@cache
def scores_table(game: str) -> Table:
    """Returns the table of a game's scores."""
    return _stored(
        f"scores_{game}",
        game,
        "score_id user_id playtype chart_id song_id is_primary highlight service comment"
        " import_type import_id time_achieved time_added",
        "explicit_nulls score_meta session_id session_position ordinal",
    )


@cache
def pbs_table(game: str) -> Table:
    """Returns the table of a game's personal bests."""
    return _stored(
        f"pbs_{game}",
        game,
        "user_id playtype chart_id song_id is_primary highlight time_achieved",
        "explicit_nulls composed_from first_ordinal",
    )


def columns_of(table: Table) -> dict[str, Column]:
    """Returns the dictionary's columns of a stored table; members of its structs are columns with a dot.

    >>> columns_of(pbs_table("iidx"))["judgements.pgreat"].unit
    'notes'
    """
    game = _games_by_table().get(table.name)
    own = {} if game is None else game_columns.of_game(game)
    found: dict[str, Column] = {}
    for name in table.columns:
        if own and name in GROUPS:
            found |= {n: c for n, c in own.items() if n.startswith(f"{name}.")}
        else:
            found[name] = own[name] if name in own else column(name, table.name)
    return found


@cache
def _games_by_table() -> dict[str, str]:
    return {table(game).name: game for game in names() for table in (scores_table, pbs_table)}


def tables() -> tuple[Table, ...]:
    """The tables of all games."""
    return tuple(table(game) for game in names() for table in (scores_table, pbs_table))


@cache
def views() -> tuple[str, ...]:
    """The views over all games, for people and for SQL.

    ``all_scores`` and ``pbs`` have the stored columns of all games: the metrics that a game lacks are null, and the
    struct ``ratings`` has the ratings of all games. On them stand the views with titles and levels: ``scores``,
    ``personal_bests``, ``history`` and ``ratings``. ``score_keys`` and ``pb_keys`` have only what tells
    rows apart: DuckDB plans a question to them in a fifth of the time.
    """
    unions = (("all_scores", scores_table), ("pbs", pbs_table))
    keys = (("score_keys", scores_table, SCORE_KEYS), ("pb_keys", pbs_table, PB_KEYS))
    tidy = ("scores", "personal_bests", "history", "ratings")
    return (
        *(_union(name, table) for name, table in unions),
        *(_keys(name, table, columns) for name, table, columns in keys),
        *map(sql, tidy),
    )


def _keys(name: str, table: Callable[[str], Table], columns: Sequence[str]) -> str:
    listed = ", ".join(map(identifier, columns))
    parts = (
        f"SELECT {literal(game)} AS game, {listed} FROM {identifier(table(game).name)}"  # noqa: S608
        for game in names()
    )
    return f"CREATE OR REPLACE VIEW {identifier(name)} AS {' UNION ALL '.join(parts)}"


def _union(name: str, table: Callable[[str], Table]) -> str:
    columns = {
        column: dtype
        for game in names()
        for column, dtype in table(game).columns.items()
        if column not in GROUPS
    }
    parts = (_select(game, table(game), columns) for game in names())
    return f"CREATE OR REPLACE VIEW {identifier(name)} AS {' UNION ALL '.join(parts)}"


def _select(game: str, table: Table, wanted: Mapping[str, pl.DataType]) -> str:
    listed = (
        identifier(column)
        if column in table.columns
        else f"CAST(NULL AS {sql_type(dtype)}) AS {identifier(column)}"
        for column, dtype in wanted.items()
    )
    compared = identifier(snake(gpts(game)[0].default_metric))
    value = f"CAST({compared} AS DOUBLE) AS value"
    selected = ", ".join((f"{literal(game)} AS game", *listed, _ratings(game), value))
    return f"SELECT {selected} FROM {identifier(table.name)}"  # noqa: S608


def _ratings(game: str) -> str:
    """The ratings of a game as a struct with the members of all games, so that structs can be united."""
    own = group_fields(game, "ratings")
    members = (
        f"{identifier(name)}: "
        + (f"ratings.{identifier(name)}" if name in own else "CAST(NULL AS DOUBLE)")
        for name in all_ratings()
    )
    return f"{{{', '.join(members)}}} AS ratings"


@cache
def all_ratings() -> tuple[str, ...]:
    """Returns the names of the ratings of scores, of all games.

    >>> [name for name in all_ratings() if name in ("bpi", "vf6")]
    ['bpi', 'vf6']
    """
    return tuple(dict.fromkeys(name for game in names() for name in group_fields(game, "ratings")))


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
    groups = [group for group in GROUPS if group in rows.columns]
    unused = [f"{g}.{name}" for g in groups if not group_fields(game, g) for name in NOTHING]
    return rows.unnest(groups, separator=".").drop(unused)


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
