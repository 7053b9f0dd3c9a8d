"""Sets of which one member breaks the whole: it is found by halving, and fails alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

log = logging.getLogger("tachi_data.importing")
Item = TypeVar("Item")
Result = TypeVar("Result")


class Sliceable(Protocol):
    """A list of items, or a frame with one row for each."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> Any: ...


Items = TypeVar("Items", bound=Sliceable)


def halved(
    items: Items,
    work: Callable[[Items], Result],
    alone: Callable[[Items, Exception], Result],
    faults_of_no_item: tuple[type[Exception], ...] = (),
) -> list[Result]:
    """Do all items at once; where that fails, each half of them, until an item fails alone.

    Args:
        items: A list, or a frame with one row for each item. A set that fails must leave nothing behind.
        work: Does a set.
        alone: What becomes of a single item that failed.
        faults_of_no_item: Exceptions that halving would not cure: they are raised.

    Returns:
        What ``work`` or ``alone`` returned, in the order of the items.

    >>> halved([1, 2, 0], lambda some: [6 // n for n in some], lambda one, error: [error])
    [[6], [3], [ZeroDivisionError('integer division or modulo by zero')]]
    """
    if not len(items):
        return []
    try:
        return [work(items)]
    except faults_of_no_item:
        raise
    except Exception as error:
        if len(items) == 1:
            return [alone(items, error)]
        log.warning("a set of %d failed and is halved: %s", len(items), error)
        middle = len(items) // 2
        halves: tuple[Items, Items] = items[:middle], items[middle:]
        return [r for half in halves for r in halved(half, work, alone, faults_of_no_item)]


def each(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Sequence[Result | Exception]],
    faults_of_no_item: tuple[type[Exception], ...] = (),
) -> list[Result | Exception]:
    """Do items as `halved` does; returns the result of each, or the exception with which it failed.

    >>> each([1, 2, 0], lambda numbers: [6 // n for n in numbers])
    [6, 3, ZeroDivisionError('integer division or modulo by zero')]
    """

    def done(some: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return work(some)
        except faults_of_no_item as error:
            return [error] * len(some)

    parts = halved(items, done, lambda _, error: [error])
    return [result for part in parts for result in part]
