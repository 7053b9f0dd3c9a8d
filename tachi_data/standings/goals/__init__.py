"""Goals and quests: the subscriptions of players, and their progress."""

from __future__ import annotations

from tachi_data.standings.goals.questlines import questline_progress
from tachi_data.standings.goals.subscriptions import subscribe, unsubscribe

__all__ = ["questline_progress", "subscribe", "unsubscribe"]
