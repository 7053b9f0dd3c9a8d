"""A stored table: a name and typed columns, declared by Polars types.

Tables have no primary keys and no indexes: these dominate the cost of bulk inserts, and DuckLake has none. An
anti-join inside the transaction that writes keeps rows unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl
from polars.datatypes import DataTypeClass

from tachi_data.store._sql import identifier, literal

_SQL_TYPES = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Datetime("ms"): "TIMESTAMP_MS",
}


@dataclass(frozen=True, eq=False)
class Table:
    """A stored table. A struct column without members holds nothing and is not stored.

    Attributes:
        name: Its name, without quotes.
        columns: The type of each column, by name, in order.
        comment: A sentence that says what one row is.
    """

    name: str
    columns: Mapping[str, pl.DataType]
    comment: str = ""

    @property
    def stored(self) -> dict[str, pl.DataType]:
        """Returns the columns that the database has, in order."""
        return {
            n: d for n, d in self.columns.items() if not (isinstance(d, pl.Struct) and not d.fields)
        }


def sql_type(dtype: pl.DataType | DataTypeClass) -> str:
    """Returns the DuckDB type of a Polars type.

    >>> sql_type(pl.List(pl.Struct({"name": pl.String, "when": pl.Datetime("ms")})))
    'STRUCT("name" VARCHAR, "when" TIMESTAMP_MS)[]'
    """
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    if isinstance(dtype, pl.Struct):
        members = (f"{identifier(f.name)} {sql_type(f.dtype)}" for f in dtype.fields)
        return f"STRUCT({', '.join(members)})"
    full = dtype if isinstance(dtype, pl.DataType) else dtype()
    if full not in _SQL_TYPES:
        raise TypeError(f"A stored column cannot be {dtype!r}.")
    return _SQL_TYPES[full]


@cache
def ddl(table: Table) -> str:
    """Returns the statements that create a table if it is not there.

    >>> print(ddl(Table("users", {"user_id": pl.Int64()})))
    CREATE TABLE IF NOT EXISTS "users" ("user_id" BIGINT)
    """
    columns = (f"{identifier(n)} {sql_type(d)}" for n, d in table.stored.items())
    create = f"CREATE TABLE IF NOT EXISTS {identifier(table.name)} ({', '.join(columns)})"
    if not table.comment:
        return create
    return f"{create}; COMMENT ON TABLE {identifier(table.name)} IS {literal(table.comment)}"
