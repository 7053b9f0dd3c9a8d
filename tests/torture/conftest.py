"""Lists what a long run has tried, for the pages about it."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest

COLUMNS = (
    "writes",
    "kill",
    "tear",
    "killed states",
    "torn states",
    "full",
    "broken",
    "random kills",
    "losses",
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a row for each operation: how many writes it has, and how many tries there were of each sort."""
    rows: dict[str, dict[str, object]] = defaultdict(dict)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                operation, is_ours, column = name.partition(": ")
                if is_ours and column in COLUMNS:
                    rows[operation][column] = value
                    failed = rows[operation].setdefault("failed", set())
                    assert isinstance(failed, set)
                    failed |= {column} if outcome == "failed" else set()
    if not os.environ.get("TACHI_TORTURE") or not rows:
        return
    terminalreporter.section("tries")
    terminalreporter.write_line(f"| operation | {' | '.join(COLUMNS)} | findings |")
    terminalreporter.write_line("| --- " * (len(COLUMNS) + 2) + "|")
    for operation, row in rows.items():
        counts = " | ".join(str(row.get(column, "")) for column in COLUMNS)
        failed = row["failed"]
        assert isinstance(failed, set)
        words = ", ".join(sorted(failed)) or "none"
        terminalreporter.write_line(f"| {operation} | {counts} | {words} |")
