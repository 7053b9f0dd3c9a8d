"""Pieces of work that take turns, and the ratios of what they cost."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median


class Stopwatch:
    """The processor and wall seconds of named pieces of work; the first turn of each is not counted."""

    def __init__(self) -> None:
        self._spent: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def timed(self, name: str, work: Callable[[], object]) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        work()
        spent = time.process_time() - processor, time.perf_counter() - wall
        self._spent[name].append(spent)

    def processor(self, name: str) -> float:
        return median(processor for processor, _ in self._spent[name][1:])

    def wall(self, name: str) -> float:
        return median(wall for _, wall in self._spent[name][1:])

    def ratio(self, one: str, other: str, most: float) -> float:
        """The ratio of processor times, which is told with that of wall times."""
        ratio = self.processor(one) / self.processor(other)
        wall = self.wall(one) / self.wall(other)
        print(f"\n{one} against {other}: {ratio:.2f} (wall {wall:.2f}), at most {most}")
        return ratio
