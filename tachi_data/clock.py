"""The clock."""

from __future__ import annotations

import time


def unix_ms() -> int:
    """Return the time, in Unix milliseconds.

    >>> unix_ms() > 1_700_000_000_000
    True
    """
    return time.time_ns() // 1_000_000
