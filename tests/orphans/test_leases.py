"""Leases of a machine whose clock was a year ahead end all the same, by the clock of the process that looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import tachi_data as td
from tachi_data.orphans import run_state
from tachi_data.players import locks
from tests.conftest import Open

YEAR_MS = 365 * 86_400_000
LEASE_S = locks.LEASE_MS / 1000


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass on the clock that nobody sets."""
    now = [1000.0]
    monkeypatch.setattr(locks.time, "monotonic", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def test_a_lock_is_free_if_it_is_not_renewed_for_as_long_as_a_lease(
    new_store: Open, wait: Callable[[float], None]
) -> None:
    store = new_store({})

    def is_held() -> bool:
        with store.write() as con:
            return not locks.holders([7], con).is_empty()

    def renew() -> None:
        with store.write() as con:
            assert locks.acquire([7], "far ahead", con, lease_ms=YEAR_MS) == {7}

    renew()
    assert is_held()
    wait(LEASE_S - 1)
    assert is_held()
    renew()
    wait(2)
    assert is_held()
    wait(LEASE_S)
    assert not is_held()
    with store.write() as con:
        assert locks.acquire([7], "another", con) == {7}
        assert locks.acquire([7], "far ahead", con) == set()


def test_a_run_of_a_dead_process_goes_on_whatever_its_clock_was(
    new_store: Open, wait: Callable[[float], None]
) -> None:
    store = new_store({})
    with store.write() as con:
        run = run_state.new_run("all", None, 0, con)
        run_state.save(run, "RUNNING", con)
        con.execute("UPDATE orphan_runs SET lease_until = lease_until + INTERVAL 1 YEAR")
    for _ in range(2):
        with pytest.raises(td.TachiError, match="already"):
            td.reprocess_orphans(store)
        wait(LEASE_S - 1)
    wait(2)
    assert td.reprocess_orphans(store).run_id == run.run_id
