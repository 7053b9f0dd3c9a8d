"""What time it is."""

from __future__ import annotations

import time


def unix_ms() -> int:
    """The time, in Unix milliseconds."""
    return time.time_ns() // 1_000_000
