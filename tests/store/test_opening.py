from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tachi_data.errors import StoreError
from tachi_data.store import Store, Table, insert, open_store

USERS = Table("users", {"user_id": pl.Int64()}, "One row is a player; that's all.")


def columns(store: Store, table: str) -> dict[str, str]:
    rows = store.query(
        "SELECT column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = current_database() AND table_name = ?",
        [table],
    )
    return dict(rows.rows())


def test_is_created_with_tables_comments_and_views(path: Path) -> None:
    view = "CREATE OR REPLACE VIEW players AS SELECT user_id AS player FROM users"
    with open_store(path, tables=[USERS], views=[view]) as store:
        assert (store.url, store.path) == (str(path), path)
        assert store.query("SELECT player FROM players").schema == {"player": pl.Int64}
        comments = store.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'users'")
        assert comments["comment"].to_list() == [USERS.comment]
    assert {p.name for p in path.parent.iterdir()} == {
        "test.duckdb",
        "test.duckdb.lock",
        "test.duckdb.queue",
    }


def test_opening_again_writes_nothing(path: Path) -> None:
    open_store(path, tables=[USERS]).close()
    before = path.stat().st_mtime_ns
    open_store(path, tables=[USERS]).close()
    assert path.stat().st_mtime_ns == before


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    assert open_store(path, tables=[USERS]).query("FROM users").is_empty()


def test_missing_tables_columns_and_members_are_added(path: Path) -> None:
    old = Table("scores", {"score": pl.Int64(), "ratings": pl.Struct({"bpi": pl.Float64})})
    with open_store(path, tables=[old]) as store, store.write() as con:
        insert(con, "scores", pl.DataFrame({"score": [1], "ratings": [{"bpi": 2.5}]}))
    ratings = pl.Struct({"bpi": pl.Float64, "deep": pl.Struct({"x y": pl.Int32})})
    new = Table("scores", {"score": pl.Int64(), "lamp": pl.String(), "ratings": ratings})
    with open_store(path, tables=[new, USERS]) as store:
        assert store.query("FROM users").is_empty()
        assert store.query("SELECT score, lamp, ratings FROM scores").to_dicts() == [
            {"score": 1, "lamp": None, "ratings": {"bpi": 2.5, "deep": None}}
        ]
        assert store.query("FROM scores").schema["ratings"] == ratings


def test_two_programs_with_different_tables_do_not_take_turns(path: Path) -> None:
    wider = Table("users", {"user_id": pl.Int64(), "name": pl.String()})
    for tables in ([USERS], [wider]):
        open_store(path, tables=tables).close()
    before = path.stat().st_mtime_ns
    for tables in ([USERS], [wider]):
        open_store(path, tables=tables).close()
    assert path.stat().st_mtime_ns == before
    assert set(columns(open_store(path), "users")) == {"user_id", "name"}


def test_a_retyped_column_asks_for_a_migration(path: Path) -> None:
    open_store(path, tables=[USERS]).close()
    with pytest.raises(StoreError, match="BIGINT, not VARCHAR; a migration"):
        open_store(path, tables=[Table("users", {"user_id": pl.String()})])


def test_a_struct_without_members_is_not_stored(path: Path) -> None:
    table = Table("scores", {"score": pl.Int64(), "optional": pl.Struct({})})
    for _ in range(2):
        assert columns(open_store(path, tables=[table]), "scores") == {"score": "BIGINT"}


# --- migrations ----------------------------------------------------------------------------------


@pytest.fixture
def no_migrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder without a migration: what a first version of this package has."""
    return tmp_path_factory.mktemp("none")


def test_migrations_run_once_in_order(path: Path, tmp_path: Path, no_migrations: Path) -> None:
    opened = open_store(path, tables=[USERS], migrations=no_migrations)
    with opened as store, store.write() as con:
        insert(con, "users", pl.DataFrame({"user_id": [1]}))
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "0001_rename.sql").write_text("ALTER TABLE users RENAME user_id TO player;")
    (folder / "0003_double.sql").write_text("UPDATE users SET player = player * 2;")
    renamed = Table("users", {"player": pl.Int64(), "name": pl.String()})
    for _ in range(2):
        with open_store(path, tables=[renamed], migrations=folder) as store:
            assert store.query("FROM users").to_dicts() == [{"player": 2, "name": None}]


def test_a_new_store_runs_no_migrations(path: Path, tmp_path: Path) -> None:
    (tmp_path / "0001_rename.sql").write_text("SELECT error('ran');")
    open_store(path, tables=[USERS], migrations=tmp_path).close()
    open_store(path, tables=[USERS], migrations=tmp_path).close()


def test_a_failing_migration_changes_nothing(
    path: Path, tmp_path: Path, no_migrations: Path
) -> None:
    open_store(path, tables=[USERS], migrations=no_migrations).close()
    (tmp_path / "0001_bad.sql").write_text("DROP TABLE users; SELECT error('no');")
    with pytest.raises(duckdb.Error, match="no"):
        open_store(path, tables=[USERS], migrations=tmp_path)
    left = open_store(path, tables=[USERS], migrations=no_migrations)
    assert left.query("FROM users").is_empty()


def test_a_store_of_a_newer_version_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "0007_future.sql").write_text("SELECT 1;")
    open_store(path, tables=[USERS], migrations=tmp_path).close()
    with pytest.raises(StoreError, match=r"newer version of tachi_data \(schema 7, this one knows"):
        open_store(path, tables=[USERS])


@pytest.mark.slow
def test_processes_that_migrate_together_do_it_once(
    path: Path,
    tmp_path: Path,
    no_migrations: Path,
    spawn: Callable[..., subprocess.Popen[str]],
) -> None:
    opened = open_store(path, tables=[USERS], migrations=no_migrations)
    with opened as store, store.write() as con:
        insert(con, "users", pl.DataFrame({"user_id": [1]}))
    (tmp_path / "0001_double.sql").write_text("UPDATE users SET user_id = user_id * 2;")
    program = """
from pathlib import Path
users = Table("users", {"user_id": pl.Int64(), "name": pl.String()})
open_store(path, tables=[users], migrations=Path(path).parent)
"""
    for process in [spawn(program) for _ in range(4)]:
        assert (process.communicate()[1], process.returncode) == ("", 0)
    rows = open_store(path, migrations=tmp_path).query("FROM users").to_dicts()
    assert rows == [{"user_id": 2, "name": None}]


# --- what cannot be opened -----------------------------------------------------------------------


def test_nothing_is_made_without_create(path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        open_store(path, create=False)
    assert not list(path.parent.iterdir())


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        open_store(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no folder .*gone"):
        open_store(tmp_path / "gone" / "x.duckdb")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="There is no folder"):
        open_store(tmp_path / "file" / "x.duckdb")


@pytest.mark.parametrize("content", [b"x", b"hello" * 1000, b"\0" * 8 + b"DUCK" + b"\0" * 9000])
def test_another_file_is_no_store_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"test\.duckdb (is not a DuckDB file|cannot be opened)"):
        open_store(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("size", [16_384, 131_072])
def test_other_block_sizes_are_refused_and_left_alone(path: Path, size: int) -> None:
    con = duckdb.connect()
    con.execute(f"ATTACH '{path}' AS other (BLOCK_SIZE {size})")
    con.execute("CREATE TABLE other.store_meta AS SELECT 'version' AS key, '0' AS value")
    con.close()
    before = path.read_bytes()
    with pytest.raises(
        StoreError, match=rf"has blocks of {size:,} bytes, and a store needs .*262,144"
    ):
        open_store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", ["v1.0.0", "latest"])
def test_known_storage_versions_are_read(path: Path, version: str, no_migrations: Path) -> None:
    con = duckdb.connect()
    con.execute(f"ATTACH '{path}' AS other (STORAGE_VERSION '{version}')")
    con.execute("CREATE TABLE other.store_meta AS SELECT 'version' AS key, '0' AS value")
    con.close()
    with open_store(path, tables=[USERS], migrations=no_migrations) as store:
        with store.write() as con:
            insert(con, "users", pl.DataFrame({"user_id": [1]}))
        assert store.query("FROM users").rows() == [(1,)]


def test_a_later_storage_version_is_refused_and_left_alone(store: Store, path: Path) -> None:
    content = path.read_bytes()
    later = content[:12] + (1000).to_bytes(8, "little") + content[20:]
    path.write_bytes(later)
    for use in (store.read, store.write):
        with pytest.raises(StoreError, match="storage version 1000, and tachi_data knows"), use():
            pass
    assert path.read_bytes() == later


def test_a_foreign_database_is_no_store(path: Path) -> None:
    con = duckdb.connect(path)
    con.execute("CREATE TABLE mine (x INTEGER)")
    con.close()
    with pytest.raises(StoreError, match="not a store of this project"):
        open_store(path, tables=[USERS])


@pytest.mark.parametrize("url", ["", ":memory:", "postgres://host/db"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="is no store"):
        open_store(url)


def test_a_store_that_was_removed_is_not_made_anew(store: Store, path: Path) -> None:
    path.unlink()
    for use in (store.read, store.write):
        with pytest.raises(StoreError, match="There is no store at"), use():
            pass
    assert not path.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_missing_permission_is_named(store: Store, path: Path) -> None:
    path.chmod(0o444)
    assert store.query("FROM counters").height == 1
    with pytest.raises(StoreError, match="no permission to write to"), store.write():
        pass
    path.chmod(0)
    with pytest.raises(StoreError, match="no permission to read"), store.read():
        pass
    path.parent.chmod(0o555)
    with pytest.raises(StoreError, match="no permission to make a store"):
        open_store(path.with_name("other.duckdb"))
    path.parent.chmod(0o755)


def test_a_wrong_setting_is_named(path: Path) -> None:
    with pytest.raises(StoreError, match="Memory must have a number"):
        open_store(path, memory_limit="many")
