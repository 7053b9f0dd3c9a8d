"""Bring a store in line with the tables that are declared.

The table ``store_meta`` has the schema version, and a fingerprint of each set of declarations that the store
satisfies. Opening a store that is up to date only reads this table. A store may have several fingerprints, so that
two programs with different tables do not change it by turns.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import duckdb
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.errors import StoreError
from tachi_data.store._session import Session
from tachi_data.store._sql import identifier, statements
from tachi_data.store._tables import Table, ddl, sql_type

sql = statements("tachi_data.store")

_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, eq=False)
class Declarations:
    """The tables and views that a store has to hold."""

    tables: tuple[Table, ...] = ()
    views: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Returns a text that is equal for equal declarations."""
        text = "\0".join((*map(ddl, self.tables), *self.views))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class _State:
    version: int
    fingerprints: frozenset[str]


def prepare(session: Session, declared: Declarations, folder: Traversable, *, create: bool) -> None:
    """Create the store if it is not there, or bring it up to date.

    Args:
        session: The store.
        declared: The tables and views that it has to hold.
        folder: The migrations, as ``0001_name.sql``.
        create: Whether a store that is not there is made.

    Raises:
        StoreError: The store is not there, is no store, is newer than this program, or needs a migration that
            does not exist.
    """
    migrations = _migrations(folder)
    newest = max(migrations, default=0)
    fingerprint = declared.fingerprint()
    if not session.exists():
        if not create:
            raise StoreError(f"There is no store at {session.name}.")
        session.create(lambda con: _fill(con, declared, newest))
    with session.transaction(writing=False) as con:
        state = _state(con, session.name, newest)
    nothing_declared = not declared.tables and not declared.views
    pending = sorted(number for number in migrations if number > state.version)
    if not pending and (nothing_declared or fingerprint in state.fingerprints):
        return
    for number in pending:
        _migrate(session, number, migrations)
    with session.transaction(writing=True) as con:
        if fingerprint not in _state(con, session.name, newest).fingerprints:
            _declare(con, declared)


def _state(con: DuckDBPyConnection, store: str, newest: int) -> _State:
    try:
        rows = con.execute("SELECT key, value FROM store_meta").fetchall()
    except duckdb.CatalogException:
        raise StoreError(f"{store} is a database, but not a store of this project.") from None
    version = next(int(value) for key, value in rows if key == "version")
    if version > newest:
        raise StoreError(
            f"{store} was made by a newer version of tachi_data (schema {version}, this one knows"
            f" {newest}): upgrade tachi_data to open it."
        )
    return _State(version, frozenset(value for key, value in rows if key == "declared"))


def _fill(con: DuckDBPyConnection, declared: Declarations, version: int) -> None:
    con.execute(sql("create_meta"))
    _set_version(con, version)
    _declare(con, declared)


def _set_version(con: DuckDBPyConnection, version: int) -> None:
    con.execute("DELETE FROM store_meta")
    con.execute("INSERT INTO store_meta VALUES ('version', ?)", [str(version)])


def _migrations(folder: Traversable) -> dict[int, Traversable]:
    """Returns the migrations of a folder by their number."""
    named = [(m[1], f) for f in folder.iterdir() if (m := _MIGRATION.fullmatch(f.name))]
    numbers = [number for number, _ in named]
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"Two migrations have the same number: {sorted(numbers)}.")
    return {int(number): file for number, file in named}


def _migrate(session: Session, number: int, migrations: dict[int, Traversable]) -> None:
    """Run one migration, unless another process ran it meanwhile."""
    with session.transaction(writing=True) as con:
        if _state(con, session.name, max(migrations)).version < number:
            con.execute(migrations[number].read_text(encoding="utf-8"))
            _set_version(con, number)


def _declare(con: DuckDBPyConnection, declared: Declarations) -> None:
    """Add missing tables, columns and struct members, and replace the views."""
    present = {name for (name,) in con.execute("SHOW TABLES").fetchall()}
    for table in declared.tables:
        if table.name in present:
            for change in _changes(con, table):
                con.execute(change)
        else:
            con.execute(ddl(table))
    for view in declared.views:
        con.execute(view)
    fingerprint = declared.fingerprint()
    con.execute("INSERT INTO store_meta VALUES ('declared', ?)", [fingerprint])


def _changes(con: DuckDBPyConnection, table: Table) -> list[str]:
    stored = con.table(identifier(table.name)).limit(0).pl().schema
    missing = _missing(table.name, pl.Struct(table.stored), pl.Struct(stored))
    name = identifier(table.name)
    return [f"ALTER TABLE {name} ADD COLUMN {path} {sql_type(dtype)}" for path, dtype in missing]


def _missing(
    where: str, wanted: pl.Struct, stored: pl.Struct, prefix: str = ""
) -> Iterator[tuple[str, pl.DataType]]:
    """Path and type of each column or struct member that is declared but not stored."""
    types = dict(stored)
    for name, dtype in pl.Schema(dict(wanted)).items():
        path = f"{prefix}{identifier(name)}"
        present = types.get(name)
        if present is None:
            yield path, dtype
        elif isinstance(dtype, pl.Struct) and isinstance(present, pl.Struct):
            yield from _missing(where, dtype, present, f"{path}.")
        elif present != dtype:
            raise StoreError(
                f"The stored column {path} of {where} is {sql_type(present)}, not"
                f" {sql_type(dtype)}; a migration for that is missing."
            )
