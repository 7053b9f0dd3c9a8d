"""Full disks that are real: a small file system in memory, filled up to some pages."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tachi_data.errors import StoreError
from tachi_data.store import Store, insert, open_store

PAGE = 4096
BLOCK = 262_144 // PAGE


@dataclass(frozen=True)
class SmallDisk:
    folder: Path

    def fill(self, pages: int) -> None:
        """Leave this many pages of 4 KiB."""
        free = os.statvfs(self.folder).f_bavail
        (self.folder / "ballast").write_bytes(b"x" * PAGE * (free - pages))

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("A small file system cannot be mounted here (that needs root).")
    yield SmallDisk(folder)
    subprocess.run(["umount", folder], check=True)  # noqa: S607


@pytest.fixture
def small_store(small_disk: SmallDisk, store: Store) -> Store:
    """The common store, copied onto the small disk."""
    assert store.path is not None
    return open_store(shutil.copy(store.path, small_disk.folder))


def rows_of(worker: int) -> pl.DataFrame:
    steps = pl.int_range(2_000, eager=True)
    return pl.DataFrame({"step": steps.hash(worker) % 2**40}).select(
        worker=pl.lit(worker), step=pl.col("step").cast(pl.Int64)
    )


def workers(store: Store) -> list[int]:
    found = store.query("SELECT worker, count(*) AS rows FROM events GROUP BY ALL ORDER BY worker")
    assert found["rows"].unique().to_list() in ([], [2_000])
    return found["worker"].to_list()


def names(store: Store) -> set[str]:
    assert store.path is not None
    found = {p.name.removeprefix(store.path.name) for p in store.path.parent.iterdir()}
    return found - {"ballast", "", ".lock", ".queue"}


def test_each_transaction_on_a_full_disk_is_told_the_truth(
    small_disk: SmallDisk, small_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    done, messages = [], []
    caplog.set_level(logging.WARNING, "tachi_data.store")
    # Room for the copies and the log of a transaction, but not for another block.
    small_disk.fill(2 * BLOCK + 8)
    for worker in range(40):
        try:
            with small_store.write() as con:
                insert(con, "events", rows_of(worker))
        except StoreError as error:
            messages.append(str(error))
        else:
            done.append(worker)
        if len(messages) == 2:
            break
    assert done
    assert len(messages) == 2
    assert all("Nothing was changed" in message for message in messages)
    assert workers(small_store) == done
    assert "a checkpoint is due" in caplog.text
    small_disk.make_room()
    with small_store.write() as con:
        insert(con, "events", rows_of(100))
    assert workers(small_store) == [*done, 100]
    assert names(small_store) == set()


@pytest.mark.parametrize("pages", [0, 1, BLOCK // 2, BLOCK + 2])
def test_no_room_for_the_copies_changes_nothing(
    small_disk: SmallDisk, small_store: Store, pages: int
) -> None:
    small_disk.fill(pages)
    with (
        pytest.raises(StoreError, match=r"Nothing was changed, since .*no space left"),
        small_store.write() as con,
    ):
        insert(con, "events", rows_of(1))
    assert names(small_store) == set()
    assert workers(small_store) == []
    small_disk.make_room()
    with small_store.write() as con:
        insert(con, "events", rows_of(2))
    assert workers(small_store) == [2]


def test_a_store_is_not_made_on_a_full_disk(small_disk: SmallDisk) -> None:
    small_disk.fill(4)
    path = small_disk.folder / "new.duckdb"
    with pytest.raises(StoreError, match="cannot be"):
        open_store(path)
    small_disk.make_room()
    assert sorted(p.name for p in small_disk.folder.iterdir()) == [
        "new.duckdb.lock",
        "new.duckdb.queue",
    ]
    open_store(path).close()


def test_a_read_only_disk_without_lock_files_is_told(
    small_disk: SmallDisk, small_store: Store
) -> None:
    assert small_store.path is not None
    for ending in (".lock", ".queue"):
        small_store.path.with_name(f"{small_store.path.name}{ending}").unlink(missing_ok=True)
    remount = ["mount", "-o", "remount,ro", str(small_disk.folder)]
    subprocess.run(remount, check=True)
    with pytest.raises(StoreError, match=r"lock files.* cannot be made .*Copy the store"):
        small_store.query("FROM counters")
