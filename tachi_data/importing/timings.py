"""How long the steps of an import took."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

STEPS = ("parse", "import", "session", "pb", "ugs", "goal", "quest")


class Timings:
    """Milliseconds per step, measured by a clock that never jumps. Some steps are done at the same time."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time spent inside to a step."""
        started = time.perf_counter()
        yield
        self.steps[name] = self.steps.get(name, 0.0) + (time.perf_counter() - started) * 1000

    @property
    def total(self) -> float:
        """Milliseconds since the beginning."""
        return (time.perf_counter() - self._started) * 1000

    def document(self, datapoints: pl.DataFrame) -> str:
        """JSON text: ``abs`` per step, ``rel`` per datapoint that was not skipped (null for none)."""
        absolute = {name: self.steps.get(name, 0.0) for name in STEPS}
        handled = datapoints.filter(pl.col("outcome") != "Skipped").height
        relative = {"import": absolute["import"] / handled if handled else None}
        return json.dumps({"total": self.total, "abs": absolute, "rel": relative})
