"""Before the road: sources that another service has are fetched from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tachi_data.errors import ImportFatal, bare
from tachi_data.import_types import ImportType, all_import_types
from tachi_data.importing.job import ImportJob
from tachi_data.players import integrations
from tachi_data.store import Store


def fetch(
    store: Store, jobs: Sequence[ImportJob]
) -> tuple[list[ImportJob], dict[int, ImportFatal]]:
    """Fetch the sources of jobs that have none, from the services that their players linked.

    Args:
        store: Where the links of players are.
        jobs: The imports.

    Returns:
        The jobs with their sources; and the reasons why sources could not be fetched, by position.
    """
    found, refused = list(jobs), dict[int, ImportFatal]()
    for i, job in enumerate(jobs):
        kind = all_import_types().get(job.import_type)
        if job.source is not None or kind is None or kind.fetch is None:
            continue
        try:
            found[i] = replace(job, source=_fetched(store, kind, job))
        except ImportFatal as fatal:
            refused[i] = bare(fatal)
    return found, refused


def _fetched(store: Store, kind: ImportType, job: ImportJob) -> dict[str, Any]:
    """Returns what is newer than the player's time stop; with the option ``ignoreTimestop``, everything."""
    everything = job.options.get("ignoreTimestop") is True
    return integrations.fetch(store, kind, job.user_id, everything=everything)
