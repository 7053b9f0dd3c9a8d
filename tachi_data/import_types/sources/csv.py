r"""Reading delimited files: as a site writes them, without any escaping, and by RFC 4180.

Both may have been saved again by a spreadsheet. So the separator is a comma, a semicolon or a tab, as the header
has it; a line ends with ``\r\n``, ``\n`` or ``\r``; cells may be quoted; empty columns at the end and empty
rows do not count; a first line ``sep=;`` is only a hint for spreadsheets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from tachi_data.errors import ImportFatal

MAX_HEADER, MAX_HEADERS = 1000, 50
# A file of all songs of a game has some thousand lines; 16 MB of blank lines would take a gigabyte.
MAX_LINES = 100_000
SEPARATORS = (",", ";", "\t")
_HINT = re.compile(r'"?sep=([,;\t])"?[,;\t]*(?:\r\n|\n|\r)', re.IGNORECASE)
_QUOTED = r'"(?:[^"]|"")*"'


@dataclass(frozen=True)
class Form:
    """What is known of the columns of a site's files.

    Attributes:
        prose: The first column that may hold a separator, and the one behind the last such column.
        patterns: What a cell behind those looks like in every row that is whole, by the column's place from the
            end. A row with a separator in its prose is only repaired where these hold.
        spare: The number of columns at the end that may be empty. A spreadsheet cuts such cells off.
    """

    prose: tuple[int, int] = (0, 1)
    patterns: Mapping[int, str] = field(default_factory=dict)
    spare: int = 0


def site_csv(
    content: str, widths: Sequence[int], *, form: Form | None = None
) -> tuple[pl.DataFrame, int]:
    """Read a file of a site that escapes nothing (e-amusement), or what a spreadsheet made of it.

    A line with quotes is read with quoted cells where that is possible without a rest, else it is split
    at every separator. A line of one cell is skipped.

    Args:
        content: The text of the file.
        widths: The numbers of columns that the site's files have; they tell the separator.
        form: What is known of the columns, to repair rows with too many cells, or too few.

    Returns:
        A frame with ``line`` (of the file, from 1) and one text column per header, named ``0``, ``1``,
        …, and the number of columns.

    Raises:
        ImportFatal: 400; there is no header, it is too long, there are too many lines, or a row has another
            number of cells.
    """
    hint, content, first = _without_hint(content)
    end = "\n" if "\n" in content else "\r"
    _check_length(content, end)
    lines = pl.Series("text", content.split(end))
    header = (lines[0] or "").rstrip("\r")
    separator = hint or _separator(header, widths)
    width = _width(header, separator)
    split = (
        pl.DataFrame(lines)
        .with_row_index("line", offset=first)
        .slice(1)
        .with_columns(pl.col("line").cast(pl.Int64), pl.col("text").str.strip_chars_end("\r"))
        .filter(pl.col("text").str.contains(separator, literal=True))
        .with_columns(cells=_cells(separator, has_quotes='"' in content))
        .filter(pl.col("cells").list.join("").str.strip_chars(' "') != "")
        .with_columns(cells=_fitted(width))
    )
    if form is not None:
        is_cut = content.endswith(("\n", "\r"))
        split = _repaired(split, form, width, separator, fill=is_cut)
    wrong = split.filter(pl.col("cells").list.len() != width)
    if not wrong.is_empty():
        found = wrong.row(0, named=True)
        raise ImportFatal(400, _misfit(found["line"], width, len(found["cells"])))
    cells = (pl.col("cells").list.get(i, null_on_oob=True).alias(str(i)) for i in range(width))
    rows = split.select("line", *(unquoted(cell) if '"' in content else cell for cell in cells))
    return rows, width


def _check_length(content: str, end: str) -> None:
    """Refuse a file of very many lines."""
    count = content.count(end)
    if count > MAX_LINES:
        raise ImportFatal(
            400,
            f"The file has {count:,} lines, and at most {MAX_LINES:,} are read: import it in parts.",
        )


def _without_hint(content: str) -> tuple[str | None, str, int]:
    """Return the separator that a first line ``sep=;`` names, the lines after it, and the number of the first."""
    hint = _HINT.match(content)
    return (hint[1], content[hint.end() :], 2) if hint else (None, content, 1)


def _separator(header: str, widths: Sequence[int]) -> str:
    """Return the separator with which the header has one of the widths; else the comma."""
    fitting = (s for s in SEPARATORS if len(_header_cells(header, s)) in widths)
    return next(fitting, SEPARATORS[0])


def _header_cells(header: str, separator: str) -> list[str]:
    """Return the names of the columns up to the last that is not empty."""
    return header.rstrip(f'{separator}" ').split(separator)


def _width(header: str, separator: str) -> int:
    """Return the number of columns in the header."""
    if not header.strip():
        raise ImportFatal(400, "The CSV file has no header line.")
    if len(header) > MAX_HEADER:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADER} characters.")
    width = len(_header_cells(header, separator))
    if width > MAX_HEADERS:
        raise ImportFatal(400, f"The header line has more than {MAX_HEADERS} columns.")
    return width


def _misfit(line: int, expected: int, found: int) -> str:
    return f"Line {line}: expected {expected} cells as in the header, got {found}."


def _cells(separator: str, *, has_quotes: bool) -> pl.Expr:
    """Return the cells of a line, quotes included."""
    text = pl.col("text")
    plain = text.str.split(separator)
    if not has_quotes:
        return plain
    # Each match is a cell with the separator before it; matches that leave nothing out are the whole line.
    matches = text.str.extract_all(f"(?:^|{separator})(?:{_QUOTED}|[^{separator}]*)")
    cells = matches.list.eval(pl.element().str.strip_prefix(separator))
    is_quoted = text.str.contains('"', literal=True) & (matches.list.join("") == text)
    return pl.when(is_quoted).then(cells).otherwise(plain)


def _fitted(width: int) -> pl.Expr:
    """Return the cells without empty ones behind the last column."""
    cells = pl.col("cells")
    surplus = cells.list.slice(width).list.join("").str.strip_chars(' "')
    return (
        pl.when((cells.list.len() > width) & (surplus == ""))
        .then(cells.list.head(width))
        .otherwise(cells)
    )


def _repaired(
    rows: pl.DataFrame, form: Form, width: int, separator: str, *, fill: bool
) -> pl.DataFrame:
    """Return the rows, of which those with surplus cells in their prose, or without spare ones, have all cells."""
    count = pl.col("cells").list.len().cast(pl.Int64)
    missing = width - count
    empty = pl.lit("").repeat_by(missing.clip(0))
    if fill and form.spare:
        is_short = (missing > 0) & (missing <= form.spare)
        whole = pl.when(is_short).then(pl.concat_list("cells", empty)).otherwise("cells")
        rows = rows.with_columns(cells=whole)
    looks = [
        pl.col("cells").list.get(-place, null_on_oob=True).str.contains(pattern)
        for place, pattern in form.patterns.items()
    ]
    is_sure = pl.all_horizontal(pl.lit(True), *looks)
    surplus = rows.filter((count > width) & is_sure)
    if surplus.is_empty():
        return rows
    first, last = form.prose
    behind = width - last
    prose = surplus.select("line", cell=pl.col("cells").list.head(count - behind).list.slice(first))
    joined = _joined_prose(prose, last - first, separator)
    cells = pl.concat_list(
        pl.col("cells").list.head(first), "prose", pl.col("cells").list.tail(behind)
    )
    whole_rows = surplus.join(joined, on="line").select("line", whole=cells)
    return rows.join(whole_rows, on="line", how="left", maintain_order="left").with_columns(
        cells=pl.coalesce("whole", "cells")
    )


def _joined_prose(prose: pl.DataFrame, columns: int, separator: str) -> pl.DataFrame:
    """Return the cells of each line joined to that many: ``line, prose``.

    A site writes no blank behind its separators. So where there are as many blanks as cells too many, those cells go
    on; else the surplus is in the first cell, the title.
    """
    cell, place = pl.col("cell"), pl.int_range(pl.len()).over("line")
    surplus = pl.len().over("line").cast(pl.Int64) - columns
    goes_on = cell.str.contains("^[ \u3000]") & (place > 0)
    goes_on = (
        pl.when(goes_on.sum().over("line") == surplus)
        .then(goes_on)
        .otherwise((place > 0) & (place <= surplus))
    )
    return (
        prose.explode("cell")
        .with_columns(column=(~goes_on).cum_sum().over("line"))
        .group_by("line", "column", maintain_order=True)
        .agg(cell.str.join(separator))
        .group_by("line", maintain_order=True)
        .agg(prose="cell")
    )


def unquoted(cell: pl.Expr) -> pl.Expr:
    """Remove the pair of quotes around the whole cell; doubled quotes within become single ones.

    >>> cells = pl.Series(['"a"', '"a ""b"" c"', 'a "b"', '"a" "b"'])
    >>> pl.select(unquoted(cells)).to_series().to_list()
    ['a', 'a "b" c', 'a "b"', '"a" "b"']
    """
    inner = cell.str.slice(1, cell.str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    quoted = cell.str.contains(f"^{_QUOTED}$") & ~cell.str.contains("[\r\u2028\u2029]")
    return pl.when(quoted).then(inner).otherwise(cell)


def strict_csv(
    content: str, needed: Collection[str] = ()
) -> tuple[list[str], list[list[str]], list[int]]:
    """Read CSV by RFC 4180. Blank lines and rows of empty cells are skipped.

    The end of a record is what ends the first line; another line end is part of a cell.

    Args:
        content: The text of the file.
        needed: The columns that a record cannot be without. A spreadsheet cuts empty cells off the end of others.

    Returns:
        The names of the columns, the records, and the line of the file, from 1, that each record starts on.

    Raises:
        ImportFatal: 400; a quote is out of place, there are too many lines, or a record has another number of cells.
    """
    hint, content, first = _without_hint(content)
    end = _line_end(content)
    _check_length(content, end)
    header = content.partition(end)[0]
    separator = hint or next((s for s in SEPARATORS if s in header), SEPARATORS[0])
    read, lines = _records(content, separator, end, first)
    names, *records = read or [[]]
    while names and not names[-1]:
        names.pop()
    width = len(names)
    records = [_cut_to(record, names, needed) for record in records]
    for line, record in zip(lines[1:], records, strict=True):
        if len(record) != width:
            raise ImportFatal(400, _misfit(line, width, len(record)))
    return names, records, lines[1:]


def _cut_to(record: list[str], names: list[str], needed: Collection[str]) -> list[str]:
    """Return a record without empty cells behind the last column, and with those that were cut off."""
    missing = names[len(record) :]
    if missing and needed and not set(needed).intersection(missing):
        return record + [""] * len(missing)
    return record if any(record[len(names) :]) else record[: len(names)]


def _records(
    content: str, separator: str, end: str, first: int
) -> tuple[list[list[str]], list[int]]:
    """Return the records, the header among them, and the line that each starts on."""
    cell, blank = _cell(separator, end), re.compile(f"(?:{re.escape(end)})+")
    records: list[list[str]] = []
    lines: list[int] = []
    record: list[str] = []
    at, line, started = 0, first, first
    while at < len(content) or record:
        if not record and (empty := blank.match(content, at)):
            at, line = empty.end(), line + len(empty[0]) // len(end)
            started = line
            continue
        found = cell.match(content, at)
        if found is None:
            raise ImportFatal(400, f"Line {line}: this is not valid CSV (a quote is out of place).")
        quoted, plain, stop = found.groups()
        record.append(plain if quoted is None else quoted.replace('""', '"'))
        line += (quoted or "").count(end)
        at = found.end()
        if stop == separator:
            continue
        if any(record) or (quoted is not None and len(record) == 1):
            records.append(record)
            lines.append(started)
        record = []
        line = started = line + 1
    return records, lines


def _line_end(content: str) -> str:
    """Return the line end of the first line; a newline where there is only one line."""
    first = re.search("\r\n|\n|\r", content)
    return first[0] if first else "\n"


def _cell(separator: str, line_end: str) -> re.Pattern[str]:
    """Return a pattern for a cell with quotes (1) or without (2), and for its end (3)."""
    end = re.escape(line_end)
    quoted = r'"([^"]*+(?:""[^"]*+)*+)"'
    return re.compile(rf'(?:{quoted}|((?:(?!{end})[^"{separator}])*+))({separator}|{end}|\Z)')
