"""``tachi-data accounts``."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import tachi_data as td
from tachi_data.cli import app
from tachi_data.errors import TachiError
from tachi_data.players.accounts import find_caller, find_user, log_in, user_documents


def run(store: Path, *command: str) -> str:
    result = CliRunner().invoke(app, ["--store", str(store), "accounts", *command])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout.strip()


def test_players_are_named_and_get_rights(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    run(path, "set", "--user", "1", "--name", "Akari")
    run(path, "set", "--user", "1", "--level", "ADMIN")
    run(path, "set", "--user", "1", "--name", "AKARI")
    with pytest.raises(TachiError, match="taken"):
        run(path, "set", "--user", "2", "--name", "akari")
    with pytest.raises(TachiError, match="there are: USER"):
        run(path, "set", "--user", "2", "--level", "KING")
    for name in ("1akari", "a", "x" * 21, "a b", "<b>"):
        with pytest.raises(TachiError, match="starts with no digit"):
            run(path, "set", "--user", "2", "--name", name)
    with td.open_store(path) as store:
        assert find_user(store, "akarI") == 1
        (user,) = user_documents(store, [1])
    assert (user["username"], user["usernameLowercase"], user["authLevel"]) == ("AKARI", "akari", 3)


def test_a_login_link_works_once(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    link = run(path, "login", "--user", "3", "--base-url", "https://scores.example/")
    start, _, code = link.partition("#code=")
    assert start == "https://scores.example/"
    with td.open_store(path) as store:
        secret = log_in(store, code)
        assert secret is not None
        assert log_in(store, code) is None
        caller = find_caller(store, secret, is_session=True)
        assert caller is not None
        assert (caller.user_id, caller.is_admin) == (3, False)
        assert find_caller(store, secret) is None
    raw = path.read_bytes()
    assert secret.encode() not in raw
    assert code.encode() not in raw
