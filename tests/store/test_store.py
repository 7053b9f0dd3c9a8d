from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tachi_data.errors import StoreError
from tachi_data.store import (
    Store,
    Table,
    ddl,
    execute,
    first_row,
    insert,
    open_store,
    query,
    statements,
)
from tachi_data.store._rows import MOST_PARSED

ALL_TYPES = Table(
    "all types",
    {
        "text": pl.String(),
        "whole": pl.Int64(),
        "small": pl.Int32(),
        "number": pl.Float64(),
        "flag": pl.Boolean(),
        "time": pl.Datetime("ms"),
        "texts": pl.List(pl.String),
        "group": pl.Struct({"a b": pl.Int64, "inner": pl.Struct({"x": pl.List(pl.Float64)})}),
        "groups": pl.List(pl.Struct({"name": pl.String})),
    },
)
VALUES = {
    "text": ["愛 'x'\0", None],
    "whole": [2**53, None],
    "small": [-1, None],
    "number": [float("nan"), None],
    "flag": [True, None],
    "time": [datetime(2024, 1, 2, 3, 4, 5, 678000), None],  # noqa: DTZ001
    "texts": [["a", None], None],
    "group": [{"a b": 1, "inner": {"x": [1.5, None]}}, None],
    "groups": [[{"name": "n"}, None], None],
}
COUNTERS = {"name": ["b"], "value": [1]}


def test_all_types_come_back_as_they_went_in(path: Path) -> None:
    rows = pl.DataFrame(VALUES, schema=ALL_TYPES.columns)
    with open_store(path, tables=[ALL_TYPES]) as store:
        with store.write() as con:
            insert(con, ALL_TYPES.name, rows)
        assert_frame_equal(store.query('FROM "all types"'), rows)


def test_a_type_that_is_not_stored_is_refused() -> None:
    with pytest.raises(TypeError, match="Duration"):
        ddl(Table("t", {"x": pl.Duration()}))


def test_insert_goes_by_name_and_fills_up_with_null(path: Path) -> None:
    with open_store(path, tables=[ALL_TYPES]) as store:
        with store.write() as con:
            insert(con, ALL_TYPES.name, pl.DataFrame({"flag": [False], "text": ["x"]}))
            insert(con, ALL_TYPES.name, pl.DataFrame({"texts": [None]}))
            insert(con, ALL_TYPES.name, pl.DataFrame({"text": []}))
            insert(con, ALL_TYPES.name, pl.DataFrame())
        rows = store.query('SELECT text, flag, "group" FROM "all types"').rows()
        assert rows == [("x", False, None), (None, None, None)]


def test_insert_does_not_lose_an_unknown_column(store: Store) -> None:
    with pytest.raises(duckdb.BinderException, match="nme"), store.write() as con:
        insert(con, "counters", pl.DataFrame({"nme": ["b"]}))


def test_an_exception_rolls_everything_back(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as con:  # noqa: PT012
        insert(con, "counters", pl.DataFrame(COUNTERS))
        con.execute("CREATE TABLE other (x INTEGER)")
        raise KeyError
    assert store.query("FROM counters").height == 1
    with pytest.raises(duckdb.CatalogException):
        store.query("FROM other")


def test_a_failed_statement_rolls_everything_back(store: Store) -> None:
    with pytest.raises(duckdb.Error), store.write() as con:  # noqa: PT012
        insert(con, "counters", pl.DataFrame(COUNTERS))
        con.execute("SELECT error('no')")
    assert store.query("FROM counters").height == 1


def test_reading_does_not_write(store: Store) -> None:
    with pytest.raises(duckdb.Error, match="read-only"), store.read() as con:
        insert(con, "counters", pl.DataFrame(COUNTERS))


def test_query_takes_positional_and_named_parameters(store: Store) -> None:
    assert store.query("SELECT ? AS x", ["a"]).to_dicts() == [{"x": "a"}]
    assert store.query("SELECT $x AS x", {"x": 1}).to_dicts() == [{"x": 1}]
    assert store.query("SET VARIABLE x = 1").is_empty()


def test_nothing_of_a_transaction_reaches_the_next(store: Store) -> None:
    with store.read() as con:
        con.register("mine", pl.DataFrame({"x": [1]}))
        con.execute("CREATE TEMP TABLE scratch AS FROM mine")
        con.execute("SET VARIABLE v = 1")
    for name in ("mine", "scratch"):
        with pytest.raises(duckdb.CatalogException):
            store.query(f"FROM {name}")
    assert store.query("SELECT getvariable('v') AS v")["v"].to_list() == [None]


def test_nothing_is_usable_after_the_transaction(store: Store) -> None:
    with store.read() as con:
        rows = con.sql("FROM counters")
    with pytest.raises(duckdb.Error):
        con.execute("SELECT 1")
    with pytest.raises(duckdb.Error):
        rows.fetchall()


def test_the_file_is_closed_between_transactions(store: Store, path: Path) -> None:
    with store.read() as con:
        con.execute("FROM counters")
    other = duckdb.connect(path)
    assert other.execute("SELECT value FROM counters").fetchall() == [(0,)]
    other.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_no_file_stays_open(store: Store) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    store.query("FROM counters")
    before = count()
    for _ in range(5):
        store.query("FROM counters")
        with pytest.raises(KeyError), store.write():
            raise KeyError
    assert count() == before


def test_time_is_utc_whatever_the_host_says(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with open_store(store.url, threads=1) as fresh:
            rows = fresh.query(
                "SELECT CAST(TIMESTAMPTZ '2024-01-01 12:00:00+00' AS TIMESTAMP) AS moment,"
                " date_diff('minute', CAST(now() AS TIMESTAMP), ?) AS minutes",
                [datetime.fromtimestamp(time.time(), tz=None)],  # noqa: DTZ006
            )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert rows["moment"].to_list() == [datetime(2024, 1, 1, 12)]  # noqa: DTZ001
    assert rows["minutes"].to_list() == [9 * 60]


def test_settings_reach_duckdb(path: Path) -> None:
    with open_store(path, threads=1, memory_limit="100MiB") as store:
        rows = store.query(
            "SELECT current_setting('threads') AS t, current_setting('memory_limit') AS m"
        )
    assert rows.rows() == [(1, "100.0 MiB")]


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
def test_a_transaction_within_a_transaction_is_refused(
    store: Store, outer: str, inner: str
) -> None:
    other = open_store(store.url)
    with getattr(store, outer)() as con:
        refused = pytest.raises(StoreError, match="already has a transaction open")
        with refused, getattr(other, inner)():
            pass
        assert con.execute("SELECT value FROM counters").fetchall() == [(0,)]
    assert store.query("FROM counters").height == 1


def test_transactions_on_two_stores_go_together(store: Store, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.duckdb") as other, other.write(), store.write() as con:
        insert(con, "counters", pl.DataFrame(COUNTERS))
    assert store.query("FROM counters").height == 2


def test_a_link_leads_to_the_same_lock(store: Store, path: Path) -> None:
    link = path.with_name("link.duckdb")
    link.symlink_to(path.name)
    other = open_store(link, lock_timeout=0)
    refused = pytest.raises(StoreError, match="already has a transaction")
    with store.write(), refused, other.read():
        pass


def test_a_closed_store_is_refused(store: Store) -> None:
    store.close()
    store.close()
    assert repr(store) == f"Store({store.url!r}, closed)"
    for use in (store.read, store.write):
        with pytest.raises(StoreError, match="is closed"), use():
            pass
    with pytest.raises(StoreError, match="is closed"):
        store.query("SELECT 1")


def test_the_working_directory_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store("here.duckdb") as store:
        monkeypatch.chdir("/")
        assert store.query("SELECT 1 AS x").height == 1


def test_statements_are_found_by_name_with_their_tables_quoted() -> None:
    sql = statements("tachi_data.store")
    assert 'INSERT INTO "my table" BY NAME' in sql("insert", table="my table")
    assert "-- name:" not in sql("count_rows")


def test_long_statements_stand_in_files_of_their_own() -> None:
    assert "in_game_id" in statements("tachi_data.catalogue")("keys_of_charts")


def test_queries_read_the_frames_that_they_are_given(store: Store) -> None:
    numbers = pl.DataFrame({"x": [1, 2]})
    with store.write() as con:
        found = query(con, "SELECT x + $more AS y FROM mine", {"more": 10}, mine=numbers)
        execute(con, "CREATE TABLE kept AS SELECT x + ? AS x FROM mine", [1], mine=numbers)
        assert found["y"].to_list() == [11, 12]
        assert query(con, "FROM kept ANTI JOIN mine USING (x)", mine=numbers).rows() == [(3,)]
        # Nothing else is in sight: neither frames of earlier queries nor variables around.
        for name in ("mine", "numbers", "found"):
            with pytest.raises(duckdb.CatalogException, match=name):
                query(con, f"FROM {name}")


def test_a_store_is_queried_with_frames(store: Store) -> None:
    mine = pl.DataFrame({"name": ["a", "b"]})
    found = store.query("SELECT name, value FROM mine LEFT JOIN counters USING (name)", mine=mine)
    assert sorted(found.rows()) == [("a", 0), ("b", None)]
    with pytest.raises(duckdb.CatalogException, match="mine"):
        store.query("FROM mine")


def test_a_frame_hides_a_table_of_its_name(store: Store) -> None:
    mine = pl.DataFrame({"value": [7]})
    with store.write() as con:
        assert query(con, "SELECT value FROM counters", counters=mine).rows() == [(7,)]
        assert query(con, "SELECT value FROM counters").rows() == [(0,)]


def test_a_failed_statement_says_why_and_leaves_no_frame(store: Store) -> None:
    mine = pl.DataFrame({"x": [1]})
    with store.read() as con:
        for text in ("SELECT y FROM mine", "SELECT error('why') FROM mine"):
            with pytest.raises(duckdb.Error, match="y"):
                query(con, text, mine=mine)
    with pytest.raises(duckdb.CatalogException, match="mine"):
        store.query("FROM mine")


def test_variables_of_python_are_no_tables(store: Store) -> None:
    """DuckDB would look for them in a thread of DuckLake, too, and wait there for ever."""
    local = pl.DataFrame({"n": [1]})
    with pytest.raises(duckdb.CatalogException, match="local"):
        store.query("FROM local")
    assert store.query("FROM local", local=local).height == 1


def test_a_glance_keeps_no_writer_waiting(store: Store) -> None:
    wanted = pl.DataFrame({"name": ["a"]})
    text = "SELECT value FROM counters SEMI JOIN wanted USING (name)"
    with store.glance() as con:
        assert query(con, text, wanted=wanted).item() == 0
        with store.write() as other:
            other.execute("UPDATE counters SET value = 1")
        assert query(con, text, wanted=wanted).item() == 1
        assert first_row(con, "SELECT value FROM counters WHERE name = $name", {"name": "a"}) == (
            1,
        )


def test_a_result_that_nobody_reads_frees_its_frames(store: Store) -> None:
    mine = pl.DataFrame({"x": range(100_000)})
    with store.read() as con:
        execute(con, "FROM mine", mine=mine)
        with pytest.raises(duckdb.CatalogException, match="mine"):
            query(con, "FROM mine")


def test_queries_read_columns_without_a_type_and_categories(store: Store) -> None:
    rows = pl.DataFrame(
        {
            "nothing": [None, None],
            "inside": [{"nothing": None}, None],
            "kind": pl.Series(["a", None], dtype=pl.Categorical),
        }
    )
    with store.read() as con:
        found = query(con, "SELECT nothing IS NULL AS is_null, inside, kind FROM mine", mine=rows)
        assert query(con, "FROM mine", mine=rows.head(0)).is_empty()
    assert found["is_null"].to_list() == [True, True]
    assert found["inside"].to_list() == [{"nothing": None}, None]
    assert found["kind"].to_list() == ["a", None]


def test_one_text_is_run_with_frames_of_other_types(store: Store) -> None:
    with store.read() as con:
        for values in ([1, 2], ["x", "y"], [[1.5], None]):
            assert (
                query(con, "FROM mine", mine=pl.DataFrame({"x": values}))["x"].to_list() == values
            )


def test_any_number_of_statements_can_be_told_apart(store: Store) -> None:
    with store.read() as con:
        for n in [*range(MOST_PARSED + 10), 0]:
            assert query(con, f"SELECT {n} AS n")["n"].item() == n
        assert query(con, "SET VARIABLE v = 3; SELECT getvariable('v') AS v")["v"].item() == 3
