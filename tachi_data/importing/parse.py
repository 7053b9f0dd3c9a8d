"""First stage: sources become datapoints.

Each source is read by its import type; the datapoints of all sources with the same format and game then
go on as one frame. ``row`` numbers them over the whole set, in the order of jobs and records. This stage
knows no store: sources that have to be fetched are fetched before, see `tachi_data.importing.fetch`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from tachi_data import games, schemas
from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal, UnknownNameError, bare
from tachi_data.frames import collected
from tachi_data.games import GPT
from tachi_data.import_types import (
    Conversion,
    ImportType,
    Source,
    all_import_types,
)
from tachi_data.import_types import Parsed as Content
from tachi_data.import_types.sources.json import json_document
from tachi_data.importing.borders import NOTHING, with_verdicts
from tachi_data.importing.job import ImportJob
from tachi_data.records import Fitted, columns, joined_fits, read
from tachi_data.records.frames import paired

IMPORTS = {
    "source": pl.Int64(),
    "import_id": pl.String(),
    "import_type": pl.String(),
    "user_id": pl.Int64(),
    "user_intent": pl.Boolean(),
    "game": pl.String(),
}


@dataclass(frozen=True, eq=False)
class Datapoints:
    """Records of one format and game, of any number of imports or orphans.

    Attributes:
        kind: The import type.
        gpt: The game, and the playtype whose conversion counts.
        rows: ``row, source, user_id, position, line``, then ``raw.*``, ``context.*`` and ``nulls.*``;
            ``outcome`` and ``message``, null where a record is as declared.
        records: The JSON records behind the rows, or None where the columns are all that there is.
        contexts: The context of each source.
        playtype: The playtype of look-ups whose match names none.
    """

    kind: ImportType
    gpt: GPT
    rows: pl.DataFrame
    records: Sequence[Mapping[str, Any]] | None
    contexts: Mapping[int, Mapping[str, Any]]
    playtype: str | None = None

    @property
    def conversion(self) -> Conversion:
        """How these datapoints become dry scores."""
        return self.kind.conversion_of(self.gpt)


@dataclass(frozen=True, eq=False)
class Parsed:
    """A set of imports whose sources were read.

    Attributes:
        jobs: The imports that were asked for; a ``source`` in the frames is a position in here.
        imports: One row per import that could be read: `IMPORTS`.
        groups: The datapoints, one value per format and game.
        refused: Why imports are refused as a whole, by source.
        now: When the set was received, in Unix milliseconds.
        classes: The classes that sources provide, ``{source: {playtype: {class set: value}}}``, of those
            whose format can provide any.
        versions: The game and version that a source names, where it names one.
        is_retry: Whether the datapoints are stored orphans, which are tried again.
    """

    jobs: tuple[ImportJob, ...]
    imports: pl.DataFrame
    groups: tuple[Datapoints, ...]
    refused: Mapping[int, ImportFatal]
    now: int
    classes: Mapping[int, Mapping[str, Mapping[str, str | None]]] = field(default_factory=dict)
    versions: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    is_retry: bool = False


@dataclass(frozen=True, eq=False)
class Reading:
    """A job whose source was read: its content, or why the import is refused.

    ``fitted`` are the records of the content as structs, where it has records.
    """

    kind: ImportType | None = None
    content: Content | None = None
    fatal: ImportFatal | None = None
    fitted: Fitted | None = None


def parse(
    jobs: Sequence[ImportJob],
    *,
    now: int | None = None,
    refused: Mapping[int, ImportFatal] | None = None,
) -> Parsed:
    """Read and parse the sources of a set of imports.

    Args:
        jobs: Imports of different players.
        now: When they were received, in Unix milliseconds; the present by default.
        refused: Imports that are refused already, by position: their sources are not read.

    Returns:
        The datapoints, in groups of one format and game, and the reasons why imports are refused.
    """
    moment = unix_ms() if now is None else now
    before = refused or {}
    readings = [
        Reading(fatal=before[i]) if i in before else _read(job, moment)
        for i, job in enumerate(jobs)
    ]
    contents = {i: r.content for i, r in enumerate(readings) if r.content is not None}
    return Parsed(
        jobs=tuple(jobs),
        imports=_imports(jobs, contents),
        groups=_groups(jobs, readings),
        refused={i: r.fatal for i, r in enumerate(readings) if r.fatal is not None},
        now=moment,
        classes={i: c.classes for i, c in contents.items() if c.classes is not None},
        versions={i: (c.game, paired(c.version)) for i, c in contents.items() if c.version},
    )


def _read(job: ImportJob, now: int) -> Reading:
    """Read and parse one job's source; the reason why it is wrong as a whole is in ``fatal``."""
    kind = all_import_types().get(job.import_type)
    if kind is None:
        unknown = UnknownNameError("import type", job.import_type, sorted(all_import_types()))
        return Reading(fatal=ImportFatal(400, str(unknown)))
    try:
        source = Source(_content(job, kind), job.options, now, job.user_id)
        content, fitted = kind.read(source)
        return Reading(kind, content, fitted=fitted)
    except ImportFatal as fatal:
        return Reading(kind, fatal=bare(fatal))


def _content(job: ImportJob, kind: ImportType) -> Any:
    """The argument of the parser: the bytes of a file, or JSON."""
    content = job.source
    if isinstance(content, Path):
        try:
            content = content.read_bytes()
        except OSError as error:
            raise ImportFatal(400, f"{job.source} cannot be read: {error.strerror}.") from None
    if isinstance(content, bytes) and not kind.id.startswith("file/"):
        return json_document(Source(content))
    return content


def _imports(jobs: Sequence[ImportJob], contents: Mapping[int, Content]) -> pl.DataFrame:
    rows = [
        (i, jobs[i].import_id, jobs[i].import_type, jobs[i].user_id, jobs[i].user_intent, c.game)
        for i, c in contents.items()
    ]
    return pl.DataFrame(rows, schema=IMPORTS, orient="row")


def _groups(jobs: Sequence[ImportJob], readings: Sequence[Reading]) -> tuple[Datapoints, ...]:
    """The datapoints of all sources that could be read, one value per format and game."""
    members: dict[tuple[str, str, str | None], list[int]] = {}
    starts: list[int] = []
    total = 0
    for index, reading in enumerate(readings):
        starts.append(total)
        if reading.content is not None and reading.kind is not None:
            gpt = _gpt(reading)
            playtype = bound_playtype(reading.kind, gpt, reading.content.playtype)
            members.setdefault((reading.kind.id, gpt.id, playtype), []).append(index)
            total += len(reading.content.datapoints)
    return tuple(
        validated(_group(jobs, readings, sources, starts, playtype))
        for (_, _, playtype), sources in members.items()
    )


def validated(group: Datapoints) -> Datapoints:
    """Returns the datapoints with ``outcome`` and ``message``, filled where a record is not as declared."""
    if group.rows.is_empty():
        return replace(group, rows=group.rows.with_columns(outcome=NOTHING, message=NOTHING))
    schema = schemas.datapoints(group.kind.id, group.gpt.game, group.gpt.playtype)
    return replace(group, rows=with_verdicts(group.rows, schema))


def _gpt(reading: Reading) -> GPT:
    assert reading.content is not None
    assert reading.kind is not None
    return reading.kind.gpt_of(reading.content)


def bound_playtype(kind: ImportType, gpt: GPT, stated: str | None) -> str | None:
    """The playtype of look-ups whose match names none; None where the match of the format names it.

    Raises:
        ValueError: The game has several playtypes, and the format names none. This is a mistake in it.
    """
    if "playtype" in kind.conversion_of(gpt).match:
        return None
    playtypes = [gpt.playtype for gpt in games.gpts(gpt.game)]
    if stated is None and len(playtypes) > 1:
        raise ValueError(
            f"{kind.id}: neither Parsed.playtype nor the match names a playtype of {gpt.game}, "
            f"which has {', '.join(playtypes)}; playtype=x.ANY_PLAYTYPE fits any."
        )
    return playtypes[0] if stated is None else stated


def _group(
    jobs: Sequence[ImportJob],
    readings: Sequence[Reading],
    members: list[int],
    starts: list[int],
    playtype: str | None,
) -> Datapoints:
    first = readings[members[0]]
    assert first.kind is not None
    gpt = _gpt(first)
    conversion = first.kind.conversion_of(gpt)
    contents = [c for i in members if (c := readings[i].content) is not None]
    sources = pl.DataFrame(
        {
            "source": members,
            "user_id": [jobs[i].user_id for i in members],
            "start": [starts[i] for i in members],
            "count": [len(c.datapoints) for c in contents],
        },
        schema_overrides=dict.fromkeys(("source", "user_id", "start", "count"), pl.Int64),
    )
    context, misshapen = read([c.context for c in contents], conversion.context, "context")
    if misshapen.null_count() < len(misshapen):
        raise ValueError(f"{first.kind.id}: its context: {misshapen.drop_nulls()[0]}")
    keys = _keys(sources, context)
    unnumbered: list[Sequence[int | None]] = [
        c.lines or [None] * len(c.datapoints) for c in contents
    ]
    line = pl.Series("line", list(chain.from_iterable(unnumbered)), dtype=pl.Int64)
    contexts = _contexts(members, contents, playtype if len(games.gpts(gpt.game)) > 1 else None)
    frames = [c.datapoints for c in contents if isinstance(c.datapoints, pl.DataFrame)]
    if frames:
        rows = pl.concat([keys, pl.concat(frames, rechunk=True)], how="horizontal")
        return Datapoints(first.kind, gpt, rows.with_columns(line), None, contexts, playtype)
    listed = [c.datapoints for c in contents if not isinstance(c.datapoints, pl.DataFrame)]
    records = listed[0] if len(listed) == 1 else list(chain.from_iterable(listed))
    fitted = joined_fits(f for i in members if (f := readings[i].fitted) is not None)
    raw = columns(fitted.structs, conversion.record)
    rows = pl.concat([keys, raw], how="horizontal").with_columns(line)
    if fitted.violations:
        rows = rows.with_columns(fitted.texts())
    return Datapoints(first.kind, gpt, rows, records, contexts, playtype)


def _contexts(
    members: Sequence[int], contents: Sequence[Content], playtype: str | None
) -> dict[int, Mapping[str, Any]]:
    """The context of each source, with the playtype that binds its look-ups: orphans have nothing else."""
    bound = {} if playtype is None else {"playtype": playtype}
    return {i: {**bound, **c.context} for i, c in zip(members, contents, strict=True)}


def _keys(sources: pl.DataFrame, context: pl.DataFrame) -> pl.DataFrame:
    """One row per datapoint: its numbers, and the context of its source."""
    return collected(
        pl.concat([sources, context], how="horizontal")
        .lazy()
        .filter(pl.col("count") > 0)
        .with_columns(position=pl.int_ranges(0, pl.col("count")))
        .drop("count")
        .explode("position")
        .with_columns(row=pl.col("start") + pl.col("position"))
        .drop("start")
    )
