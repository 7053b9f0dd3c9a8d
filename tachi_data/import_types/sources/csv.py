"""Reading CSV in its two dialects: without any escaping, and RFC 4180."""

from __future__ import annotations

import re

import polars as pl

from tachi_data.errors import ImportFatal

MAX_HEADER, MAX_HEADERS = 1000, 50


def naive_csv(content: str, *, surplus_in_first: bool = False) -> tuple[pl.DataFrame, int]:
    r"""Read CSV of sources that escape nothing (e-amusement): split at newlines, then at commas.

    A cell loses one pair of quotes around it, a line its trailing ``\r``. A line without a comma is
    skipped.

    Args:
        content: The text of the file.
        surplus_in_first: Repair rows with too many cells by joining the first ones, for formats where
            only the first may hold a comma.

    Returns:
        A frame with ``line`` (the header is line 0) and one text column per header, named ``0``, ``1``,
        …, and the number of columns.

    Raises:
        ImportFatal: 400; there is no header, it is too long, or a row has another number of cells.
    """
    width = _width(content)
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
            cells=pl.when(count > width)
            .then(pl.concat_list(joined, rest))
            .otherwise(pl.col("cells"))
        )
    wrong = lines.filter(count != width)
    if not wrong.is_empty():
        first = wrong.row(0, named=True)
        raise ImportFatal(
            400,
            f"Line {first['line']}: expected {width} cells as in the header,"
            f" got {len(first['cells'])}.",
        )
    cells = lines.select(
        "line",
        *(
            unquoted(pl.col("cells").list.get(i, null_on_oob=True)).alias(str(i))
            for i in range(width)
        ),
    )
    return cells, width


def _width(content: str) -> int:
    """Return the number of columns in the header."""
    header, _, _ = content.partition("\n")
    header = header.removesuffix("\r")
    if not header:
        raise ImportFatal(400, "The CSV file has no header line.")
    if len(header) > MAX_HEADER:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADER} characters.")
    width = header.count(",") + 1
    if width > MAX_HEADERS:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADERS} columns.")
    return width


def unquoted(cell: pl.Expr) -> pl.Expr:
    """Remove the pair of quotes around the whole cell, if there is one."""
    quoted = (
        cell.str.starts_with('"')
        & cell.str.ends_with('"')
        & (cell.str.len_bytes() >= 2)
        & ~cell.str.contains("[\r\u2028\u2029]")
    )
    return pl.when(quoted).then(cell.str.slice(1, cell.str.len_chars() - 2)).otherwise(cell)


def strict_csv(content: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Read CSV by RFC 4180. Blank lines are skipped.

    The record separator is the one that ends the first line; another one is part of a cell.

    Args:
        content: The text of the file.

    Returns:
        The names of the columns, the records, and the line that each record starts on (the header is 0).

    Raises:
        ImportFatal: 400; a quote is out of place, or a record has another number of cells.
    """
    separator = _line_end(content)
    cell = _cell(separator)
    records: list[list[str]] = []
    lines: list[int] = []
    record: list[str] = []
    at = line = started = 0
    while at < len(content) or record:
        found = cell.match(content, at)
        if found is None:
            raise ImportFatal(400, f"Line {line}: this is not valid CSV (a quote is out of place).")
        quoted, plain, end = found.groups()
        record.append(plain if quoted is None else quoted.replace('""', '"'))
        line += (quoted or "").count(separator)
        at = found.end()
        if end == ",":
            continue
        if len(record) > 1 or quoted is not None or plain:
            records.append(record)
            lines.append(started)
        record = []
        line = started = line + 1
    names = records[0] if records else []
    for started, record in zip(lines, records, strict=True):
        if len(record) != len(names):
            raise ImportFatal(
                400,
                f"Line {started}: expected {len(names)} cells as in the header, got {len(record)}.",
            )
    return names, records[1:], lines[1:]


def _line_end(content: str) -> str:
    """Return the line end of the first line; a newline where there is only one line."""
    first = re.search("\r\n|\n|\r", content)
    return first[0] if first else "\n"


def _cell(separator: str) -> re.Pattern[str]:
    """Return a pattern for a cell with quotes (1) or without (2), and for its end (3)."""
    end = re.escape(separator)
    quoted = r'"([^"]*+(?:""[^"]*+)*+)"'
    return re.compile(rf'(?:{quoted}|((?:(?!{end})[^",])*+))(,|{end}|\Z)')
