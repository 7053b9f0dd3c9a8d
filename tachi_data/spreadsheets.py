"""Frames that people make: which rows can be scores, and a BATCH-MANUAL document of them.

A column is named as in the dictionary (``score``, ``judgements.pgreat``, ``optional.max_combo``), as in documents
(``maxCombo``), or as people write it (``Max Combo``). Texts become numbers and times where they are some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from tachi_data import games, schemas
from tachi_data.documents import epoch
from tachi_data.errors import TachiError
from tachi_data.games import GPT, Enum
from tachi_data.import_types.dates import date, in_one_order
from tachi_data.names import snake
from tachi_data.schemas.checking import FAILURES, UnfitFrame
from tachi_data.tables.column import TIME, Column
from tachi_data.tables.columns import column
from tachi_data.tables.game_columns import group, metrics

# Which of these a row has, in this order, says how its chart is looked up.
CHART = {"song_id": "tachiSongID", "title": "songTitle"}
LOOK_UP = ("match_type", "identifier", *CHART, "difficulty", "artist")
NOTES = ("comment", "time_achieved")
# What people call a column, beside its name: folded, as by `_folded`.
CALLED = {
    **dict.fromkeys(("song", "songtitle", "songname"), "title"),
    **dict.fromkeys(("date", "time", "datetime", "timestamp", "playedat"), "time_achieved"),
    **dict.fromkeys(("diff", "chart"), "difficulty"),
    **dict.fromkeys(("note", "notes"), "comment"),
}
EXPECTED = {pl.Int64(): "a whole number", pl.Float64(): "a number", TIME: "a time"}


def validate(frame: Any, gpt: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say which rows of a frame can be scores of a game, and why the others cannot.

    Args:
        frame: A frame of Polars, or anything else that holds Arrow data. A row names its chart by ``match_type`` and
            ``identifier`` as BATCH-MANUAL knows them, by ``song_id``, or by ``title`` (and ``artist``, where several
            songs have it), each with ``difficulty``. It has the provided metrics of the game, and may have
            judgements, optional metrics, ``time_achieved`` (UTC) and ``comment``. Other columns are left alone.
        gpt: A game and playtype such as ``sdvx:Single``; the playtype may be left out where a game has one.

    Returns:
        The rows that can be scores, with the names and types of the dictionary of columns; and one row for each
        reason why another row cannot: ``index``, the row of the frame from 0, and ``message``. Whether the catalogue
        has the chart is not looked at; `import_scores` with ``dry_run`` does.

    Raises:
        TachiError: It is no frame, or a column is missing; or there is no such game.

    Example:
        >>> mine = pl.DataFrame({"Title": ["Paper Lantern", "A new song"], "Difficulty": ["HARD", "HARD"],
        ...                      "Score": [912_000, 1_000_001], "Lamp": ["CLEAR", "clear"]})
        >>> good, failures = td.validate(mine, "wacca:Single")
        >>> good.height, failures.rows()
        (1, [(1, 'score: must be at most 1,000,000, got 1000001')])
        >>> td.import_scores(store, good, "wacca:Single", user_id=7).document["scoreIDs"]
        ['T...']
    """
    one = one_gpt(gpt)
    named = _named(as_frame(frame), one)
    _refuse_missing(named, one)
    ready, unread = _read(named, one)
    known = ready.select(
        c for c in ready.columns if c in schemas.scores(one.game, one.playtype).columns
    )
    try:
        broken = schemas.failures(known, schemas.scores(one.game, one.playtype))
    except UnfitFrame as error:  # Our own casts make the types fit.
        raise TachiError(str(error)) from error
    # A value that could not be read is null by now: it is not missing.
    lost = pl.format("{}: is missing", pl.col("name"))
    said = unread.select("index", message=lost)
    failures = pl.concat(
        [
            unread.select(*FAILURES),
            broken.join(said, on=["index", "message"], how="anti"),
            _nameless(ready),
        ]
    ).sort("index", maintain_order=True)
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    return ready.filter(~at.is_in(failures["index"].implode())), failures


def batch_manual(frame: Any, gpt: str, *, service: str = "Spreadsheet") -> dict[str, Any]:
    """Make a BATCH-MANUAL document of a frame.

    Args:
        frame: As `validate` takes it. Every row becomes a score, also one that is no possible score.
        gpt: A game and playtype such as ``sdvx:Single``; the playtype may be left out where a game has one.
        service: The name of the place that the scores come from, 3 to 60 characters.

    Returns:
        The document, which ``file/batch-manual`` imports. Null values are left out, and so are columns that no score
        has, such as grades, which follow from the score.

    Raises:
        TachiError: It is no frame, a column is missing, or a value is of the wrong type; or there is no such game.

    Example:
        >>> mine = pl.DataFrame({"title": ["Paper Lantern"], "difficulty": ["HARD"], "score": [912_000],
        ...                      "lamp": ["CLEAR"]})
        >>> document = td.batch_manual(mine, "wacca:Single", service="my notes")
        >>> document["scores"]
        [{'score': 912000, 'lamp': 'CLEAR', 'matchType': 'songTitle', 'identifier': 'Paper Lantern',
          'difficulty': 'HARD'}]
    """
    one = one_gpt(gpt)
    named = _named(as_frame(frame), one)
    _refuse_missing(named, one)
    ready, unread = _read(named, one)
    if not unread.is_empty():
        index, message = unread.select(*FAILURES).row(0)
        raise TachiError(
            f"Row {index}: {message}; td.validate(frame, {one.id!r}) lists all rows like it."
        )
    meta = {"game": one.game, "playtype": one.playtype, "service": service}
    return {"meta": meta, "scores": list(_scores(ready, one))}


def one_gpt(text: str) -> GPT:
    """Returns the game and playtype that a text names.

    Raises:
        TachiError: There is no such game, or it has several playtypes.
    """
    found = games.named(text)
    if len(found) > 1:
        ids = " or ".join(repr(gpt.id) for gpt in found)
        raise TachiError(f"{text} has several playtypes: write {ids}.")
    return found[0]


def as_frame(rows: Any) -> pl.DataFrame:
    """Returns rows as a frame of Polars.

    Raises:
        TachiError: They are none.
    """
    if isinstance(rows, pl.LazyFrame):
        return rows.collect()
    if isinstance(rows, pl.DataFrame):
        return rows
    if is_frame(rows):
        return pl.DataFrame(rows)
    raise TachiError(
        f"A frame is expected, such as pl.read_csv(path) returns, not {type(rows).__name__}."
    )


def is_frame(value: object) -> bool:
    """Returns whether a value is a frame of Polars, or holds Arrow data as frames of others do."""
    return isinstance(value, (pl.DataFrame, pl.LazyFrame)) or hasattr(value, "__arrow_c_stream__")


# --- columns ------------------------------------------------------------------------------------------


@cache
def _columns(gpt: GPT) -> dict[str, Column]:
    """The columns that a score may have, by name."""
    text = {name: Column(name, pl.String(), "", None, True) for name in LOOK_UP[:2]}
    shared = {name: column(name) for name in (*LOOK_UP[2:], *NOTES)}
    provided = {name: metrics(gpt)[name] for name in map(snake, gpt.provided)}
    details = {n: c for kind in ("judgements", "optional") for n, c in group(gpt, kind).items()}
    return {**text, **shared, **provided, **details}


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9+.]", "", name.lower())


@cache
def _names(gpt: GPT) -> Mapping[str, str]:
    """The column that each folded name stands for."""
    own = _columns(gpt)
    short = {_folded(name.partition(".")[2]): name for name in own if "." in name}
    return {**CALLED, **short, **{_folded(name): name for name in own}}


def _named(frame: pl.DataFrame, gpt: GPT) -> pl.DataFrame:
    """The frame with the names of the dictionary; of two columns for one, the one that has the name stays so."""
    taken = set(frame.columns)
    renamed = dict[str, str]()
    for name in frame.columns:
        meant = _names(gpt).get(_folded(name))
        if meant is not None and meant not in taken:
            renamed[name] = meant
            taken.add(meant)
    return frame.rename(renamed)


def _refuse_missing(frame: pl.DataFrame, gpt: GPT) -> None:
    needed = [snake(name) for name in gpt.provided]
    missing = [repr(name) for name in needed if name not in frame.columns]
    if not ({"identifier", *CHART} & {*frame.columns}):
        missing.insert(0, "'title'")
    if missing:
        raise TachiError(
            f"Scores of {gpt.id} need the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"the frame has {', '.join(map(repr, frame.columns)) or 'no columns'}."
        )


# --- values -------------------------------------------------------------------------------------------


def _read(frame: pl.DataFrame, gpt: GPT) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frame with the types of the dictionary; and ``index, name, message`` of values that have none of these."""
    own = {n: c for n, c in _columns(gpt).items() if n in frame.columns}
    enums = {snake(n): m for n, m in gpt.provided.items() if isinstance(m, Enum)}
    enums |= {f"optional.{snake(n)}": m for n, m in gpt.optional.items() if isinstance(m, Enum)}
    spelt = {name: enum.values for name, enum in enums.items()} | {
        "difficulty": gpt.difficulties or ()
    }
    read = frame.with_columns(
        _value(frame.schema[name], c, spelt.get(name, ())).alias(name) for name, c in own.items()
    )
    lost = [
        pl.DataFrame({"index": at.cast(pl.UInt32)}).with_columns(
            name=pl.lit(name), message=_said(name, c, frame[name].gather(at))
        )
        for name, c in own.items()
        if not (at := (read[name].is_null() & _is_filled(frame[name])).arg_true()).is_empty()
    ]
    none = pl.DataFrame(schema={"index": pl.UInt32, "name": pl.String, "message": pl.String})
    return read, pl.concat([none, *lost])


def _is_filled(values: pl.Series) -> pl.Series:
    filled = values.is_not_null()
    return filled & (values.str.strip_chars() != "") if values.dtype == pl.String else filled


def _said(name: str, of: Column, values: pl.Series) -> pl.Series:
    texts = values.cast(pl.String, strict=False).fill_null("?").str.slice(0, 200)
    expected = EXPECTED.get(of.dtype, "another type")
    return (
        texts.to_frame("value")
        .select(pl.concat_str(pl.lit(f'{name}: expected {expected}, got "'), "value", pl.lit('"')))
        .to_series()
    )


def _value(found: pl.DataType, of: Column, spelt: tuple[str, ...]) -> pl.Expr:
    """The values of a column as those of the dictionary's type; null where they cannot be read."""
    value = pl.col(of.name)
    if of.dtype == TIME:
        return _time(found, value)
    if found == pl.String:
        trimmed = value.str.strip_chars()
        value = pl.when(trimmed != "").then(trimmed)
    if of.dtype == pl.String:
        text = value.cast(pl.String, strict=False)
        if not spelt:
            return text
        return text.str.to_lowercase().replace_strict(
            [name.lower() for name in spelt], list(spelt), default=text, return_dtype=pl.String
        )
    if of.dtype.is_integer() and not found.is_integer():
        number = value.cast(pl.Float64, strict=False)
        return pl.when(number == number.floor()).then(number.cast(pl.Int64, strict=False))
    return value.cast(of.dtype, strict=False)


def _time(found: pl.DataType, value: pl.Expr) -> pl.Expr:
    """Times in UTC: of texts, of Unix milliseconds, of dates, and of times in any zone."""
    if found == pl.String:
        return date(value.map_batches(in_one_order, return_dtype=pl.String))
    if found.is_numeric():
        return pl.from_epoch(value.cast(pl.Int64, strict=False), "ms").cast(TIME)
    if isinstance(found, pl.Datetime) and found.time_zone is not None:
        value = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return value.cast(TIME, strict=False)


def _nameless(ready: pl.DataFrame) -> pl.DataFrame:
    """The `FAILURES` of rows that name no song."""
    naming = [pl.col(name).is_null() for name in ("identifier", *CHART) if name in ready.columns]
    return (
        ready.select(pl.all_horizontal(naming).alias("none"))
        .with_row_index("index")
        .filter("none")
        .select("index", message=pl.lit("title: is missing"))
    )


# --- documents ----------------------------------------------------------------------------------------


def _scores(ready: pl.DataFrame, gpt: GPT) -> Iterator[dict[str, Any]]:
    """The scores of a document, without members that are null."""
    top = {snake(name): name for name in gpt.provided}
    judged = {f"judgements.{snake(n)}": n for n in gpt.judgements}
    optional = {f"optional.{snake(n)}": n for n in gpt.optional}
    rows = ready.with_columns(**_look_up(ready))
    if "time_achieved" in rows.columns:
        rows = rows.with_columns(timeAchieved=epoch("time_achieved"))
    members = ("matchType", "identifier", "difficulty", "artist", "comment", "timeAchieved")
    top |= {name: name for name in members if name in rows.columns}
    kept = rows.select(c for c in rows.columns if c in {*top, *judged, *optional})
    for row in kept.iter_rows(named=True):
        score = _present(row, top)
        for name, inner in (("judgements", judged), ("optional", optional)):
            if found := _present(row, inner):
                score[name] = found
        yield score


def _present(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: row[c] for c, name in names.items() if row.get(c) is not None}


def _look_up(ready: pl.DataFrame) -> dict[str, pl.Expr]:
    """The match type and the identifier of each row."""
    found = pl.col("match_type") if "match_type" in ready.columns else pl.lit(None, pl.String)
    given = pl.col("identifier") if "identifier" in ready.columns else pl.lit(None, pl.String)
    kinds = {name: kind for name, kind in CHART.items() if name in ready.columns}
    by = [pl.when(pl.col(n).is_not_null()).then(pl.lit(kind)) for n, kind in kinds.items()]
    keys = [pl.col(name).cast(pl.String) for name in kinds]
    is_given = given.is_not_null()
    return {
        "matchType": pl.when(is_given)
        .then(pl.coalesce(found, pl.lit("songTitle")))
        .otherwise(pl.coalesce(*by, pl.lit(None, pl.String))),
        "identifier": pl.coalesce(given, *keys),
    }
