"""The timetable of the flows. ``python -m pipelines.schedules`` serves it on this machine.

=================  ====================  ============================================================
deployment         when (UTC)            does
=================  ====================  ============================================================
nightly            every day at 04:00    brings the catalogue up to date, then tries orphans
inbox              every minute          imports the files of the inbox
accepted           every minute, asked   does imports that the service accepted (`TACHI_DEPLOYMENT`)
import-from-api    every 6 hours         fetches from the services that players linked
maintain           Sundays at 05:00      merges the small files of a DuckLake; a file needs none of it
verify             Sundays at 06:00      recomputes derived rows, shows the differences
deorphan           by hand               tries all orphans again
ingest             by hand               takes in an export of orphans; they wait for a run
reprocess-history  by hand               takes in an export of orphans and tries them
=================  ====================  ============================================================
"""

from __future__ import annotations

import os
import sys
from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment

from pipelines._catalogue import ready
from pipelines.deorphan import deorphan, nightly
from pipelines.import_files import import_files
from pipelines.import_from_api import import_from_api
from pipelines.maintain import maintain
from pipelines.process_accepted import process_accepted
from pipelines.reprocess_history import ingest_orphans, reprocess_history
from pipelines.verify import verify

STORE = os.environ.get("TACHI_STORE", "tachi.duckdb")
INBOX = os.environ.get("TACHI_INBOX", "inbox")
SPOOL = os.environ.get("TACHI_SPOOL", "spool")
CATALOGUE = os.environ.get("TACHI_CATALOGUE", "data/sample/catalogue")


Deployment = tuple[Flow[..., Any], str, dict[str, Any]]
STORED: dict[str, Any] = {"store": STORE}
# Before the first import a store gets this catalogue.
IMPORTING: dict[str, Any] = STORED | {"catalogue": CATALOGUE}
EXPORTED: dict[str, Any] = STORED | {"export": "orphan-scores.ndjson"}
ALONE: dict[str, Any] = {"concurrency_limit": 1}
DEPLOYMENTS: tuple[Deployment, ...] = (
    (
        nightly,
        "nightly",
        {"cron": "0 4 * * *", "parameters": STORED | {"source": CATALOGUE}, **ALONE},
    ),
    (import_files, "inbox", {"interval": 60, "parameters": IMPORTING | {"folder": INBOX}, **ALONE}),
    (process_accepted, "accepted", {"interval": 60, "parameters": IMPORTING | {"spool": SPOOL}}),
    (
        import_from_api,
        "import-from-api",
        {"cron": "30 */6 * * *", "parameters": IMPORTING, **ALONE},
    ),
    (maintain, "maintain", {"cron": "0 5 * * 0", "parameters": STORED, **ALONE}),
    (verify, "verify", {"cron": "0 6 * * 0", "parameters": STORED, **ALONE}),
    (deorphan, "deorphan", {"parameters": STORED, **ALONE}),
    (ingest_orphans, "ingest", {"parameters": EXPORTED}),
    (reprocess_history, "reprocess-history", {"parameters": EXPORTED}),
)


def deployments() -> list[RunnerDeployment]:
    """Return the deployments of the table."""
    made = (flow.to_deployment(name, tags=["tachi"], **when) for flow, name, when in DEPLOYMENTS)
    return [deployment for deployment in made if isinstance(deployment, RunnerDeployment)]


if __name__ == "__main__":
    for problem in ready(STORE, CATALOGUE):
        print(problem, file=sys.stderr)  # noqa: T201
    serve(*deployments())
