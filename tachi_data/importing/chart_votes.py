"""Charts that players have, but the catalogue has not: they wait until enough players played them.

Each score on an unknown chart is a vote by its player, once per chart. The vote that makes the number
full puts the chart into the catalogue, in the same transaction, as the first player described it.
Scores of the players before are orphans, and due from then on; see `tachi_data.imports.follow_up`.

Only imports vote, when they are stored. Trying an orphan again does not.
"""

from __future__ import annotations

import os
import secrets
from typing import Any

import orjson
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.catalogue import apply, patch_of
from tachi_data.errors import TachiError
from tachi_data.importing.match import Matched
from tachi_data.importing.parse import Datapoints
from tachi_data.store import Transaction, execute, insert, next_ordinals, query, statements
from tachi_data.tables.imports import VOTE_COLUMNS

sql = statements("tachi_data.importing")

TEXT, INTEGER = pl.String(), pl.Int64()
SIZE = "BEATORAJA_QUEUE_SIZE"
KEY = ("game", "playtype", "sha256")


def queue_size() -> int:
    """How many players have to play an unknown chart, from the environment; 3 by default."""
    text = os.environ.get(SIZE, "3")
    if not text.isdecimal() or int(text) < 2:
        raise TachiError(f"{SIZE} must be an integer of at least 2, not {text!r:.200}.")
    return int(text)


def vote(matched: Matched, tx: Transaction) -> list[str]:
    """Count the scores on unknown charts as votes.

    Args:
        matched: The set; it has to be matched again if a chart enters the catalogue.
        tx: A transaction that writes.

    Returns:
        The IDs of the charts that entered the catalogue.
    """
    found: list[str] = []
    for group, rows in zip(matched.parsed.groups, matched.frames, strict=True):
        votes = _votes(rows, group)
        if votes.height:
            found += _count(votes, group.gpt.game, tx)
    return found


def _count(votes: pl.DataFrame, game: str, tx: Transaction) -> list[str]:
    new = query(tx.con, sql("new_votes"), votes=votes)
    ordinals = next_ordinals(tx.con, "chart_queue", new.height)
    insert(tx.con, "chart_queue", new.with_columns(ordinal=ordinals))
    wanted = query(tx.con, sql("wanted_charts"), {"size": queue_size()}, votes=votes)
    return _let_in(wanted, game, tx) if wanted.height else []


def _votes(rows: pl.DataFrame, datapoints: Datapoints) -> pl.DataFrame:
    """One row per player and unknown chart. A chart without a real MD5 cannot be voted for."""
    described = datapoints.conversion.unknown_chart
    schema = {name: dtype for name, dtype in VOTE_COLUMNS.items() if name != "ordinal"}
    if described is None:
        return pl.DataFrame(schema=schema)
    unknown = rows.filter(pl.col("outcome") == "SongOrChartNotFound").select("row")
    return (
        datapoints.rows.join(unknown, on="row", how="semi", maintain_order="left")
        .select(
            "row",
            "user_id",
            game=pl.lit(datapoints.gpt.game),
            playtype=described.playtype,
            sha256=described.sha256.str.to_lowercase(),
            md5=described.md5.str.to_lowercase(),
            chart=described.chart,
            song=described.song,
        )
        .filter(pl.col("md5").str.contains("^[0-9a-f]{32}$"), pl.col("playtype").is_not_null())
        .unique([*KEY, "user_id"], keep="first", maintain_order=True)
        .select("row", *schema)
    )


def _let_in(wanted: pl.DataFrame, game: str, tx: Transaction) -> list[str]:
    """Put charts into the catalogue, each with a song of its own, and take them out of the queue."""
    ids = _song_ids(game, wanted.height, tx.con)
    charts: list[dict[str, Any]] = [
        {**orjson.loads(chart), "chartID": secrets.token_hex(20), "songID": song_id}
        for chart, song_id in zip(wanted["chart"].to_list(), ids, strict=True)
    ]
    songs: list[dict[str, Any]] = [
        {**orjson.loads(song), "id": song_id}
        for song, song_id in zip(wanted["song"].to_list(), ids, strict=True)
    ]
    documents = {f"songs-{game}": songs, f"charts-{game}": charts}
    apply(tx.con, patch_of(documents, origin="queue"), now=tx.now)
    execute(tx.con, sql("leave_queue"), wanted=wanted.select(*KEY))
    chart_ids = [chart["chartID"] for chart in charts]
    tx.con.execute(sql("due_on_new_charts"), {"game": game, "chart_ids": chart_ids})
    return chart_ids


def _song_ids(game: str, count: int, con: DuckDBPyConnection) -> list[int]:
    """Song IDs that no song of the game has or had; the counter is behind after a catalogue grew."""
    counter = f"{game}-song-id"
    next_ordinals(con, counter, 0)
    con.execute(sql("raise_song_counter"), {"name": counter, "game": game})
    return next_ordinals(con, counter, count).to_list()
