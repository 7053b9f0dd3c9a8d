"""What a writer is told when its file goes away, and what must be on the disk before a commit."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from tachi_data.errors import StoreError
from tachi_data.store import Store, open_store


def value(store: Store) -> int:
    return int(store.query("SELECT value FROM counters")["value"].item())


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_store_that_goes_away_before_the_commit_is_noticed(
    store: Store, path: Path, is_replaced: bool
) -> None:
    other = Path(shutil.copy(path, path.with_name("other.duckdb")))
    with pytest.raises(StoreError, match=r"Nothing was changed, since .* replaced or deleted"):  # noqa: PT012, SIM117
        with store.write() as con:
            con.execute("UPDATE counters SET value = 5")
            if is_replaced:
                other.replace(path)
            else:
                path.unlink()
    if not is_replaced:
        assert not path.exists()
        other.replace(path)
    assert value(store) == 0
    assert not path.with_name("test.duckdb.before").exists()


def test_a_store_that_goes_away_during_the_commit_is_noticed(store: Store, path: Path) -> None:
    other = Path(shutil.copy(path, path.with_name("other.duckdb")))
    copies = path.with_name("test.duckdb.before")

    def replace_during_commit() -> None:
        while not copies.exists():
            pass
        other.replace(path)

    thief = threading.Thread(target=replace_during_commit, daemon=True)
    gone = pytest.raises(StoreError, match="the changes of this transaction are lost")
    with gone, store.write() as con:
        con.execute("UPDATE counters SET value = 5")
        con.execute(
            "INSERT INTO events SELECT (hash(range) // 9)::BIGINT, range FROM range(2_000_000)"
        )
        thief.start()
    thief.join()
    assert value(store) == 0
    with store.write() as con:
        con.execute("UPDATE counters SET value = 6")
    assert value(store) == 6
    assert not copies.exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_names_are_on_the_disk_before_they_are_relied_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(number: int) -> None:
        fsync(number)
        synced.append(os.readlink(f"/proc/self/fd/{number}"))  # noqa: PTH115

    monkeypatch.setattr(os, "fsync", noted)
    with open_store(path) as store:
        assert synced == [str(path.parent)]
        synced.clear()
        with store.write() as con:
            con.execute("CREATE TABLE t (x INTEGER)")
    assert synced == [f"{path}.before", str(path.parent)]
