"""The tables of standings in memory, with the few rows that a test writes: SOUND VOLTEX, one playtype."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from tachi_data.store import Transaction, ddl, insert
from tachi_data.tables.catalogue import TABLES as CATALOGUE
from tachi_data.tables.imports import TABLES as IMPORTS
from tachi_data.tables.players import TABLES as PLAYERS
from tachi_data.tables.scores import GROUPS, group_fields, packed, pbs_table, scores_table
from tachi_data.tables.standings import TABLES as STANDINGS

NOW = 1_700_000_000_000
HOUR = 3_600_000
SCORES, PBS = scores_table("sdvx"), pbs_table("sdvx")
FLAT = {n: d for n, d in SCORES.columns.items() if n not in GROUPS} | {
    f"{group}.{name}": dtype
    for group in GROUPS
    for name, dtype in group_fields("sdvx", group).items()
}
USUAL = {
    "user_id": 1,
    "playtype": "Single",
    "chart_id": "c",
    "song_id": 1,
    "is_primary": True,
    "highlight": False,
    "score": 9_000_000,
    "lamp": "CLEAR",
    "grade": "A+",
    "explicit_nulls": [],
    "ordinal": 0,
}


def tables(**levels: float) -> duckdb.DuckDBPyConnection:
    """A connection to empty tables, and to charts with these levels by ID."""
    con = duckdb.connect()
    for table in (SCORES, PBS, *CATALOGUE, *IMPORTS, *PLAYERS, *STANDINGS):
        con.execute(ddl(table))
    con.execute("CREATE VIEW score_keys AS SELECT 'sdvx' AS game, * FROM scores_sdvx")
    rows = [
        {"game": "sdvx", "chart_id": name, "song_id": 1, "playtype": "Single", "level_num": level}
        | {"difficulty": "EXH", "is_primary": True, "data": "{}"}
        for name, level in levels.items()
    ]
    insert(con, "charts", pl.DataFrame(rows))
    insert(con, "songs", pl.DataFrame({"game": ["sdvx"], "song_id": [1], "data": ["{}"]}))
    return con


def at(con: duckdb.DuckDBPyConnection) -> Transaction:
    """A transaction at `NOW`."""
    return Transaction.at(con, NOW)


def moment(hour: float) -> pl.Expr:
    """The time so many hours after `NOW`."""
    return pl.lit(NOW + round(hour * HOUR)).cast(pl.Datetime("ms"))


def scores(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Flat stored scores; what a row leaves out is as in `USUAL`, else null. ``hour`` is its time."""
    filled = [
        dict.fromkeys(FLAT) | USUAL | {"score_id": f"T{n}", "ordinal": n} | dict(row)
        for n, row in enumerate(rows)
    ]
    frame = pl.DataFrame(filled, schema={**FLAT, "hour": pl.Float64}, orient="row")
    epoch = (NOW + pl.col("hour") * HOUR).cast(pl.Int64).cast(pl.Datetime("ms"))
    return frame.with_columns(time_achieved=epoch).drop("hour")


def store_scores(con: duckdb.DuckDBPyConnection, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """Store `scores`; returns them."""
    frame = scores(*rows)
    insert(con, SCORES.name, packed(frame, "sdvx", SCORES))
    return frame


def rows_of(con: duckdb.DuckDBPyConnection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of all rows of a table, in order."""
    return con.table(table).pl().select(columns).sort(columns).rows()
