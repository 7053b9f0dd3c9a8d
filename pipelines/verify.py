"""Check that the stored rows follow from the scores, and show the differences."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts, _names
from pipelines._outcome import ended
from tachi_data.store import statements

sql = statements("pipelines")

SHOWN = 100
COLUMNS = ("user_id", "game", "kind", "problem", "column", "stored", "recomputed", "key")


@task(cache_policy=NO_CACHE, task_run_name="recompute")
def recompute_all(store: td.Store, repair: bool) -> int:
    """Compare the stored rows with recomputed ones; returns how many values differ."""
    total = store.query(sql("number_of_players"))["players"][0]
    advance = _artifacts.progress("verify-progress", "Players verified")
    found = td.verify(store, repair=repair, progress=lambda done: advance(done, total))
    shown = found.select(COLUMNS).head(SHOWN)
    words = f"What differs: {shown.height:,} of {found.height:,} values"
    _artifacts.table("verify-differences", shown, words)
    return found.height


@flow(name="verify", flow_run_name=_names.on_store("verify"))
def verify(store: str, repair: bool = False) -> int:
    """Recompute all that is derived; fails if something differs and is not repaired."""
    with td.open_store(store) as opened:
        differences = recompute_all(opened, repair)
    if differences and not repair:
        raise ValueError(
            f"{differences:,} stored values are not what follows from the scores. The artifact "
            "verify-differences shows them; a run with repair=true stores what was recomputed."
        )
    return ended(differences, f"verify: {differences:,} values differed")
