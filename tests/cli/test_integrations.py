"""``tachi-data integrations`` and ``sync``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app
from tachi_data.errors import StoreError, TachiError
from tachi_data.players import integrations


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TACHI_KEY", integrations.new_key())
    return tmp_path / "store.duckdb"


def run(store: Path, *command: str, given: str = "") -> str:
    result = CliRunner().invoke(app, ["--store", str(store), *command], input=given)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_link_is_set_shown_and_removed(store: Path) -> None:
    shown = run(
        store, "integrations", "set", "cg/dev", "--user", "1", given="E004" * 4 + "\n4321\n"
    )
    assert "4321" not in shown
    (row,) = json.loads(run(store, "integrations", "show", "--json"))
    assert (row["user_id"], row["service"]) == (1, "cg/dev")
    with td.open_store(store) as opened:
        assert integrations.credentials_of(opened, 1, "cg/dev") == {
            "cardID": "E004" * 4,
            "pin": "4321",
        }
        raw = opened.query("SELECT credentials FROM integrations")["credentials"][0]
    assert "4321" not in raw
    assert b"E004E004" not in store.read_bytes()
    run(store, "integrations", "remove", "cg/dev", "--user", "1")
    with pytest.raises(TachiError, match="has not linked"):
        run(store, "integrations", "remove", "cg/dev", "--user", "1")


def test_what_is_wrong_is_said_without_repeating_it(store: Path) -> None:
    with pytest.raises(TachiError, match="pin: expected") as raised:
        run(store, "integrations", "set", "cg/dev", "--user", "1", given="E004" * 4 + "\nhunter2\n")
    assert "hunter2" not in str(raised.value)
    with pytest.raises(TachiError, match="there are: "):
        run(store, "integrations", "set", "nowhere", "--user", "1")


def test_another_key_is_told_apart_and_an_old_one_still_read(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = integrations.new_key(), run(store, "integrations", "new-key").strip()
    with td.open_store(store) as opened:
        monkeypatch.setenv("TACHI_KEY", old)
        integrations.link(opened, 1, "myt", {"cardAccessCode": "1" * 20})
        monkeypatch.setenv("TACHI_KEY", new)
        with pytest.raises(TachiError, match="not the key"):
            integrations.credentials_of(opened, 1, "myt")
        monkeypatch.setenv("TACHI_KEY", f"{new},{old}")
        assert integrations.credentials_of(opened, 1, "myt") == {"cardAccessCode": "1" * 20}


def test_sync_names_what_can_be_fetched(store: Path) -> None:
    with pytest.raises(TachiError, match="api/myt-wacca"):
        run(store, "sync", "file/batch-manual", "--user", "1")
    with pytest.raises(td.ImportFatal, match="is not linked"):
        run(store, "sync", "api/myt-wacca", "--user", "1")


def test_credentials_are_encrypted_again_with_the_first_key(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = integrations.new_key(), integrations.new_key()
    card = {"cardID": "E004" * 4, "pin": "4321"}
    monkeypatch.setenv("TACHI_KEY", old)
    with td.open_store(store) as opened:
        integrations.link(opened, 1, "cg/dev", card)
    monkeypatch.setenv("TACHI_KEY", new)
    with pytest.raises(TachiError, match="all the keys"):
        run(store, "integrations", "reencrypt")
    monkeypatch.setenv("TACHI_KEY", f"{new},{old}")
    assert "1 link again" in run(store, "integrations", "reencrypt")
    monkeypatch.setenv("TACHI_KEY", new)
    with td.open_store(store) as opened:
        assert integrations.credentials_of(opened, 1, "cg/dev") == card


def test_a_backup_is_a_store_and_can_take_the_place_of_the_old_one(store: Path) -> None:
    from tachi_data.players.locks import acquire

    with td.open_store(store) as opened:
        integrations.link(opened, 1, "cg/dev", {"cardID": "E004" * 4, "pin": "4321"})
        with opened.write() as con:
            acquire([1, 2], "one", con)
        saved = store.with_name("saved.duckdb")
        run(store, "store", "backup", str(saved))
        with opened.write() as con:
            con.execute("DELETE FROM integrations")
    with pytest.raises(StoreError, match="there already"):
        run(store, "store", "backup", str(saved))
    saved.replace(store)
    (row,) = json.loads(run(store, "integrations", "show", "--json"))
    assert row["service"] == "cg/dev"
    held = json.loads(run(store, "store", "locks", "--free", "1", "--json"))
    assert [(lock["user_id"], lock["is_held"]) for lock in held] == [(2, True)]
    assert [path.name for path in store.parent.glob(".tachi-backup-*")] == []
