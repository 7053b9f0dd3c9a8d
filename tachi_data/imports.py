"""Importing scores, for everybody who calls: one import, or ten thousand at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from tachi_data import arguments
from tachi_data.documents.imports import stored_import
from tachi_data.errors import ImportFatal
from tachi_data.importing import Guard, ImportJob, ImportOutcome, import_set, waves
from tachi_data.importing.collector import collector_paused
from tachi_data.orphans import OrphanReport, reprocess_orphans
from tachi_data.spreadsheets import batch_manual, is_frame, validate
from tachi_data.store import Store, expect_store

Progress = Callable[[str], None]
MANUAL = "file/batch-manual"


def import_scores(
    store: Store,
    import_type: Any,
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
        import_type: One of `all_import_types`, such as ``file/batch-manual``; or a frame, see `validate`.
        source: A path or the bytes of a file; the JSON body of an ``ir/`` type; recorded answers of
            the upstream for an ``api/`` type, or None to fetch them from the service that the player
            has linked (see `tachi_data.players.integrations`). With a frame: its game and playtype, such
            as ``sdvx:Single``.
        user_id: The player; created if unknown.
        user_intent: Whether the player asked for the import; it is only recorded.
        options: Form fields, headers and parts of the URL that the type's parser looks at.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        import_id: 40 hexadecimal digits that no import has; None makes them up.

    Returns:
        The ImportDocument, and the outcome of each datapoint.

    Raises:
        ImportFatal: The import as a whole is refused, and nothing is stored.
        TachiError: An argument is not what it should be; nothing is done.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> outcome.datapoints["outcome"].to_list()
        ['ScoreImported', 'SongOrChartNotFound']
        >>> store.query("SELECT user_id, score, grade FROM scores_wacca").rows()
        [(7, 912000, 'S')]

        A frame of one's own:

        >>> mine = pl.DataFrame({"title": ["Paper Lantern"], "difficulty": ["HARD"], "score": [950_000],
        ...                      "lamp": ["CLEAR"]})
        >>> td.import_scores(store, mine, "wacca:Single", user_id=8).datapoints["outcome"].to_list()
        ['ScoreImported']
    """
    if is_frame(import_type):
        import_type, source = MANUAL, _document(import_type, source)
    job = ImportJob(import_type, source, user_id, user_intent, options or {})
    if import_id is not None:
        job = replace(job, import_id=import_id)
        _expect_new(store, import_id)
    (outcome,) = import_many(store, [job], now=now, dry_run=dry_run)
    if outcome.fatal is not None:
        raise outcome.fatal
    return outcome


def _expect_new(store: Store, import_id: str) -> None:
    """Refuse an ID that an import has already: it would be done twice, and no document could be told from the other."""
    expect_store(store)
    with store.read() as con:
        if stored_import(con, import_id) is not None:
            raise ImportFatal(409, f"There is an import {import_id!r:.200} already.")


def import_many(
    store: Store,
    jobs: Sequence[ImportJob],
    *,
    now: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    guard: Guard | None = None,
) -> list[ImportOutcome]:
    """Import many sources, of one or many players, as sets.

    Imports of different players take the road together and are stored in one transaction. Several
    imports of one player are done one after the other, in their order. Where they brought charts into the
    catalogue, the orphans that waited for these are tried again.

    Args:
        store: Where the catalogue is and the scores go.
        jobs: The imports.
        now: Unix milliseconds, to fix the clock.
        dry_run: Do everything, store nothing.
        progress: Called with the name of each stage before it begins.
        guard: Called at the start of each transaction that stores a set; if it raises, nothing of the set is stored.

    Returns:
        One outcome per job, in their order; an import that is refused as a whole has ``fatal``.

    Example:
        >>> jobs = [td.ImportJob("file/batch-manual", scores, user_id) for user_id in (7, 8)]
        >>> [len(outcome.document["scoreIDs"]) for outcome in td.import_many(store, jobs)]
        [1, 1]
    """
    expect_store(store)
    arguments.moment(now)
    jobs = [_checked(job) for job in arguments.listed("jobs", jobs, "[td.ImportJob(…)]")]
    outcomes: dict[int, ImportOutcome] = {}
    for wave in waves(jobs):
        with collector_paused():
            mine = [jobs[i] for i in wave]
            done = import_set(store, mine, now=now, dry_run=dry_run, progress=progress, guard=guard)
        outcomes.update(zip(wave, done, strict=True))
    if not dry_run:
        follow_up(store, outcomes.values(), now=now)
    return [outcomes[i] for i in range(len(jobs))]


def _checked(job: Any) -> ImportJob:
    """Returns a job with a source that parsers know; what is none is refused before anything is done."""
    if not isinstance(job, ImportJob):
        raise arguments.refuse("jobs", "a list of ImportJob", job)
    arguments.player(job.user_id)
    if not isinstance(job.options, Mapping):
        raise arguments.refuse(
            "options", 'names with values, such as {"playtype": "SP"}', job.options
        )
    if not isinstance(job.import_type, str):
        raise arguments.refuse(
            "import_type", "an import type such as 'file/batch-manual'", job.import_type
        )
    if not job.import_type.startswith("file/"):
        return job
    if isinstance(job.source, str):
        return replace(job, source=Path(job.source))
    if hasattr(job.source, "read"):
        return replace(job, source=job.source.read())
    if not isinstance(job.source, (bytes, Path)):
        hint = (
            " (of a document: json.dumps(document).encode())"
            if isinstance(job.source, (dict, list))
            else ""
        )
        raise arguments.refuse("source", f"the path or the bytes of a file{hint}", job.source)
    return job


def _document(frame: Any, gpt: Any) -> bytes:
    """Returns the BATCH-MANUAL document of a frame, as the bytes of a file."""
    if not isinstance(gpt, str):
        raise arguments.refuse("source", "the game of the frame, such as 'sdvx:Single'", gpt)
    good, failures = validate(frame, gpt)
    if not failures.is_empty():
        index, message = failures.row(0)
        rows = failures["index"].n_unique()
        raise ImportFatal(
            400,
            f"{rows:,} row{'s' * (rows > 1)} of the frame cannot be scores, such as row {index}: {message}. "
            f"good, failures = td.validate(frame, {gpt!r}) tells the good ones apart.",
        )
    return orjson.dumps(batch_manual(good, gpt))


def follow_up(
    store: Store, outcomes: Iterable[ImportOutcome], *, now: int | None = None
) -> OrphanReport | None:
    """Try the orphans again that waited for charts which these imports brought into the catalogue.

    Args:
        store: The store.
        outcomes: The outcomes of the imports.
        now: Unix milliseconds, to fix the clock.

    Returns:
        The counts of the orphans; None if no import brought a chart.
    """
    if any(outcome.new_charts for outcome in outcomes):
        return reprocess_orphans(store, only_due=True, now=now)
    return None
