"""Shards of orphans: the players are dealt out, so that shards do not touch each other's players."""

from __future__ import annotations

from collections import Counter

from prefect import task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines._runners import all_done, runner
from tachi_data.store import statements

sql = statements("pipelines")

COUNTERS = ("processed", "success", "failed", "removed", "deferred")
# The counters of runs over orphans, and the IDs of these runs.
Tried = tuple[dict[str, int], list[str]]


@task(cache_policy=NO_CACHE, task_run_name="shard {shard} of {shards}")
def reprocess_shard(store: str, shard: int, shards: int) -> Tried:
    """Try the orphans of one shard's players; returns the counters of the run.

    Players whose import is running are put off (`deferred`), not the whole shard.
    """
    with td.open_store(store, lock_timeout=None) as opened:
        players = opened.query(sql("players_of_shard"), {"shard": shard, "shards": shards})
        report = td.reprocess_orphans(opened, players["user_id"].to_list(), defer_busy=True)
    return tried(report)


def tried(report: td.OrphanReport) -> Tried:
    """The counters of a run, and its ID."""
    return {counter: getattr(report, counter) for counter in COUNTERS}, [report.run_id]


def reprocess_all(store: str, shards: int, dask_address: str | None) -> Tried:
    """Try everybody's orphans, here or on the workers of a Dask scheduler."""
    with runner(dask_address) as workers:
        runs = [
            workers.submit(reprocess_shard, {"store": store, "shard": shard, "shards": shards})
            for shard in range(shards)
        ]
        done = all_done(runs, "orphans", "Shards of orphans tried")
    total = sum((Counter(counters) for counters, _ in done), Counter[str]())
    run_ids = [run_id for _, ids in done for run_id in ids]
    return {counter: total[counter] for counter in COUNTERS}, run_ids
