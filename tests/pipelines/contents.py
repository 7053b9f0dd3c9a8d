"""What a store holds, so that two stores can be compared row by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tachi_data as td

# What differs from run to run: IDs and names that are drawn, and when something was done.
VOLATILE = {"importID", "sessionID", "timeAdded", "timeInserted", "timeStarted", "timeFinished"}
DRAWN = {
    "sessions": {"name"},
    "classAchievements": {"timeAchieved"},
    # Of equal scores the one stored first is ahead.
    "pbs": {"rankingData"},
}
KINDS = ("scores", "pbs", "sessions", "gameStats", "classAchievements", "orphans")


def documents(store: Path | str, kind: str) -> list[dict[str, Any]]:
    """Stored documents, without what differs from run to run, in an order of their own."""
    with td.open_store(store) as opened:
        found = td.export_documents(opened, kind)
    dropped = VOLATILE | DRAWN.get(kind, set())
    kept = [{k: v for k, v in d.items() if k not in dropped} for d in found]
    return sorted(kept, key=lambda d: json.dumps(d, sort_keys=True))


def everything(store: Path | str) -> dict[str, list[dict[str, Any]]]:
    """All documents of all kinds that a player has."""
    return {kind: documents(store, kind) for kind in KINDS}
