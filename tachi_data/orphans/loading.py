"""Reading stored orphans as datapoints.

An orphan that cannot be read (an unknown import type, a record of the wrong shape) is reported, and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from tachi_data import games
from tachi_data.errors import ImportFatal
from tachi_data.games import GPT
from tachi_data.import_types import ImportType, all_import_types
from tachi_data.import_types.sources.json import json_value
from tachi_data.importing.match import look_up_columns
from tachi_data.importing.parse import Datapoints, bound_playtype
from tachi_data.matching import LOOK_UP
from tachi_data.records import read

KEY = ("row", "source", "user_id", "position", "line")
PROBLEMS = {"row": pl.Int64(), "message": pl.String()}
LARGEST = 4 * 1024 * 1024


def as_datapoints(page: pl.DataFrame) -> tuple[list[Datapoints], pl.DataFrame]:
    """Read a page of orphans as datapoints.

    Args:
        page: Stored orphans, with ``row`` (the place in the page) and ``source`` (the number of the import).

    Returns:
        The datapoints of each import type and game; and ``row, message`` of each orphan that cannot be read.

    Raises:
        ValueError: The JSON of an orphan is broken; the caller finds the orphan by halving the page.
    """
    groups: list[Datapoints] = []
    problems = [_too_large(page)]
    readable = page.filter(pl.col("data").str.len_bytes() <= LARGEST)
    for (name,), rows in readable.partition_by(
        "import_type", as_dict=True, maintain_order=True
    ).items():
        kind = all_import_types().get(str(name))
        if kind is None:
            problems.append(
                _problem(rows, f"There is no import type {name!r:.200} in this version.")
            )
            continue
        found, wrong = _of_kind(kind, rows)
        groups += found
        problems += wrong
    return groups, pl.concat(problems)


def _too_large(page: pl.DataFrame) -> pl.DataFrame:
    rows = page.filter(pl.col("data").str.len_bytes() > LARGEST)
    return _problem(rows, f"The record is larger than {LARGEST:,} bytes.")


def _problem(rows: pl.DataFrame, message: str) -> pl.DataFrame:
    return rows.select(pl.col("row").cast(pl.Int64), message=pl.lit(message))


def _of_kind(kind: ImportType, rows: pl.DataFrame) -> tuple[list[Datapoints], list[pl.DataFrame]]:
    records, contexts = _json(rows["data"]), _json(rows["context"])
    rows = rows.with_columns(_playtypes(kind, rows, contexts), _stated(rows, contexts))
    groups, problems = [], []
    for (game, playtype), mine in (
        rows.with_row_index("at")
        .partition_by("game", "_playtype", as_dict=True, maintain_order=True)
        .items()
    ):
        gpt = _gpt(kind, str(game), playtype)
        if gpt is None:
            problems.append(
                _problem(mine, f"{kind.id} has no conversion for {game} {playtype or ''}.")
            )
            continue
        for bound, theirs in _by_bound_playtype(kind, gpt, mine):
            if bound is None and "playtype" not in kind.conversion_of(gpt).match:
                text = f"{kind.id} needs a playtype of {game}, and the orphan names none."
                problems.append(_problem(theirs, text))
                continue
            at = theirs["at"].to_list()
            found = [records[i] for i in at], [contexts[i] for i in at]
            group, wrong = _of_gpt(kind, gpt, theirs, *found)
            groups.append(replace(group, playtype=bound))
            problems.append(wrong)
    return groups, problems


def _stated(rows: pl.DataFrame, contexts: Sequence[Any]) -> pl.Series:
    """Returns the playtype of each orphan's look-up, or, where it has none, the playtype of its context."""
    named = [c.get("playtype") if isinstance(c, dict) else None for c in contexts]
    context = pl.Series("_stated", [p if isinstance(p, str) else None for p in named], pl.String)
    return rows["playtype"].fill_null(context).alias("_stated") if "playtype" in rows else context


def _by_bound_playtype(
    kind: ImportType, gpt: GPT, rows: pl.DataFrame
) -> list[tuple[str | None, pl.DataFrame]]:
    """Returns the orphans grouped by the playtype that binds their look-ups (see `bound_playtype`)."""
    if "playtype" in kind.conversion_of(gpt).match:
        return [(None, rows)]
    groups = rows.partition_by("_stated", as_dict=True, maintain_order=True)
    has_one = len(games.gpts(gpt.game)) == 1
    return [
        (bound_playtype(kind, gpt, stated) if stated or has_one else None, mine)
        for (stated,), mine in groups.items()
    ]


def _json(texts: pl.Series) -> list[Any]:
    """Returns the JSON values of many texts, read at once."""
    try:
        values: list[Any] = json_value(f"[{','.join(texts.to_list())}]")
    except ImportFatal as fatal:
        raise ValueError(fatal.message) from None
    if len(values) != len(texts):
        raise ValueError("An orphan's text holds more or less than one JSON value.")
    return values


def _playtypes(kind: ImportType, rows: pl.DataFrame, contexts: Sequence[Any]) -> pl.Series:
    """Returns the playtype that decides the conversion; null where the import type has only one game."""
    if kind.has_one_game:
        return pl.Series("_playtype", [None] * rows.height, dtype=pl.String)
    stated = [c.get("playtype") if isinstance(c, dict) else None for c in contexts]
    return pl.Series(
        "_playtype", [p if isinstance(p, str) else "" for p in stated], dtype=pl.String
    )


def _gpt(kind: ImportType, game: str, playtype: Any) -> GPT | None:
    if game not in games.names() or (kind.games and game not in kind.games):
        return None
    by_playtype = {gpt.playtype: gpt for gpt in games.gpts(game)}
    return by_playtype.get(playtype) if playtype else games.gpts(game)[0]


def _of_gpt(
    kind: ImportType, gpt: GPT, rows: pl.DataFrame, records: list[Any], contexts: list[Any]
) -> tuple[Datapoints, pl.DataFrame]:
    conversion = kind.conversion_of(gpt)
    raw, bad_records = read(records, conversion.record)
    context, bad_contexts = read(contexts, conversion.context, "context")
    bad_contexts = bad_contexts.str.replace("^The record:", "The context:")
    messages = bad_contexts.fill_null(bad_records).alias("message")
    keys = rows.with_columns(position=pl.col("row"), line=pl.lit(None, dtype=pl.Int64)).select(
        *(pl.col(name).cast(pl.Int64) for name in KEY)
    )
    problems = keys.select("row", messages).filter(pl.col("message").is_not_null())
    readable = pl.concat([keys, raw, context], how="horizontal").filter(messages.is_null())
    return Datapoints(kind, gpt, readable, None, {}), problems


def look_ups(group: Datapoints) -> pl.DataFrame:
    """Returns the look-up of each datapoint: ``row`` and `LOOK_UP`."""
    asked = look_up_columns(group.conversion, group.playtype)
    return group.rows.select("row", *asked).select("row", *LOOK_UP)
