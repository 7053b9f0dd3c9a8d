"""Importing scores: parse, match, validate, emit. One import or ten thousand take the same road.

    parse(jobs)            -> Parsed     knows no store
    match(parsed, con)     -> Matched    reads the catalogue
    validate(matched, con) -> Judged     reads what is known of the players and charts
    emit(judged, tx)       -> Outcomes   the only stage that writes

Each is a function from a frozen value to a frozen value. `import_many` takes the road, `ImportSet` walks
it step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tachi_data.importing.collector import collector_paused
from tachi_data.importing.emit import emit
from tachi_data.importing.import_set import ImportSet
from tachi_data.importing.job import ImportJob, waves
from tachi_data.importing.match import Matched, match
from tachi_data.importing.outcomes import ImportOutcome, Outcomes
from tachi_data.importing.parse import Parsed, parse
from tachi_data.importing.validate import Judged, validate
from tachi_data.store import Store

__all__ = [
    "ImportJob",
    "ImportOutcome",
    "ImportSet",
    "Judged",
    "Matched",
    "Outcomes",
    "Parsed",
    "emit",
    "import_many",
    "import_scores",
    "match",
    "parse",
    "validate",
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
    """Import scores of one player from one source.

    Args:
        store: Where the catalogue is and the scores go.
        import_type: One of `tachi_data.import_types`, such as ``file/batch-manual``.
        source: A path or the bytes of a file; the JSON body of an ``ir/`` type; recorded answers of
            the upstream for an ``api/`` type, or None to fetch them from the service that the player
            has linked (see `tachi_data.players.integrations`).
        user_id: The player; created if unknown.
        user_intent: Whether the player asked for it; it is only recorded.
        options: Form fields, headers and parts of the URL that the type's parser looks at.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        import_id: 40 hexadecimal digits; made up where not given.

    Returns:
        The ImportDocument, and what became of each datapoint.

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
    """Import many sources, of one or many players, as sets.

    Imports of different players take the road together and are stored in one transaction. Several
    imports of one player are done one after the other, in their order.

    Args:
        store: Where the catalogue is and the scores go.
        jobs: The imports.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        progress: Called with the name of each stage before it begins.

    Returns:
        One outcome per job, in their order; an import that is refused as a whole has ``fatal``.
    """
    outcomes: dict[int, ImportOutcome] = {}
    for wave in waves(jobs):
        with collector_paused():
            imports = ImportSet(store, [jobs[i] for i in wave], now=now, dry_run=dry_run)
            outcomes.update(zip(wave, imports.run(progress), strict=True))
    return [outcomes[i] for i in range(len(jobs))]
