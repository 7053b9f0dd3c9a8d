"""Accounts of players: names, rights and browser sessions.

Players are known by number from their first import on; an account adds a name and rights for the service.
There are no passwords: an operator makes a link (`login_code`) that logs one browser in, once. Of codes and
sessions only hashes are stored.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import TachiError
from tachi_data.players.tokens import PERMISSIONS, hashed
from tachi_data.players.users import create_users
from tachi_data.store import Store, first_row, insert, query, statements

sql = statements("tachi_data.players")

LEVELS = ("USER", "ADMIN", "BANNED")
NAME = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]{1,19}")
CODE_S, SESSION_S = 15 * 60, 30 * 24 * 60 * 60
TIME = pl.Datetime("ms")
# Clients expect these in the public document of a player; nobody can set them here.
UNKNOWN: dict[str, Any] = {
    "socialMedia": {},
    "lastSeen": None,
    "about": "",
    "status": None,
    "customPfpLocation": None,
    "customBannerLocation": None,
    "badges": [],
    "isSupporter": False,
}


@dataclass(frozen=True)
class Caller:
    """The owner of a token or session, with their rights. A token, unlike a session, is never an administrator."""

    user_id: int
    permissions: frozenset[str]
    is_session: bool = False
    is_admin: bool = False
    is_banned: bool = False
    secret_hash: str = field(default="", repr=False)


def find_caller(store: Store, secret: str, *, is_session: bool = False) -> Caller | None:
    """Find the owner of a token or of a session.

    Args:
        store: The store.
        secret: The token, or the secret of the session.
        is_session: Whether it is a session.

    Returns:
        The owner; None if the secret is not valid, or not valid any more.

    Example:
        >>> from tachi_data.players.tokens import create_token
        >>> token = create_token(store, 7)
        >>> caller = find_caller(store, token)
        >>> caller.user_id, sorted(caller.permissions)
        (7, ['submit_score'])
    """
    key = (is_session, hashed(secret))
    with store.read() as con:
        return find_callers([key], con).get(key)


def find_callers(
    keys: Collection[tuple[bool, str]], con: DuckDBPyConnection
) -> dict[tuple[bool, str], Caller]:
    """Find the owners of several tokens and sessions.

    Args:
        keys: For each token and session: whether it is a session, and the hash of its secret.
        con: A transaction.

    Returns:
        The caller by key; tokens and sessions that are not valid any more are left out.
    """
    wanted = pl.DataFrame(
        list(keys), schema={"is_session": pl.Boolean, "secret_hash": pl.String}, orient="row"
    )
    rows = query(con, sql("callers"), {"now": unix_ms()}, wanted=wanted)
    return {
        (row["is_session"], row["secret_hash"]): Caller(
            row["user_id"],
            frozenset(PERMISSIONS if row["is_session"] else row["permissions"]),
            row["is_session"],
            row["is_session"] and row["level"] == "ADMIN",
            row["level"] == "BANNED",
            row["secret_hash"],
        )
        for row in rows.iter_rows(named=True)
    }


def change_account(
    store: Store, user_id: int, *, username: str | None = None, level: str | None = None
) -> None:
    """Name a player, or change their rights.

    Args:
        store: The store.
        user_id: The player; created if unknown.
        username: The new name: 2 to 20 letters, digits, ``-`` and ``_``. None keeps the name.
        level: ``USER``, ``ADMIN`` or ``BANNED``. None keeps the level.

    Raises:
        TachiError: The name is no name or is taken (upper and lower case are the same), or there is no such
            level.

    Example:
        >>> change_account(store, 7, username="akari", level="ADMIN")
        >>> find_user(store, "Akari")
        7
    """
    if level is not None and level not in LEVELS:
        raise TachiError(f"There is no level {level!r:.200}; there are: {', '.join(LEVELS)}.")
    if username is not None and not NAME.fullmatch(username):
        raise TachiError("A name has 2 to 20 letters, digits, - and _, and starts with no digit.")
    with store.write() as con:
        create_users(pl.Series([user_id]), unix_ms(), con)
        if username is not None:
            owner = first_row(con, sql("name_owner"), {"name": username})
            if owner is not None and owner[0] != user_id:
                raise TachiError(f"The name {username} is taken.")
        values = {"user": user_id, "username": username, "level": level}
        changed = query(con, sql("changed_account"), values)
        con.execute(sql("delete_account"), {"user": user_id})
        insert(con, "accounts", changed)


def user_documents(store: Store, user_ids: list[int]) -> list[dict[str, Any]]:
    """Return the public documents of players. Nothing private is in them.

    Args:
        store: The store.
        user_ids: The players.

    Returns:
        A document for each player who is known, in the order of their IDs.
    """
    rows = store.query(sql("users"), {"ids": user_ids})
    return [UNKNOWN | user for user in rows.iter_rows(named=True)]


def find_user(store: Store, name: str) -> int | None:
    """Return the player with a number or name.

    Args:
        store: The store.
        name: A number in digits, or a name in any case.

    Returns:
        The ID of the player; None if there is no such player.
    """
    if name.isascii() and name.isdecimal():
        found = user_documents(store, [int(name)]) if len(name) < 19 else []
        return found[0]["id"] if found else None
    rows = store.query(sql("name_owner"), {"name": name})
    return None if rows.is_empty() else int(rows["user_id"][0])


def login_code(store: Store, user_id: int) -> str:
    """Make a code that logs one browser in, once, within a quarter of an hour.

    Args:
        store: The store.
        user_id: The player; created if unknown.

    Returns:
        The code: 40 hexadecimal digits.

    Example:
        >>> code = login_code(store, 7)
        >>> secret = log_in(store, code)
        >>> find_caller(store, secret, is_session=True).user_id
        7
        >>> log_in(store, code) is None
        True
    """
    return _keep(store, user_id, CODE_S, is_code=True)


def log_in(store: Store, code: str) -> str | None:
    """Use up a code, and start a session of 30 days.

    Args:
        store: The store.
        code: A code that `login_code` made.

    Returns:
        The secret of the session; None if the code is not valid.
    """
    with store.write() as con:
        owner = first_row(con, sql("use_code"), {"hash": hashed(code), "now": unix_ms()})
    return None if owner is None else _keep(store, int(owner[0]), SESSION_S, is_code=False)


def log_out(store: Store, secret: str) -> None:
    """End a session.

    Args:
        store: The store.
        secret: The secret of the session.
    """
    with store.write() as con:
        con.execute(sql("delete_session"), {"hash": hashed(secret)})


def _keep(store: Store, user_id: int, seconds: int, *, is_code: bool) -> str:
    secret, now = secrets.token_hex(20), unix_ms()
    row = pl.DataFrame(
        {
            "secret_hash": [hashed(secret)],
            "user_id": [user_id],
            "is_code": [is_code],
            "time_expires": [now + seconds * 1000],
        }
    ).with_columns(pl.col("time_expires").cast(TIME))
    with store.write() as con:
        create_users(pl.Series([user_id]), now, con)
        con.execute(sql("forget_expired"), {"now": now})
        insert(con, "web_sessions", row)
    return secret
