"""Fetch the scores of all players who linked a service, and import them."""

from __future__ import annotations

from collections import Counter

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

import tachi_data as td
from pipelines import _artifacts, _catalogue, _names
from pipelines._limits import at_most
from pipelines._outcome import ended, forget_nothing, listed, nothing
from tachi_data.players import integrations

WRONG = ("failed", "refused")
AT_ONCE = 2  # Runs that ask one service at the same time.


@task(
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[60, 600],
    retry_condition_fn=lambda task, run, state: isinstance(
        state.result(raise_on_failure=False), ConnectionError
    ),
    task_run_name="{import_type}",
)
def fetch_all(store: td.Store, import_type: str, user_ids: list[int]) -> dict[str, int]:
    """Fetch and import one type for all these players; returns how many imports ended how.

    If the service fails for everybody, it is asked again later: scores that were imported are known then.
    """
    kind = td.all_import_types()[import_type]
    assert kind.service is not None
    found: Counter[str] = Counter()
    with at_most(AT_ONCE, f"tachi-upstream-{kind.service.id.replace('/', '-')}"):
        jobs = [td.ImportJob(import_type, None, user_id, user_intent=False) for user_id in user_ids]
        outcomes = td.import_many(store, jobs)
        for outcome in outcomes:
            if outcome.fatal is None:
                found["imports"] += 1
                found["scores"] += len(outcome.document["scoreIDs"])
            else:
                found[f"refused ({outcome.fatal.status_code})"] += 1
                get_run_logger().warning("%s: %s", outcome.import_id, outcome.fatal.message)
    if user_ids and found["refused (500)"] == len(user_ids):
        raise ConnectionError(f"{kind.service.title} failed for all {len(user_ids):,} players.")
    return dict(found)


@flow(
    name="import-from-api",
    flow_run_name=_names.on_store("fetch into"),
    on_completion=[forget_nothing],
)
def import_from_api(store: str, catalogue: str | None = None) -> dict[str, int]:
    """Fetch the scores of all players from their linked services.

    Args:
        store: File or URL of the store.
        catalogue: Folder or Git URL that is loaded first where the store has no catalogue.
    """
    problems = _catalogue.ready(store, catalogue)
    total: Counter[str] = Counter()
    with td.open_store(store) as opened:
        linked = integrations.links(opened)
        players = {
            str(service): rows["user_id"].to_list()
            for (service,), rows in linked.partition_by("service", as_dict=True).items()
        }
        fetched = [
            k for k in td.all_import_types().values() if k.service and k.service.id in players
        ]
        for kind in fetched:
            assert kind.service is not None
            state = fetch_all(opened, kind.id, players[kind.service.id], return_state=True)
            found = state.result(raise_on_failure=False)
            total.update(found if isinstance(found, dict) else {f"failed: {kind.id}": 1})
    if not total:
        return nothing({})
    _artifacts.counts("import-from-api", total, "Imports from other services")
    problems += [f"{what}: {count:,}" for what, count in total.items() if what.startswith(WRONG)]
    return ended(dict(total), listed(total), problems)
