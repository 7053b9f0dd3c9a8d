"""Links of players to other score services, so that their scores can be fetched from there.

What a link needs (a card and its PIN, tokens) is stored encrypted; the key is the environment variable
``TACHI_KEY``, several with commas in between while an old one is replaced. It is neither stored nor
logged, and nor is what it protects. How a service is reached is in environment variables, too, which
its import types declare.
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
from tachi_data.store import Store, insert, statements

sql = statements("tachi_data.players")

TIME = pl.Datetime("ms")


def services() -> dict[str, Service]:
    """The services that can be linked, by ID."""
    found = (kind.service for kind in all_import_types().values())
    return {service.id: service for service in found if service is not None}


def service(service_id: str) -> Service:
    """A service by its ID.

    Raises:
        TachiError: There is none.
    """
    try:
        return services()[service_id]
    except KeyError:
        known = ", ".join(services())
        raise TachiError(f"There is no service {service_id!r}; there are: {known}.") from None


def new_key() -> str:
    """A key for ``TACHI_KEY``."""
    return Fernet.generate_key().decode()


def link(store: Store, user_id: int, service_id: str, credentials: Mapping[str, str]) -> None:
    """Store what a player's link needs, in place of what was there.

    Raises:
        TachiError: A field is missing or not what it has to look like (the text does not repeat it),
            or there is no key.
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
    """Refuse what cannot be the credentials of a service.

    Raises:
        TachiError: A field is missing, not known, or not what it has to look like.
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
    """Forget a link; whether there was one."""
    with store.write() as con:
        gone = con.execute(
            sql("delete_integration"), {"user": user_id, "service": service_id}
        ).fetchall()
    return bool(gone)


def links(store: Store, user_id: int | None = None) -> pl.DataFrame:
    """The links of a player or of all, without their secrets: ``user_id, service, time_changed``."""
    return store.query(sql("integrations"), {"user": user_id})


def credentials_of(store: Store, user_id: int, service_id: str) -> dict[str, str] | None:
    """What a player's link needs, readable; None where the service is not linked.

    Raises:
        TachiError: They cannot be read, as the key is missing or another.
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


def exchange(store: Store, user_id: int, service_id: str, code: str) -> None:
    """Link a service with the code that a player brings back from its page (OAuth).

    Raises:
        TachiError: The service has no such thing.
        ImportFatal: The service did not accept the code (400), or is not set up or failed (500).
    """
    kind = service(service_id)
    if kind.exchange is None:
        raise TachiError(f"{service_id} is not linked with a code.")
    link(store, user_id, service_id, kind.exchange(code, settings_of(kind)))


def fetch(store: Store, kind: ImportType, user_id: int) -> dict[str, Any]:
    """All that a service has of a player, in the shape that the import type parses.

    Raises:
        ImportFatal: 401, the player has not linked the service; 500, it is not set up; or what the
            service answered.
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
        )
    )


def settings_of(kind: Service) -> dict[str, Any]:
    """The environment variables of a service; JSON objects are read.

    Raises:
        ImportFatal: 500, one that is needed is not set or is no JSON.
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
    """What encrypts with the first key, and decrypts with each."""
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
