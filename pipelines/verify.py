"""Check that what is stored follows from the scores, and show what does not."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts

SHOWN = 1000


@task(cache_policy=NO_CACHE)
def recompute_all(store: td.Store, repair: bool) -> int:
    """Compare everything with what is recomputed; gives how many values differ."""
    total = store.query("SELECT count(*) AS players FROM users")["players"][0]
    advance = _artifacts.progress("verify-progress", "Players verified")
    found = td.verify(store, repair=repair, progress=lambda done: advance(done, total))
    _artifacts.table("verify-differences", found.head(SHOWN), "What differed")
    return found.height


@flow(name="verify", flow_run_name="verify {store}")
def verify(store: str, repair: bool = False) -> int:
    """Recompute all that is derived; fails if something differs and is not repaired."""
    with td.open_store(store) as opened:
        differences = recompute_all(opened, repair)
    if differences and not repair:
        raise ValueError(f"{differences:,} stored values are not what follows from the scores.")
    return differences
