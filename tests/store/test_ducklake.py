"""The same store on DuckLake, with a PostgreSQL of its own (`make test-lake`)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tachi_data.errors import StoreError, UncertainCommit
from tachi_data.store import Store, Table, insert, open_store
from tests import postgres

pytestmark = pytest.mark.lake

Launch = Callable[..., "subprocess.Popen[str]"]

COUNTERS = Table("counters", {"name": pl.String(), "value": pl.Int64()}, "One row's a count.")
EVENTS = Table("events", {"worker": pl.Int64(), "step": pl.Int64()})


@pytest.fixture
def url(lake_url: str) -> str:
    return lake_url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, tables=[COUNTERS, EVENTS]) as opened:
        with opened.write() as con:
            insert(con, "counters", pl.DataFrame({"name": ["a"], "value": [0]}))
        yield opened


def value(store: Store) -> int:
    return int(store.query("SELECT value FROM counters")["value"].item())


def test_is_created_once_and_brought_up_to_date(url: str) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        open_store(url, create=False)
    old = Table("scores", {"score": pl.Int64(), "ratings": pl.Struct({"bpi": pl.Float64})})
    with open_store(url, tables=[old]) as store, store.write() as con:
        insert(con, "scores", pl.DataFrame({"score": [1], "ratings": [{"bpi": 2.5}]}))
    ratings = pl.Struct({"bpi": pl.Float64, "x y": pl.Int64})
    new = Table("scores", {"score": pl.Int64(), "ratings": ratings, "lamp": pl.String()})
    view = "CREATE OR REPLACE VIEW lamps AS SELECT lamp FROM scores"
    for _ in range(2):
        with open_store(url, tables=[new], views=[view]) as store:
            assert store.path is None
            assert store.query("FROM scores").to_dicts() == [
                {"score": 1, "ratings": {"bpi": 2.5, "x y": None}, "lamp": None}
            ]
            assert store.query("FROM lamps").height == 1


def test_all_types_come_back_as_they_went_in(url: str) -> None:
    columns: dict[str, pl.DataType] = {
        "text": pl.String(),
        "small": pl.Int32(),
        "flag": pl.Boolean(),
        "number": pl.Float64(),
        "time": pl.Datetime("ms"),
        "texts": pl.List(pl.String),
        "group": pl.Struct({"a b": pl.Int64, "inner": pl.Struct({"x": pl.List(pl.Float64)})}),
        "groups": pl.List(pl.Struct({"name": pl.String})),
    }
    values = {
        "text": ["愛", None],
        "small": [1, None],
        "flag": [True, None],
        "number": [0.1, None],
        "time": [1_700_000_000_123, None],
        "texts": [["a", None], []],
        "group": [{"a b": 1, "inner": {"x": [1.5, None]}}, None],
        "groups": [[{"name": "n"}, None], None],
    }
    rows = pl.DataFrame(values, schema_overrides={"time": pl.Int64}).cast(columns)  # type: ignore[arg-type]
    with open_store(url, tables=[Table("t", columns)]) as store:
        for times in (1, 2000):
            with store.write() as con:
                con.execute("DELETE FROM t")
                insert(con, "t", pl.concat([rows] * times))
            assert_frame_equal(store.query("FROM t").sort("small", nulls_last=True)[[0, -1]], rows)


def test_an_exception_rolls_everything_back(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as con:  # noqa: PT012
        con.execute("UPDATE counters SET value = 9")
        raise KeyError
    assert value(store) == 0


def test_reading_does_not_write(store: Store) -> None:
    with pytest.raises(duckdb.Error, match="read-only"), store.read() as con:
        con.execute("UPDATE counters SET value = 9")


def test_readers_see_a_snapshot_and_do_not_wait(store: Store, url: str, launch: Launch) -> None:
    with store.write() as con:
        con.execute("UPDATE counters SET value = 9")
        program = "print(open_store(path).query('SELECT value FROM counters').item())"
        assert launch(program, url).communicate(timeout=60) == ("0\n", "")
    assert value(store) == 9


def test_processes_that_write_together_all_succeed(url: str, launch: Launch) -> None:
    program = """
tables = [Table("counters", {"value": pl.Int64()}), Table("events", {"worker": pl.Int64()})]
store = open_store(path, tables=tables)
for step in range(5):
    with store.write() as con:
        if not con.execute("FROM counters").fetchall():
            insert(con, "counters", pl.DataFrame({"value": [0]}))
        con.execute("UPDATE counters SET value = value + 1")
        insert(con, "events", pl.DataFrame({"worker": [me]}))
    seen = store.query("SELECT value AS a, (SELECT count(*) FROM events) AS b FROM counters")
    assert seen["a"].item() == seen["b"].item(), seen
"""
    for process in [launch(program, url, me) for me in range(4)]:
        assert (process.communicate(timeout=120)[1], process.returncode) == ("", 0)
    assert value(open_store(url)) == 20


def test_a_killed_writer_gives_its_turn_back(url: str, store: Store, launch: Launch) -> None:
    program = """
store = open_store(path)
with store.write() as con:
    con.execute("UPDATE counters SET value = 5")
    print("in", flush=True)
    time.sleep(60)
"""
    process = launch(program, url)
    assert process.stdout is not None
    process.stdout.readline()
    hasty = open_store(url, lock_timeout=0.3)
    with pytest.raises(StoreError, match=r"Gave up after 0\.3 s"), hasty.write():
        pass
    process.kill()
    process.communicate()
    with store.write() as con:
        con.execute("UPDATE counters SET value = value + 1")
    assert value(store) == 1


def test_a_transaction_within_a_transaction_is_refused(store: Store) -> None:
    refused = pytest.raises(StoreError, match="already has a transaction open")
    with store.write(), refused, store.write():
        pass


def test_messages_hold_no_password(postgres_socket: Path) -> None:
    url = f"ducklake:postgres:dbname=gone host={postgres_socket} user=tachi password=geheim"
    with pytest.raises(StoreError, match='database "gone" does not exist') as caught:
        open_store(url)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("url", ["ducklake:sqlite:x.db", "ducklake:x.db"])
def test_other_catalogues_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="has its catalogue in PostgreSQL"):
        open_store(url)


def test_a_catalogue_that_goes_away_is_a_store_error(tmp_path: Path) -> None:
    with (
        postgres.server() as socket,
        open_store(postgres.new_lake(socket, tmp_path), tables=[COUNTERS]) as store,
    ):
        with store.write() as con:
            insert(con, "counters", pl.DataFrame({"name": ["a"], "value": [0]}))
        with pytest.raises(StoreError, match="nothing was changed"), store.write() as con:  # noqa: PT012
            con.execute("UPDATE counters SET value = 1")
            postgres.stop(socket)
            con.execute("UPDATE counters SET value = (SELECT max(value) + 1 FROM counters)")
        with pytest.raises(StoreError, match="cannot be opened"):
            value(store)
        postgres.start(socket)
        assert value(store) == 0
        with pytest.raises(StoreError, match="away"), store.read() as con:  # noqa: PT012
            postgres.stop(socket)
            con.execute("SELECT * FROM events_that_are_not_known_yet")
        postgres.start(socket)
        with store.write() as con:
            con.execute("UPDATE counters SET value = 5")
        assert value(store) == 5


def test_a_catalogue_that_goes_away_during_the_commit_leaves_the_outcome_open(
    tmp_path: Path,
) -> None:
    open_outcome = pytest.raises(UncertainCommit, match="Look at what is in the store")
    with (
        postgres.server() as socket,
        open_store(postgres.new_lake(socket, tmp_path), tables=[COUNTERS]) as store,
    ):
        with open_outcome, store.write() as con:
            insert(con, "counters", pl.DataFrame({"name": ["a"], "value": [1]}))
            postgres.stop(socket)
        postgres.start(socket)
        assert store.query("FROM counters").is_empty()
