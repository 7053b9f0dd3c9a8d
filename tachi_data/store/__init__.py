"""Where rows live: opening, transactions, tables. Nothing else in the project opens a connection.

    store = open_store("tachi.duckdb", tables=[Table("users", {"user_id": pl.Int64()})])
    with store.write() as con:
        insert(con, "users", users)
    store.query("FROM users")

The default store is one DuckDB file that several processes share. DuckDB lets one process write at a time. So the
file is open only for the length of a transaction, under a fair lock, and queries return frames, never cursors. A
store beyond one machine is a DuckLake, see `tachi_data.store.ducklake`; both have the interface of
`tachi_data.store._session`.
"""

from __future__ import annotations

from tachi_data.store._copying import back_up, copy_file, copy_store
from tachi_data.store._counters import Counters, next_ordinals
from tachi_data.store._maintaining import maintain
from tachi_data.store._rows import execute, first_row, insert, query
from tachi_data.store._sql import identifier, literal, statements
from tachi_data.store._store import Rollback, Store, expect_store, open_store
from tachi_data.store._tables import Table, ddl, sql_type
from tachi_data.store.transaction import Timings, Transaction

__all__ = [
    "Counters",
    "Rollback",
    "Store",
    "Table",
    "Timings",
    "Transaction",
    "back_up",
    "copy_file",
    "copy_store",
    "ddl",
    "execute",
    "expect_store",
    "first_row",
    "identifier",
    "insert",
    "literal",
    "maintain",
    "next_ordinals",
    "open_store",
    "query",
    "sql_type",
    "statements",
]
