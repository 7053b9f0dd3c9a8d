"""Notices about runs. ``python -m pipelines.notifications URL`` sets them up on the Prefect server.

The server then sends a JSON object with the members ``text`` and ``content`` to the URL, when a run of the
project has failed or crashed, or ended in the state ``Attention``: files were refused or misplaced, or there
is no catalogue. Slack, Mattermost and Discord read such an object. A second call changes the URL.
"""

from __future__ import annotations

import argparse
from typing import Any

from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from pipelines._outcome import ATTENTION

NAME = "tachi-notices"
STATES = ("Failed", "Crashed", "TimedOut", ATTENTION)
TAG = "tachi"
SUBJECT = "{{ flow.name }}: {{ flow_run.state.name }}"
BODY = (
    "{{ flow.name }}: {{ flow_run.name }} ({{ flow_run.state.name }})\n{{ flow_run.state.message }}"
)


def notify(url: str) -> Automation:
    """Send notices about runs of the deployments to this URL, instead of one that was set up before."""
    payload: dict[str, Any] = {"text": "{{body}}", "content": "{{body}}"}
    block = CustomWebhookNotificationBlock(name=NAME, url=url, json_data=payload)
    block_id = block.save(NAME, overwrite=True)
    automation = Automation(
        name=NAME,
        description="Runs that failed, or that a person should look at.",
        trigger=EventTrigger(
            expect={f"prefect.flow-run.{state}" for state in STATES},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=ResourceSpecification({"prefect.resource.id": f"prefect.tag.{TAG}"}),
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=0,
        ),
        actions=[SendNotification(block_document_id=block_id, subject=SUBJECT, body=BODY)],
    )
    with get_client(sync_client=True) as client:
        for old in client.read_automations_by_name(NAME):
            client.delete_automation(old.id)
    created = automation.create()
    assert isinstance(created, Automation)
    return created


def main() -> None:
    """Set up the notices of the command line's URL."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.notifications", description=__doc__)
    parser.add_argument("url", help="where notices are sent, such as a webhook of Slack or Discord")
    url = parser.parse_args().url
    notify(url)
    print(f"Runs that fail, or need attention, are told to {url}.")  # noqa: T201


if __name__ == "__main__":
    main()
