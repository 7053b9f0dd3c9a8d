"""First stage: sources become datapoints.

Each source is parsed by its import type; the datapoints of all sources with the same format then go
on as one frame. ``row`` numbers them over the whole set, in the order of jobs and records.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.frames import collected
from tachi_data.games import GPT
from tachi_data.import_types import (
    Conversion,
    ImportType,
    Parsed,
    Source,
    columns,
    import_types,
    violation_column,
)
from tachi_data.import_types.sources.parse_ import json_document
from tachi_data.players import integrations
from tachi_data.store import Store


@dataclass(frozen=True)
class ImportJob:
    """One import that is asked for.

    ``source`` is a path, bytes, or (``ir/``, ``api/``) parsed JSON; None fetches it, for ``api/`` types,
    from the service that the player has linked. ``import_id`` is made up where it is not given.
    """

    import_type: str
    source: Any
    user_id: int
    user_intent: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    import_id: str = field(default_factory=lambda: secrets.token_hex(20))


@dataclass(frozen=True, eq=False)
class Reading:
    """A job whose source was read: ``parsed``, or ``fatal`` if the import as a whole is refused."""

    job: ImportJob
    kind: ImportType | None = None
    parsed: Parsed | None = None
    fatal: ImportFatal | None = None


@dataclass(frozen=True, eq=False)
class Datapoints:
    """Records of one format and game, of any number of imports or orphans.

    ``rows`` has ``row, source, user_id, position`` (and ``line``), then ``raw.*``, ``context.*`` and
    ``nulls.*``. ``records`` are the JSON records behind them, or None where the columns are all there
    is; ``contexts`` those of each source.
    """

    kind: ImportType
    gpt: GPT
    rows: pl.DataFrame
    records: Sequence[Mapping[str, Any]] | None
    contexts: Mapping[int, Mapping[str, Any]]

    @property
    def conversion(self) -> Conversion:
        """How these datapoints become dry scores."""
        return self.kind.conversion_of(self.gpt)


def read(job: ImportJob, now: int, store: Store) -> Reading:
    """Read and parse one job's source. What is wrong with it as a whole is in ``fatal``."""
    kind = import_types().get(job.import_type)
    if kind is None:
        known = ", ".join(sorted(import_types()))
        return Reading(
            job,
            fatal=ImportFatal(
                400, f"There is no import type {job.import_type!r}; there are: {known}."
            ),
        )
    try:
        source = Source(_content(job, kind, store), job.options, now, job.user_id)
        return Reading(job, kind, kind.parse(source))
    except ImportFatal as fatal:
        return Reading(job, kind, fatal=fatal)


def _content(job: ImportJob, kind: ImportType, store: Store) -> Any:
    """What the parser takes: bytes of a file, or JSON; fetched, where no source is given."""
    content = job.source
    if content is None and kind.fetch is not None:
        return integrations.fetch(store, kind, job.user_id)
    if isinstance(content, Path):
        try:
            content = content.read_bytes()
        except OSError as error:
            raise ImportFatal(400, f"{job.source} cannot be read: {error.strerror}.") from None
    if isinstance(content, bytes) and not kind.id.startswith("file/"):
        return json_document(Source(content))
    return content


def collect(readings: Sequence[Reading]) -> list[Datapoints]:
    """The datapoints of all readings that are not refused, one frame per format and game.

    ``source`` is the position of the reading in the sequence.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    starts: list[int] = []
    total = 0
    for index, reading in enumerate(readings):
        starts.append(total)
        if reading.parsed is not None and reading.kind is not None:
            groups.setdefault((reading.kind.id, _gpt(reading).id), []).append(index)
            total += len(reading.parsed.datapoints)
    return [_group(readings, members, starts) for members in groups.values()]


def _gpt(reading: Reading) -> GPT:
    assert reading.parsed is not None
    assert reading.kind is not None
    playtypes = games.gpts(reading.parsed.game)
    if reading.kind.has_one_game or reading.parsed.playtype is None:
        return playtypes[0]
    return games.gpt(reading.parsed.game, reading.parsed.playtype)


def _group(readings: Sequence[Reading], members: list[int], starts: list[int]) -> Datapoints:
    first = readings[members[0]]
    assert first.kind is not None
    gpt = _gpt(first)
    parsed = [p for i in members if (p := readings[i].parsed) is not None]
    counts = [len(p.datapoints) for p in parsed]
    sources = pl.DataFrame(
        {
            "source": pl.Series(members, dtype=pl.Int64),
            "user_id": pl.Series([readings[i].job.user_id for i in members], dtype=pl.Int64),
            "start": pl.Series([starts[i] for i in members], dtype=pl.Int64),
            "count": pl.Series(counts, dtype=pl.Int64),
        }
    )
    conversion = first.kind.conversion_of(gpt)
    context = columns([p.context for p in parsed], conversion.context, "context")
    keys = collected(
        pl.concat([sources, context], how="horizontal")
        .lazy()
        .filter(pl.col("count") > 0)
        .with_columns(position=pl.int_ranges(0, pl.col("count")))
        .drop("count")
        .explode("position")
        .with_columns(row=pl.col("start") + pl.col("position"))
        .drop("start")
    )
    unnumbered: list[Sequence[int | None]] = [p.lines or [None] * len(p.datapoints) for p in parsed]
    lines = list(chain.from_iterable(unnumbered))
    frames = [p.datapoints for p in parsed if isinstance(p.datapoints, pl.DataFrame)]
    listed = [p.datapoints for p in parsed if not isinstance(p.datapoints, pl.DataFrame)]
    # A single list is taken as it is, with what its checks have looked up.
    joined = listed[0] if len(listed) == 1 else list(chain.from_iterable(listed))
    records = None if frames else joined
    raw = (
        pl.concat(frames, rechunk=True) if records is None else columns(records, conversion.record)
    )
    line = pl.Series("line", lines, dtype=pl.Int64)
    rows = pl.concat([keys, raw], how="horizontal").with_columns(line)
    if conversion.checks_each and records is not None:
        rows = rows.with_columns(violation_column(records, conversion.record))
    contexts = {i: p.context for i, p in zip(members, parsed, strict=True)}
    return Datapoints(first.kind, gpt, rows, records, contexts)
