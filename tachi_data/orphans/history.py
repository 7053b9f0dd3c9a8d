"""Taking in old orphans: an export of the reference server's ``orphan-scores`` collection.

The file is NDJSON, plain or gzip, of any size, and is read in chunks. It may have the extended JSON of
mongoexport (``{"$numberLong": "…"}``, ``{"$oid": …}``, ``{"$date": …}``). Orphans keep their IDs. A known orphan
is left out. An orphan of an import type that does not exist (yet) is stored, and reported.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.arguments import folder_path
from tachi_data.clock import unix_ms
from tachi_data.errors import ImportFatal, TachiError
from tachi_data.escaping import counts_as_html
from tachi_data.halving import halved
from tachi_data.import_types import all_import_types
from tachi_data.import_types.sources.json import json_value
from tachi_data.matching import LOOK_UP
from tachi_data.orphans.loading import as_datapoints, look_ups
from tachi_data.players.users import create_users
from tachi_data.records import read
from tachi_data.records.frames import paired
from tachi_data.records.schema import Anything, Int, Num, Object, Str
from tachi_data.reference.canonical import identifier, json_text
from tachi_data.store import Store, expect_store, insert, next_ordinals, query, statements

sql = statements("tachi_data.orphans")

CHUNK_BYTES = 16 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
LATEST = 253_402_300_799_999  # The end of the year 9999.
DOCUMENT = Object(
    members={
        "importType": Str(),
        "userID": Int(0),
        "game": Str(),
        "data": Anything(optional=False),
        "context": Anything(optional=False),
        "orphanID": Str(optional=True, nullable=True),
        "errMsg": Str(optional=True, nullable=True),
        "timeInserted": Num(0, LATEST, optional=True, nullable=True),
    }
)
REPORT = {
    "import_type": pl.String(),
    "what": pl.String(),
    "reason": pl.String(),
    "count": pl.Int64(),
    "first_line": pl.Int64(),
}


@dataclass(frozen=True, eq=False, repr=False)
class IngestReport:
    """The lines of an export, counted by outcome.

    Attributes:
        rows: ``import_type, what, reason, count, first_line``. ``what`` is the outcome: ``taken``, ``known``
            (stored before), ``kept`` (stored, but its import type does not exist) or ``refused`` (not stored,
            with the reason).
    """

    rows: pl.DataFrame

    def count(self, what: str) -> int:
        """Returns the number of lines with this outcome."""
        return int(self.rows.filter(pl.col("what") == what)["count"].sum())

    def counts(self) -> dict[str, int]:
        """Returns the number of lines of each outcome."""
        return {what: self.count(what) for what in ("taken", "known", "kept", "refused")}

    def __repr__(self) -> str:
        """One line: what became of how many lines."""
        told = ", ".join(f"{count:,} {what}" for what, count in self.counts().items() if count)
        return f"<IngestReport: {told or 'no lines'}>"

    def _repr_html_(self) -> str:
        return counts_as_html(repr(self), self.counts())


def ingest_orphans(
    store: Store,
    source: str | Path,
    *,
    now: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> IngestReport:
    """Store the orphans of an export, one chunk per transaction; a second time changes nothing.

    Args:
        store: The store.
        source: The file; gzip is recognised by its content.
        now: Unix milliseconds, the time of documents without ``timeInserted``.
        progress: Called with the number of lines so far.

    Returns:
        The lines of the file, counted by outcome.

    Raises:
        TachiError: The file cannot be read.

    Example:
        >>> import json
        >>> document = {"importType": "file/batch-manual", "userID": 7, "game": "wacca", "data": play}
        >>> document["context"] = {"game": "wacca", "playtype": "Single", "service": "my notes", "version": None}
        >>> written = (folder / "orphans.ndjson").write_text(json.dumps(document))
        >>> td.ingest_orphans(store, folder / "orphans.ndjson").count("taken")
        1
        >>> td.reprocess_orphans(store).success
        1
    """
    expect_store(store)
    path = folder_path("source", source)
    moment = unix_ms() if now is None else now
    totals, lines = pl.DataFrame(schema=REPORT), 0
    try:
        with _opened(path) as file:
            for first, chunk in _chunks(file):
                documents, refused = _documents(first, chunk)
                with store.write() as con:
                    totals = _added(totals, refused, _store(documents, moment, con))
                lines = first + len(chunk) - 1
                if progress is not None:
                    progress(lines)
    except (OSError, EOFError) as error:
        raise TachiError(f"{source} cannot be read: {error}.") from None
    return IngestReport(totals)


def number_of_lines(source: str | Path) -> int:
    """Returns the number of lines of an export, for the progress of `ingest_orphans`; 0 if it cannot be read.

    Args:
        source: The file; gzip is recognised by its content.
    """
    try:
        with _opened(folder_path("source", source)) as file:
            return sum(len(lines) for _, lines in _chunks(file))
    except (OSError, EOFError):
        return 0


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if is_gzip else path.open("rb")  # type: ignore[return-value]


def _chunks(file: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """Yields lines in chunks of bounded size, with the number of the first line (from 1)."""
    first = 1
    while lines := file.readlines(CHUNK_BYTES):
        yield first, lines
        first += len(lines)


def _documents(first: int, lines: list[bytes]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Returns one row per good document; and the refused lines (``line, import_type, reason``)."""
    parsed = [_parsed(line) for line in lines]
    reasons = [p if isinstance(p, str) else None for p in parsed]
    documents = [p if isinstance(p, dict) else {} for p in parsed]
    fields, wrong = read(documents, DOCUMENT, "doc")
    import_types = [
        paired(t) if isinstance(t := d.get("importType"), str) else None for d in documents
    ]
    fields = fields.with_columns(
        line=pl.int_range(first, first + len(lines), dtype=pl.Int64),
        import_type=pl.Series(import_types, dtype=pl.String),
        reason=pl.Series(reasons, dtype=pl.String).fill_null(wrong),
        blank=pl.Series([not line.strip() for line in lines]),
    )
    good = [i for i, reason in enumerate(fields["reason"]) if reason is None]
    texts = pl.DataFrame(
        {
            "data": [json_text(documents[i]["data"]) for i in good],
            "context": [json_text(documents[i]["context"]) for i in good],
            "made_id": [
                None if documents[i].get("orphanID") else _orphan_id(documents[i]) for i in good
            ],
        },
        schema={"data": pl.String, "context": pl.String, "made_id": pl.String},
    )
    taken = pl.concat([fields.filter(pl.col("reason").is_null()), texts], how="horizontal")
    refused = fields.filter(pl.col("reason").is_not_null() & ~pl.col("blank"))
    return _as_orphans(taken), refused.select("line", "import_type", "reason")


def _parsed(line: bytes) -> dict[str, Any] | str:
    """Returns the document on a line, or a message that says why it is refused."""
    if len(line) > LONGEST_LINE:
        return "The line is too long."
    try:
        value = json_value(line)
    except ImportFatal as fatal:
        return fatal.message
    if not isinstance(value, dict):
        return "Not a JSON object."
    try:
        plain: dict[str, Any] = _plain(value) if b'"$' in line else value
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        return f"Not valid extended JSON: {error}."
    return plain


def _plain(value: Any) -> Any:
    """Returns a value without the wrappers of extended JSON."""
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((key, inner),) = value.items()
        if key in ("$numberLong", "$numberInt"):
            return int(inner)
        if key in ("$numberDouble", "$numberDecimal"):
            return float(inner)
        if key == "$oid":
            return inner
        if key == "$date":
            return _milliseconds(_plain(inner))
    return {k: _plain(v) for k, v in value.items()}


def _milliseconds(date: Any) -> Any:
    """Returns a date as Unix milliseconds; ISO text without a zone is UTC, a number stays as it is."""
    if not isinstance(date, str):
        return date
    moment = datetime.fromisoformat(date)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _orphan_id(document: dict[str, Any]) -> str:
    return identifier("O", {k: document[k] for k in ("importType", "data", "context", "userID")})


def _as_orphans(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.select(
        "line",
        "data",
        "context",
        orphan_id=pl.coalesce("doc.orphanID", "made_id"),
        user_id="doc.userID",
        game="doc.game",
        import_type="doc.importType",
        message="doc.errMsg",
        time_inserted=pl.col("doc.timeInserted").cast(pl.Int64),
    )


def _store(documents: pl.DataFrame, now: int, con: DuckDBPyConnection) -> pl.DataFrame:
    """Store the orphans that are not known yet; returns ``line, import_type, what``."""
    text = sql("known_lines")
    wanted = documents.select("line", "orphan_id", "user_id")
    known = query(con, text, wanted=wanted)["line"]
    is_known = (
        pl.col("line").is_in(known.implode())
        | ~pl.struct("user_id", "orphan_id").is_first_distinct()
    )
    documents = documents.with_columns(
        what=pl.when(is_known).then(pl.lit("known")).otherwise(pl.lit("taken"))
    )
    new = (
        documents.filter(pl.col("what") == "taken")
        .with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
    )
    keyed = new.join(keys_of(new), on="row", how="left", maintain_order="left")
    time_inserted = pl.col("time_inserted").fill_null(now).cast(pl.Datetime("ms"))
    insert(
        con,
        "orphans",
        keyed.drop("row", "line", "what").with_columns(
            time_inserted,
            attempts=pl.lit(0, dtype=pl.Int64),
            # A null says that the orphan was never tried.
            catalogue_version=pl.lit(None, dtype=pl.Int64),
            ordinal=next_ordinals(con, "orphans", new.height),
        ),
    )
    create_users(new["user_id"], now, con)
    is_kept = (pl.col("what") == "taken") & ~pl.col("import_type").is_in(list(all_import_types()))
    return documents.select(
        "line", "import_type", what=pl.when(is_kept).then(pl.lit("kept")).otherwise("what")
    )


def keys_of(orphans: pl.DataFrame) -> pl.DataFrame:
    """Returns the look-up of each readable orphan: ``row`` and `LOOK_UP`."""
    nothing = pl.DataFrame(schema={"row": pl.Int64, **dict.fromkeys(LOOK_UP, pl.String)})

    def read(some: pl.DataFrame) -> pl.DataFrame:
        groups, _ = as_datapoints(some.with_columns(source=pl.lit(0, dtype=pl.Int64)))
        return pl.concat([nothing, *(look_ups(group) for group in groups)])

    # One that cannot be read will fail alone when it is tried.
    return pl.concat([nothing, *halved(orphans, read, lambda _one, _error: nothing)])


def _added(totals: pl.DataFrame, refused: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Returns the report with the lines of another chunk."""
    lines = pl.concat(
        [
            refused.select("line", "import_type", what=pl.lit("refused"), reason="reason"),
            stored.select("line", "import_type", "what", reason=pl.lit(None, dtype=pl.String)),
        ]
    )
    counted = lines.group_by("import_type", "what", "reason").agg(
        count=pl.len().cast(pl.Int64), first_line=pl.col("line").min()
    )
    return (
        pl.concat([totals, counted.select(*REPORT)])
        .group_by("import_type", "what", "reason")
        .agg(pl.col("count").sum(), pl.col("first_line").min())
        .sort("import_type", "what", "count", descending=[False, False, True], nulls_last=True)
        .select(*REPORT)
    )
