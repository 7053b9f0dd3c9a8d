"""The tables that look-ups are matched against, in memory, with rows written in a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import polars as pl

from tachi_data.matching import KEYS
from tachi_data.store import ddl
from tachi_data.store import insert as insert_rows
from tachi_data.tables.catalogue import CHART_KEYS, CHARTS, SONG_KEYS, SONGS

Rows = Sequence[Mapping[str, Any]]
SONG_KEY = {"game": "iidx", "kind": "title", "artist_folded": "nobody"}
CHART_KEY = {
    "game": "iidx",
    "kind": "song_id",
    "playtype": "SP",
    "difficulty": "ANOTHER",
    "level": "12",
    "is_primary": True,
    "versions": ["30"],
    "is_fan_made": False,
    "preference": 0,
}


def tables(songs: Rows = (), charts: Rows = ()) -> duckdb.DuckDBPyConnection:
    """A connection to them; what a row leaves out is as in `SONG_KEY` and `CHART_KEY`.

    The table of songs has the artist of each song, in capital letters; that of charts has what its keys say.
    """
    con = duckdb.connect()
    numbers = {(row.get("game", "iidx"), row["song_id"]): row for row in songs}
    named = [
        {"game": game, "song_id": song, "artist": row.get("artist_folded", "nobody").upper()}
        for (game, song), row in numbers.items()
    ]
    described = {
        row["chart_id"]: CHART_KEY | {"data": "{}", "song_id": 0} | dict(row) for row in charts
    }
    for table, usual, rows in (
        (SONGS, {"data": "{}"}, named),
        (
            CHARTS,
            {},
            [{k: v for k, v in row.items() if k in CHARTS.columns} for row in described.values()],
        ),
        (SONG_KEYS, SONG_KEY, songs),
        (CHART_KEYS, CHART_KEY, charts),
    ):
        con.execute(ddl(table))
        schema = dict(table.columns)
        filled = [dict.fromkeys(schema) | usual | dict(row) for row in rows]
        insert_rows(con, table.name, pl.DataFrame(filled, schema=schema))
    return con


def look_ups(*wanted: Mapping[str, Any]) -> pl.DataFrame:
    """Look-ups with all their columns; what one leaves out is null."""
    rows = [dict.fromkeys(KEYS) | dict(one) | {"row": row} for row, one in enumerate(wanted)]
    return pl.DataFrame(rows, schema={"row": pl.UInt32, **KEYS})
