"""API tokens: the right of a program to act for a player over HTTP. Only a hash of a token is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection

import polars as pl

from tachi_data.clock import unix_ms
from tachi_data.errors import TachiError
from tachi_data.players.users import create_users
from tachi_data.store import Store, insert, query, statements

sql = statements("tachi_data.players")

PERMISSIONS = (
    "submit_score",
    "customise_profile",
    "customise_session",
    "customise_score",
    "delete_score",
    "manage_rivals",
    "manage_targets",
    "manage_challenges",
)
TIME = pl.Datetime("ms")
MOST_IDENTIFIER = 100


class TooManyTokens(TachiError):
    """A player has as many tokens as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A player has at most {most:,} tokens; revoke one first.")


def hashed(secret: str) -> str:
    """Return the hash of a secret, which is stored in its place.

    Args:
        secret: A token, a code, or the secret of a session.

    Returns:
        The SHA-256 hash: 64 hexadecimal digits.

    Example:
        >>> hashed("secret")[:8]
        '2bb80d53'
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    store: Store,
    user_id: int,
    permissions: Collection[str] = ("submit_score",),
    *,
    identifier: str = "Custom Token",
    expires_in_s: float | None = None,
    most: int | None = None,
) -> str:
    """Make a token. Nobody can read it from the store afterwards.

    Args:
        store: The store.
        user_id: The player; created if unknown.
        permissions: The rights of the token, some of `PERMISSIONS`.
        identifier: A name for people, of at most 100 characters.
        expires_in_s: The seconds until the token is not valid any more; None for never.
        most: How many tokens the player may have, with this one; None for any number.

    Returns:
        The token: 40 hexadecimal digits.

    Raises:
        TachiError: A permission does not exist, the identifier is too long, or the player has too many tokens.

    Example:
        >>> token = create_token(store, 7, identifier="my script")
        >>> list_tokens(store, 7).select("user_id", "identifier").rows()
        [(7, 'my script')]
        >>> revoke_token(store, token), revoke_token(store, token)
        (True, False)
    """
    unknown = sorted(set(permissions) - set(PERMISSIONS))
    if unknown:
        raise TachiError(
            f"There is no permission {unknown[0]!r:.200}; there are: {', '.join(PERMISSIONS)}."
        )
    if len(identifier) > MOST_IDENTIFIER:
        raise TachiError(f"The identifier of a token has at most {MOST_IDENTIFIER} characters.")
    token = secrets.token_hex(20)
    expires = None if expires_in_s is None else int(unix_ms() + expires_in_s * 1000)
    row = pl.DataFrame(
        {
            "token_hash": [hashed(token)],
            "user_id": [user_id],
            "identifier": [identifier],
            "permissions": [sorted(permissions)],
            "time_created": [unix_ms()],
            "time_expires": [expires],
        },
        schema_overrides={"time_expires": pl.Int64, "permissions": pl.List(pl.String)},
    ).with_columns(pl.col("time_created", "time_expires").cast(TIME))
    with store.write() as con:
        if most is not None and query(con, sql("tokens"), {"user": user_id}).height >= most:
            raise TooManyTokens(most)
        insert(con, "api_tokens", row)
        create_users(pl.Series([user_id]), unix_ms(), con)
    return token


def list_tokens(store: Store, user_id: int | None = None) -> pl.DataFrame:
    """Return tokens, without their secrets.

    Args:
        store: The store.
        user_id: The player; None for all players.

    Returns:
        One row per token: ``token_id, user_id, identifier, permissions, time_created, time_expires`` (UTC).
    """
    return store.query(sql("tokens"), {"user": user_id})


def revoke_token(store: Store, token: str, user_id: int | None = None) -> bool:
    """Make a token invalid.

    Args:
        store: The store.
        token: The token itself, or its ID.
        user_id: The player whose token it is; None for any player.

    Returns:
        Whether there was such a token.
    """
    values = {"hash": hashed(token), "token": token, "user": user_id}
    with store.write() as con:
        return bool(con.execute(sql("revoke_token"), values).fetchall())
