"""How a run ends: its name and its message say what came of it, and a run with nothing to do is deleted."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ObjectNotFound

# The state of a run that did its work, but that a person should look at: automations can wait for it.
ATTENTION, NOTHING = "Attention", "Nothing"
LONGEST_NAME, LONGEST_MESSAGE = 150, 2000


def ended(result: Any, told: str, problems: list[str] | None = None) -> Any:
    """Name the run by what came of it, and return its state.

    Args:
        result: What the flow returns.
        told: What came of the run, in a few words.
        problems: What a person should look at; with any, the state is named ``Attention``.
    """
    if isinstance(runtime.flow_run.id, str):
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(runtime.flow_run.id), name=told[:LONGEST_NAME])
    message = "\n".join([told, *(problems or [])])[:LONGEST_MESSAGE]
    name = ATTENTION if problems else "Completed"
    return State(type=StateType.COMPLETED, name=name, message=message, data=result)


def nothing(result: Any) -> Any:
    """Return the state of a run that had nothing to do; `forget_nothing` deletes the run."""
    return State(type=StateType.COMPLETED, name=NOTHING, message="Nothing to do.", data=result)


def forget_nothing(flow: Any, flow_run: Any, state: State[Any]) -> None:
    """Delete a run that had nothing to do: a hook of flows that are run every minute."""
    if state.name == NOTHING:
        with get_client(sync_client=True) as client, suppress(ObjectNotFound):
            client.delete_flow_run(flow_run.id)


# What a counter of a run over orphans counts.
WORDS = {
    "processed": "tried",
    "success": "became scores",
    "failed": "still wait",
    "removed": "rejected",
    "deferred": "put off",
}
OF_ONE = {"files": "file", "orphans": "orphan", "scores": "score", "wait": "waits"}
OF_ONE |= {"songs": "song", "charts": "chart", "folders": "folder", "became": "became a"}


def in_words(counter: str) -> str:
    """Return what a counter counts.

    >>> in_words("failed"), in_words("songs_changed")
    ('still wait', 'songs changed')
    """
    return WORDS.get(counter, counter.replace("_", " "))


def listed(counts: dict[str, int]) -> str:
    """Return counts in words.

    >>> listed({"ScoreImported": 1200, "refused files": 1, "SkipScore": 0})
    '1,200 ScoreImported, 1 refused file'
    >>> listed({"processed": 3, "success": 1, "failed": 2})
    '3 tried, 1 became a score, 2 still wait'
    """
    return ", ".join(counted(count, in_words(what)) for what, count in counts.items() if count)


def counted(count: int, what: str) -> str:
    """Return a number with the words of what is counted.

    >>> counted(1, "files"), counted(2, "files")
    ('1 file', '2 files')
    """
    words = [OF_ONE.get(word, word) if count == 1 else word for word in what.split()]
    return f"{count:,} {' '.join(words)}"
