"""Items that arrive while a set is being done form the next set; one that breaks its set fails alone."""

import threading
import time
from collections.abc import Sequence

import pytest

from tachi_data.backlog import gathering
from tachi_data.backlog.gathering import LARGE_BYTES, Gathering, Lane


def test_items_that_wait_form_the_next_set() -> None:
    sets: list[list[int]] = []
    begun, may_end = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        sets.append(list(items))
        begun.set()
        may_end.wait(10)
        return list(items)

    lane = Lane[int, int]("test", work)
    first = lane.submit(1, 1)
    begun.wait(10)
    others = [lane.submit(n, 1) for n in (2, 3)]
    may_end.set()
    assert [first.result(10), *(other.result(10) for other in others)] == [1, 2, 3]
    lane.close()
    assert sets == [[1], [2, 3]]


def test_after_a_set_of_two_the_next_one_waits_for_a_second_item(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "PATIENCE", 1000)
    sets: list[list[int]] = []
    begun, may_end = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int]:
        sets.append(list(items))
        begun.set()
        may_end.wait(10)
        time.sleep(0.01)
        return list(items)

    lane = Lane[int, int]("test", work)
    lane.submit(1, 1)
    begun.wait(10)
    both = [lane.submit(n, 1) for n in (2, 3)]
    may_end.set()
    assert [one.result(10) for one in both] == [2, 3]
    lane.submit(4, 1)
    time.sleep(0.05)
    lane.submit(5, 1).result(10)
    lane.submit(6, 1)
    lane.close()
    assert sets == [[1], [2, 3], [4, 5], [6]]


def test_an_item_that_breaks_its_set_fails_alone() -> None:
    lane = Lane[int, float]("test", lambda items: [6 / n for n in items])
    results = [lane.submit(n, 1) for n in (1, 0, 2)]
    lane.close()
    assert (results[0].result(), results[2].result()) == (6.0, 3.0)
    with pytest.raises(ZeroDivisionError):
        results[1].result()


def test_a_small_item_does_not_wait_for_a_large_one() -> None:
    may_end = threading.Event()

    def work(items: Sequence[str]) -> list[str]:
        if "large" in items:
            may_end.wait(10)
        return list(items)

    lanes = Gathering[str, str](work)
    large = lanes.submit("large", LARGE_BYTES + 1)
    assert lanes.submit("small", 1).result(10) == "small"
    assert not large.done()
    may_end.set()
    lanes.close()
    assert large.result() == "large"
