"""Speed of the store, as ratios taken in one run: against the same work on a bare DuckDB connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb
import polars as pl
import pytest

from tachi_data.store import Table, first_row, insert, open_store, query

pytestmark = pytest.mark.bench

STEPS = Table("steps", {"step": pl.Int64(), "name": pl.String()})
ONE = pl.DataFrame({"step": [5], "name": ["x"]})
JOIN = "SELECT step, steps.name FROM steps JOIN mine USING (step)"


def by_turns(times: int, **ways: Callable[[], object]) -> dict[str, float]:
    """The median of each way, in milliseconds; the ways take turns, so that all see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return {name: median(found) * 1000 for name, found in seconds.items()}


def test_a_statement_against_a_bare_connection(tmp_path: Path) -> None:
    many = pl.DataFrame({"step": range(1000)}).with_columns(name=pl.col("step").cast(pl.String))
    with open_store(tmp_path / "s.duckdb", tables=[STEPS]) as store, store.write() as con:
        insert(con, "steps", many)
        con.register("mine", ONE.to_arrow())

        def first() -> object:
            return first_row(con, "SELECT name FROM steps WHERE step = ?", [5])

        def bare() -> object:
            return con.sql(JOIN).pl()

        def with_frame() -> object:
            return query(con, JOIN.replace("mine", "other"), other=ONE)

        found = by_turns(300, first=first, bare=bare, with_frame=with_frame)
    print("\n" + ", ".join(f"{name} {ms:.2f} ms" for name, ms in found.items()))
    # The difference is the registering and unregistering of the frame.
    assert found["with_frame"] / found["bare"] < 2


def test_a_small_transaction_against_a_bare_file(tmp_path: Path) -> None:
    bare_path = tmp_path / "bare.duckdb"
    with duckdb.connect(bare_path) as con:
        con.execute("CREATE TABLE steps (step BIGINT, name VARCHAR)")

    def bare() -> None:
        with duckdb.connect(bare_path) as con:
            con.execute("INSERT INTO steps VALUES (5, 'x')")

    with open_store(tmp_path / "s.duckdb", tables=[STEPS]) as store:

        def ours() -> None:
            with store.write() as con:
                insert(con, "steps", ONE)

        found = by_turns(60, bare=bare, ours=ours)
    print("\n" + ", ".join(f"{name} {ms:.1f} ms" for name, ms in found.items()))
    # We save the start of an engine, and pay for the copy of the metadata blocks and its sync.
    assert found["ours"] / found["bare"] < 2
