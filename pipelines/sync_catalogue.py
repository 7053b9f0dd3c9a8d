"""Bring the catalogue up to date, from a git repository or a folder."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts
from pipelines._outcome import ended, listed


@task(cache_policy=NO_CACHE, task_run_name="fetch and load", retries=3, retry_delay_seconds=60)
def fetch_and_load(store: td.Store, source: str, ref: str | None) -> dict[str, int]:
    """Fetch the files and load the changes; returns the counts of songs and charts by change."""
    return td.catalogue_sync(store, source, ref=ref).counts


@flow(name="sync-catalogue", flow_run_name="catalogue from {source}")
def sync_catalogue(store: str, source: str, ref: str | None = None) -> dict[str, int]:
    """Load songs, charts, folders, goals and quests of a git repository or a folder."""
    with td.open_store(store) as opened:
        changed = fetch_and_load(opened, source, ref)
    _artifacts.counts("catalogue-changes", changed, "What changed in the catalogue")
    return ended(changed, f"catalogue: {listed(changed) or 'nothing changed'}")
