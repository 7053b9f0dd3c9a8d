"""Orphans as answers show them: pages of a player's orphans, and each with a line that says what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tachi_data.service.http.envelope import ApiError
from tachi_data.store import Store, query, statements

sql = statements("tachi_data.service")
MOST = 100
LONGEST, LONGEST_PRIMARY = 120, 80
# The first of these members that is a text names an orphan.
NAMES = (
    "data.identifier",
    "data.title",
    "data.songTitle",
    "data.hashSHA256",
    "data.sha256",
    "context.title",
    "context.identifier",
)


def orphans_page(store: Store, user_id: int, limit: int, after: int | None) -> dict[str, Any]:
    """Returns a page of a player's orphans, newest first: ``orphans`` and ``hasMore``.

    Args:
        store: The store.
        user_id: The player.
        limit: The number of orphans on the page.
        after: The ``rowID`` of the last orphan of the page before; None for the first page.

    Raises:
        ApiError: 400, there is no orphan of this player with that ``rowID``.
    """
    values = {"user": user_id, "after": after}
    with store.read() as con:
        if after is not None and query(con, sql("orphan_cursor"), values).is_empty():
            raise ApiError(400, "Invalid pagination cursor.")
        wanted = {**values, "orphan": None, "limit": limit + 1}
        rows = query(con, sql("orphans_page"), wanted)
    found = [_shown(row) for row in rows.head(limit).iter_rows(named=True)]
    return {"orphans": found, "hasMore": rows.height > limit}


def orphan_of(store: Store, user_id: int, orphan_id: str) -> dict[str, Any] | None:
    """Returns a waiting orphan of a player with ``data`` and ``context``; None where there is none."""
    wanted = {"user": user_id, "after": None, "orphan": orphan_id, "limit": 1}
    rows = store.query(sql("orphans_page"), wanted)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    texts = {name: json.loads(row[name]) for name in ("data", "context")}
    return _shown(row) | texts


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    members = {name: value for name, value in row.items() if name not in ("data", "context")}
    return members | {"summary": summary(json.loads(row["data"]), json.loads(row["context"]))}


def summary(data: Any, context: Any) -> str | None:
    """Returns a line that says what an orphan is; None where nothing names it.

    >>> summary({"title": "Paper Lantern", "artist": "Nobody", "difficulty": "HARD"}, {})
    'Paper Lantern (Nobody · HARD)'
    >>> summary({}, {"chart": {"sha256": "0123456789abcdef0123"}})
    'sha256:0123456789abcdef...'
    """
    sources = {"data": data, "context": context}
    primary = next((text for name in NAMES if (text := _text(sources, name))), None)
    if primary is None and (sha256 := _text(sources, "context.chart.sha256")):
        primary = f"sha256:{sha256[:16]}..."
    if primary is None:
        return None
    artist = _text(sources, "data.artist") or _text(sources, "context.chart.artist")
    extras = [text for text in (artist, _text(sources, "data.difficulty")) if text]
    if extras:
        primary = f"{_cut(primary, LONGEST_PRIMARY)} ({' · '.join(extras)})"
    return _cut(primary, LONGEST)


def _text(value: Any, path: str) -> str | None:
    """Returns the text at a path of members; None where there is no text, or an empty one."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value.strip() else None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
