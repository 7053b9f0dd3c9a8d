"""Reading files: text, JSON, and the two dialects of CSV. What cannot be read raises ImportFatal(400)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, NoReturn

import orjson
import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.import_types._model import Source


def text(source: Source) -> str:
    """The file as text: UTF-8, invalid bytes become U+FFFD, a byte order mark is dropped."""
    data = source.data
    decoded = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
    return decoded.removeprefix("\ufeff")


def json_document(source: Source) -> Any:
    """The file as a JSON value; of duplicate keys the last wins."""
    content = text(source)
    try:
        return orjson.loads(content)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        problem = error
    try:  # orjson refuses unpaired surrogates and numbers beyond a double, which JSON admits.
        return json.loads(content, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise ImportFatal(400, "The file is not JSON that can be read: it is nested too deeply.") from None
    except ValueError:
        where = (
            f" (line {problem.lineno}, column {problem.colno})"
            if isinstance(problem, orjson.JSONDecodeError)
            else ""
        )
        reason = problem.msg if isinstance(problem, orjson.JSONDecodeError) else str(problem)
        raise ImportFatal(400, f"The file is not valid JSON{where}: {reason}.") from None


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 19 else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


MAX_HEADER, MAX_HEADERS = 1000, 50


def naive_csv(content: str, *, surplus_in_first: bool = False) -> tuple[pl.DataFrame, int]:
    r"""CSV of sources that escape nothing (e-amusement): split at newlines, then at commas.

    Gives a frame with ``line`` (the header is line 0) and one text column per header, named ``0``,
    ``1``, …, and the number of columns. A cell loses one pair of quotes around it, a line its trailing
    ``\r``; a line without a comma is skipped. ``surplus_in_first`` repairs rows with too many cells by
    joining the first ones, for formats where only the first column may hold a comma.
    """
    header, _, _ = content.partition("\n")
    header = header.removesuffix("\r")
    if not header:
        raise ImportFatal(400, "The CSV file has no header line.")
    if len(header) > MAX_HEADER:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADER} characters.")
    width = header.count(",") + 1
    if width > MAX_HEADERS:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADERS} columns.")
    lines = (
        pl.DataFrame({"text": content.split("\n")})
        .with_row_index("line")
        .slice(1)
        .with_columns(pl.col("line").cast(pl.Int64), pl.col("text").str.strip_suffix("\r"))
        .with_columns(cells=pl.col("text").str.split(","))
        .filter(pl.col("cells").list.len() > 1)
    )
    count = pl.col("cells").list.len().cast(pl.Int64)
    if surplus_in_first:
        joined = pl.col("cells").list.head(count - width + 1).list.join(",")
        rest = pl.col("cells").list.tail(width - 1)
        lines = lines.with_columns(
            cells=pl.when(count > width).then(pl.concat_list(joined, rest)).otherwise(pl.col("cells"))
        )
    wrong = lines.filter(count != width)
    if not wrong.is_empty():
        first = wrong.row(0, named=True)
        raise ImportFatal(
            400, f"Line {first['line']}: expected {width} cells as in the header, got {len(first['cells'])}."
        )
    cells = lines.select(
        "line",
        *(unquoted(pl.col("cells").list.get(i, null_on_oob=True)).alias(str(i)) for i in range(width)),
    )
    return cells, width


def unquoted(cell: pl.Expr) -> pl.Expr:
    """Without the one pair of quotes around the whole cell, if there is one."""
    quoted = (
        cell.str.starts_with('"')
        & cell.str.ends_with('"')
        & (cell.str.len_bytes() >= 2)
        & ~cell.str.contains("[\r\u2028\u2029]")
    )
    return pl.when(quoted).then(cell.str.slice(1, cell.str.len_chars() - 2)).otherwise(cell)


def strict_csv(content: str) -> tuple[list[str], list[list[str]], list[int]]:
    """RFC 4180 CSV: column names, records, and the line each record starts on (the header is 0).

    The record separator is the one that ends the first line. Blank lines are skipped.
    """
    ends = [(content.find(e), e) for e in ("\r\n", "\n", "\r") if e in content]
    separator = min(ends, key=lambda end: (end[0], -len(end[1])))[1] if ends else "\n"
    reader = csv.reader(io.StringIO(content.replace(separator, "\n") if separator != "\n" else content, newline="\n"), strict=True)
    names: list[str] = []
    records: list[list[str]] = []
    lines: list[int] = []
    try:
        names = next(reader, [])
        started = reader.line_num
        for record in reader:
            if record:
                if len(record) != len(names):
                    raise ImportFatal(
                        400, f"Line {started}: expected {len(names)} cells as in the header, got {len(record)}."
                    )
                records.append(record)
                lines.append(started)
            started = reader.line_num
    except csv.Error as error:
        raise ImportFatal(400, f"Line {reader.line_num}: this is not valid CSV ({error}).") from None
    return names, records, lines
