"""The inbox: one file or folder that cannot be handled never stops the others."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import tachi_data as td
from pipelines import _inbox
from tests.service.servers import EMPTY
from tests.stores import open_new


def put(inbox: Path, player: str, name: str) -> Path:
    path = inbox / player / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(EMPTY)
    return path


def test_a_folder_that_no_player_can_have_is_set_aside(tmp_path: Path) -> None:
    huge = "9" * 20
    put(tmp_path, huge, "a.json")
    good = put(tmp_path, "7", "b.json")
    assert _inbox.files(tmp_path, "*", "file/batch-manual") == [good]
    assert _inbox.set_aside(tmp_path, "file/batch-manual") == 1
    assert (tmp_path / "failed" / huge / "a.json").read_bytes() == EMPTY
    assert "no player" in (tmp_path / "failed" / f"{huge}.reason.txt").read_text()
    assert _inbox.set_aside(tmp_path, "file/batch-manual") == 0


def test_a_long_name_is_shortened_and_a_file_that_is_gone_stops_no_other(tmp_path: Path) -> None:
    paths = [put(tmp_path, "7", f"{'é' * 120}.json")]
    paths += [put(tmp_path, "8", "gone.json"), put(tmp_path, "9", "last.json")]
    with open_new(tmp_path / "store.duckdb") as store:
        jobs = [_inbox.job(tmp_path, path, "file/batch-manual", {}) for path in paths]
        outcomes = [*td.import_many(store, jobs)]
    paths[1].unlink()
    total = _inbox.settle(tmp_path, paths, outcomes)
    assert total["files that cannot be moved"] == 1
    (long,) = (tmp_path / "done" / "7").glob("*.json.document.json")
    assert len(long.name.encode()) <= 255
    assert list((tmp_path / "done" / "9").glob("*last.json"))
    assert not paths[0].exists()


def test_options_that_cannot_be_read_stop_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken disk, as root may read every file: reading one file of options fails."""
    wrong, good = put(tmp_path, "7", "a.json"), put(tmp_path, "8", "b.json")
    options = wrong.with_name("options.json")
    options.write_text("{}")
    read = Path.read_bytes

    def failing(path: Path) -> bytes:
        if path == options:
            raise OSError(errno.EIO, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", failing)
    found, refused = _inbox.without_wrong_options(tmp_path, [wrong, good])
    assert found == [good]
    assert refused == {wrong: f"{options} cannot be read: Input/output error."}
    (reason,) = (tmp_path / "failed" / "7").glob("*-a.json.reason.txt")
    assert reason.read_text() == refused[wrong]


def test_a_file_that_cannot_be_set_aside_stops_no_other(tmp_path: Path) -> None:
    wrong, good = put(tmp_path, "7", "a.json"), put(tmp_path, "8", "b.json")
    wrong.with_name("options.json").write_text("[]")
    huge = put(tmp_path, "9" * 20, "a.json")
    (tmp_path / "failed").write_text("in the place of the folder")
    found, refused = _inbox.without_wrong_options(tmp_path, [wrong, good])
    assert (found, list(refused)) == ([good], [wrong])
    assert wrong.exists()
    assert _inbox.set_aside(tmp_path, "file/batch-manual") == 0
    assert huge.exists()


def test_to_settle_again_changes_nothing(tmp_path: Path) -> None:
    """A run that was interrupted between two files, or after the last one, settles all of them again."""
    inbox = tmp_path / "inbox"
    paths = [put(inbox, "7", "a.json"), put(inbox, "8", "b.json")]
    paths[1].write_bytes(b"{")
    with td.open_store(tmp_path / "store.duckdb") as store:
        jobs = [_inbox.job(inbox, path, "file/batch-manual", {}) for path in paths]
        outcomes = [*td.import_many(store, jobs)]
    _inbox.settle(inbox, paths[:1], outcomes[:1])
    _inbox.settle(inbox, paths, outcomes)
    settled = {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
    assert len(settled) == 4
    _inbox.settle(inbox, paths, outcomes)
    assert settled == {path: path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
