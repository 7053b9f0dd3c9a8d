"""Sets of which one member breaks the whole: it is found by halving, and fails alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from tachi_data.errors import StoreError

log = logging.getLogger("tachi_data.importing")
Item = TypeVar("Item")
Result = TypeVar("Result")


def halved(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Sequence[Result]]
) -> list[Result | Exception]:
    """Do all items at once; where that fails, each half of them, until an item fails alone.

    Args:
        items: The items to do. A set that fails must leave nothing behind.
        work: Does a set and returns one result per item.

    Returns:
        The result of each item, or the exception with which it failed alone. A StoreError is the fault of
        no item, and what all of them get.

    >>> halved([1, 2, 0], lambda numbers: [6 // n for n in numbers])
    [6, 3, ZeroDivisionError('integer division or modulo by zero')]
    """
    if not items:
        return []
    try:
        return list(work(items))
    except StoreError as error:
        return [error] * len(items)
    except Exception as error:
        if len(items) == 1:
            return [error]
        log.warning("a set of %d failed and is halved: %s", len(items), error)
        middle = len(items) // 2
        return [*halved(items[:middle], work), *halved(items[middle:], work)]
