"""What ``data`` of a game's songs and charts holds, as far as expressions of the game read it."""

from __future__ import annotations

from functools import cache

import polars as pl
from polars.datatypes import DataTypeClass

from tachi_data import games
from tachi_data.records.schema import Bool, Kind, ListOf, Num, Object, Str


def data_types(name: str, game: str) -> dict[str, pl.DataType]:
    """The members of ``data`` that the game's expressions read, in all its playtypes.

    Args:
        name: ``songs`` or ``charts``.
        game: The game; a game that is not known reads none.

    Returns:
        The type of each member, by its name in documents.
    """
    if game not in games.names():
        return {}
    declared = [g.chart_data if name == "charts" else g.song_data for g in games.every_gpt(game)]
    return {member: dtype for members in declared for member, dtype in members.items()}


@cache
def data_schema(name: str, game: str, *, optional: bool = False) -> Object:
    """What ``data`` of a game's songs or charts has to look like; it is kept as JSON text."""
    members = {member: _kind(dtype) for member, dtype in data_types(name, game).items()}
    return Object(members, as_json=True, optional=optional)


def _kind(dtype: pl.DataType | DataTypeClass) -> Kind:
    """What a member of a type may be; it may always be absent or null."""
    if isinstance(dtype, pl.List):
        return ListOf(_kind(dtype.inner), optional=True, nullable=True)
    if isinstance(dtype, pl.Struct):
        inner = {name: _kind(of) for name, of in dict(dtype).items()}
        return Object(inner, optional=True, nullable=True)
    if dtype.is_numeric():
        return Num(optional=True, nullable=True)
    if dtype == pl.Boolean():
        return Bool(optional=True, nullable=True)
    return Str(optional=True, nullable=True)
