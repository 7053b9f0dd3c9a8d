"""Links of players to other score services, so that their scores can be fetched from there.

The credentials of a link (a card and its PIN, tokens) are stored encrypted. The key is the environment variable
``TACHI_KEY``; while an old key is replaced, it holds several keys with commas in between. Neither keys nor
credentials are logged. The address of a service is in environment variables, which its import types declare.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal, TachiError
from tachi_data.import_types import ImportType, Link, Service, all_import_types
from tachi_data.players.time_stops import time_stop
from tachi_data.store import Store, insert, query, statements

sql = statements("tachi_data.players")

TIME = pl.Datetime("ms")


def services() -> dict[str, Service]:
    """Return the services that can be linked, by ID."""
    found = (kind.service for kind in all_import_types().values())
    return {service.id: service for service in found if service is not None}


def service(service_id: str) -> Service:
    """Return a service by its ID.

    Args:
        service_id: The ID, such as ``flo``.

    Raises:
        TachiError: There is no such service; the text lists all.

    Example:
        >>> service("nothing")
        Traceback (most recent call last):
            ...
        tachi_data.errors.TachiError: There is no service 'nothing'; there are: ...
    """
    try:
        return services()[service_id]
    except KeyError:
        known = ", ".join(services())
        raise TachiError(f"There is no service {service_id!r:.200}; there are: {known}.") from None


def new_key() -> str:
    """Return a new key for ``TACHI_KEY``.

    Example:
        >>> len(new_key())
        44
    """
    return Fernet.generate_key().decode()


def link(store: Store, user_id: int, service_id: str, credentials: Mapping[str, str]) -> None:
    """Store the credentials of a player's link, in place of earlier ones.

    Args:
        store: The store.
        user_id: The player.
        service_id: The ID of the service.
        credentials: The fields that `Service.credentials` declares, with their values.

    Raises:
        TachiError: A field is missing or has another form (the text does not repeat it), or there is no key.
    """
    check(service_id, credentials)
    row = pl.DataFrame(
        {
            "user_id": [user_id],
            "service": [service_id],
            "credentials": [_cipher().encrypt(json.dumps(dict(credentials)).encode()).decode()],
            "time_changed": [unix_ms()],
        }
    ).with_columns(pl.col("time_changed").cast(TIME))
    with store.write() as con:
        con.execute(sql("delete_integration"), {"user": user_id, "service": service_id})
        insert(con, "integrations", row)


def check(service_id: str, credentials: Mapping[str, object]) -> None:
    """Refuse credentials that a service cannot have.

    Args:
        service_id: The ID of the service.
        credentials: The fields and their values.

    Raises:
        TachiError: A field is missing, is not known, or has another form.
    """
    wanted = service(service_id).credentials
    unknown = sorted(set(credentials) - set(wanted))
    if unknown:
        text = f"{service_id} has no {unknown[0][:100]!r}; it needs: {', '.join(wanted)}."
        raise TachiError(text)
    for name, pattern in wanted.items():
        value = credentials.get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise TachiError(f"{name}: expected text of the form {pattern}.")


def unlink(store: Store, user_id: int, service_id: str) -> bool:
    """Delete a link with its credentials.

    Args:
        store: The store.
        user_id: The player.
        service_id: The ID of the service.

    Returns:
        Whether there was a link.

    Example:
        >>> unlink(store, 7, "flo")
        False
    """
    with store.write() as con:
        gone = con.execute(
            sql("delete_integration"), {"user": user_id, "service": service_id}
        ).fetchall()
    return bool(gone)


def links(store: Store, user_id: int | None = None) -> pl.DataFrame:
    """Return links, without their credentials.

    Args:
        store: The store.
        user_id: The player; None for all players.

    Returns:
        One row per link: ``user_id, service, time_changed`` (UTC).

    Example:
        >>> links(store, 7).columns
        ['user_id', 'service', 'time_changed']
    """
    return store.query(sql("integrations"), {"user": user_id})


def credentials_of(store: Store, user_id: int, service_id: str) -> dict[str, str] | None:
    """Return the credentials of a player's link, decrypted.

    Args:
        store: The store.
        user_id: The player.
        service_id: The ID of the service.

    Returns:
        The values by field; None if the player has not linked the service.

    Raises:
        TachiError: The key is missing, or is another one than the credentials were stored with.
    """
    rows = store.query(sql("credentials"), {"user": user_id, "service": service_id})
    if rows.is_empty():
        return None
    try:
        found: dict[str, str] = json.loads(_cipher().decrypt(rows["credentials"][0]))
    except InvalidToken:
        raise TachiError(
            "TACHI_KEY is not the key that the credentials were stored with."
        ) from None
    return found


def encrypt_again(store: Store) -> int:
    """Encrypt the credentials of all links with the first key of ``TACHI_KEY``, so that old keys can go.

    Args:
        store: The store.

    Returns:
        The number of links.

    Raises:
        TachiError: There is no key, or a link was stored with a key that is not there; nothing is changed.
    """
    cipher = _cipher()
    with store.write() as con:
        rows = query(con, sql("all_credentials"))
        try:
            # The cipher takes one text at a time.
            texts = [cipher.rotate(text).decode() for text in rows["credentials"].to_list()]
        except InvalidToken:
            raise TachiError(
                "TACHI_KEY has not all the keys that the credentials were stored with."
            ) from None
        con.execute(sql("delete_integrations"))
        stored = pl.Series("credentials", texts, dtype=pl.String)
        insert(con, "integrations", rows.with_columns(stored))
    return rows.height


def exchange(store: Store, user_id: int, service_id: str, code: str) -> None:
    """Link a service with the code that a player brings back from its page (OAuth).

    Args:
        store: The store.
        user_id: The player.
        service_id: The ID of the service.
        code: The code.

    Raises:
        TachiError: The service is not linked with a code.
        ImportFatal: The service did not accept the code (400), or is not set up or failed (500).
    """
    kind = service(service_id)
    if kind.exchange is None:
        raise TachiError(f"{service_id} is not linked with a code.")
    link(store, user_id, service_id, kind.exchange(code, settings_of(kind)))


def fetch(
    store: Store, kind: ImportType, user_id: int, *, everything: bool = False
) -> dict[str, Any]:
    """Fetch the scores that a service has of a player, as far as they are newer than the time stop.

    Args:
        store: The store.
        kind: An import type that has a service.
        user_id: The player.
        everything: Whether to fetch all scores, whatever the time stop.

    Returns:
        The answers of the service, in the shape that the import type parses.

    Raises:
        ImportFatal: 401, the player has not linked the service; 500, the service is not set up; another
            status, the service refused or failed.
    """
    assert kind.service is not None
    assert kind.fetch is not None
    try:
        credentials = credentials_of(store, user_id, kind.service.id)
    except TachiError as error:
        raise ImportFatal(500, str(error)) from None
    if credentials is None:
        text = f"{kind.service.title} is not linked."
        raise ImportFatal(401, text, code="integration_missing")
    return kind.fetch(
        Link(
            user_id,
            credentials,
            settings_of(kind.service),
            partial(link, store, user_id, kind.service.id),
            timeout_s=float(os.environ.get("TACHI_UPSTREAM_TIMEOUT_S", "60")),
            pages=int(os.environ.get("TACHI_UPSTREAM_PAGES", "500")),
            stop_ms=None if everything else time_stop(store, user_id, kind.id),
        )
    )


def settings_of(kind: Service) -> dict[str, Any]:
    """Return the environment variables of a service.

    Args:
        kind: The service.

    Returns:
        The values by variable; a text that begins like a JSON object is parsed.

    Raises:
        ImportFatal: 500, a variable that is needed is not set, or is no JSON.
    """
    found: dict[str, Any] = {}
    for name, is_needed in kind.settings.items():
        text = os.environ.get(name, "")
        if not text and is_needed:
            raise ImportFatal(500, f"{kind.title} is not set up here: {name} is not set.")
        try:
            found[name] = json.loads(text) if text.startswith("{") else text
        except ValueError:
            raise ImportFatal(500, f"{kind.title} is not set up here: {name} is no JSON.") from None
    return found


def _cipher() -> MultiFernet:
    """Return a cipher that encrypts with the first key, and decrypts with each."""
    keys = [key.strip() for key in os.environ.get("TACHI_KEY", "").split(",") if key.strip()]
    if not keys:
        raise TachiError(
            "Credentials are stored encrypted, and TACHI_KEY is not set; "
            "`tachi-data integrations new-key` makes one."
        )
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise TachiError(
            "TACHI_KEY is no key; `tachi-data integrations new-key` makes one."
        ) from None
