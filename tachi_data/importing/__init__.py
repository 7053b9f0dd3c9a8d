"""Importing scores: parse, convert, match, complete, publish — for one import or ten thousand at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tachi_data.importing.collector import collector_paused
from tachi_data.importing.outcomes import ImportOutcome
from tachi_data.importing.parse import ImportJob
from tachi_data.importing.stages import ImportSet
from tachi_data.store import Store

__all__ = [
    "ImportJob",
    "ImportOutcome",
    "ImportSet",
    "import_many",
    "import_scores",
    "waves",
]

Progress = Callable[[str], None]


def import_scores(
    store: Store,
    import_type: str,
    source: Any,
    *,
    user_id: int,
    user_intent: bool = True,
    options: Mapping[str, Any] | None = None,
    now: int | None = None,
    dry_run: bool = False,
    import_id: str | None = None,
) -> ImportOutcome:
    """Import scores of one user from one source.

    Args:
        store: Where the catalogue is and the scores go.
        import_type: One of `tachi_data.import_types`, such as ``file/batch-manual``.
        source: A path or the bytes of a file; the JSON body of an ``ir/`` type; recorded answers of
            the upstream for an ``api/`` type, or None to fetch them from the service that the player
            has linked (see `tachi_data.players.integrations`).
        user_id: The player; created if unknown.
        user_intent: Whether the user asked for it, only recorded.
        options: Form fields, headers and parts of the URL that the type's parser looks at.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        import_id: 40 hex digits; made up where not given.

    Raises:
        ImportFatal: The import as a whole is refused, and nothing is stored.
    """
    if isinstance(source, str) and import_type.startswith("file/"):
        source = Path(source)
    extra = {} if import_id is None else {"import_id": import_id}
    job = ImportJob(import_type, source, user_id, user_intent, options or {}, **extra)
    (outcome,) = import_many(store, [job], now=now, dry_run=dry_run)
    if outcome.fatal is not None:
        raise outcome.fatal
    return outcome


def import_many(
    store: Store,
    jobs: Sequence[ImportJob],
    *,
    now: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[ImportOutcome]:
    """Import many sources, of one or many users, as sets; one outcome per job, in their order.

    Imports of different users go through every stage together and are stored in one transaction.
    Several imports of one user are done one after the other, as their order decides.
    """
    outcomes: dict[int, ImportOutcome] = {}
    for wave in waves(jobs):
        with (
            collector_paused(),
            ImportSet(store, [jobs[i] for i in wave], now=now, dry_run=dry_run) as imports,
        ):
            done = imports.run(progress or (lambda _: None), keep_frames=False)
        outcomes.update(zip(wave, done, strict=True))
    return [outcomes[i] for i in range(len(jobs))]


def waves(jobs: Sequence[ImportJob]) -> Iterator[list[int]]:
    """Positions of jobs that can be done together: the first of each user, then the second ones."""
    nth: dict[int, int] = {}
    found: list[list[int]] = []
    for index, job in enumerate(jobs):
        turn = nth.get(job.user_id, 0)
        nth[job.user_id] = turn + 1
        if turn == len(found):
            found.append([])
        found[turn].append(index)
    yield from found
