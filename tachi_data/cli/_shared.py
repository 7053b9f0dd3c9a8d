"""The parts that all commands share: the store, progress, and printing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tachi_data.errors import TachiError
from tachi_data.escaping import visible_json, visible_lines

if TYPE_CHECKING:
    from tachi_data.store import Store

# IDs, hashes, paths and addresses: what people copy.
UNBROKEN = re.compile(r"[A-Za-z0-9_./:\\-]{16,}")
LF = "\n"
LONGEST_WORD = 16
LEAST = 6  # A column of text that is narrower cannot be read.
NUMBER = re.compile(r"-?[\d,.]+%?")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def counted(count: int, what: str) -> str:
    """Returns a number with the word of what is counted.

    >>> counted(1, "score"), counted(1200, "score")
    ('1 score', '1,200 scores')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class State:
    """The options that come before the command."""

    store: str


@contextmanager
def opened(context: typer.Context, *, create: bool = True) -> Iterator[Store]:
    """The store that the command works on."""
    import tachi_data as td

    store = td.open_store(context.obj.store, create=create)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def working(description: str, *, hidden: bool) -> Iterator[Callable[[str], None]]:
    """Show on standard error that the command is at work; the yielded function shows how far it is."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden)
    with bar:
        task = bar.add_task(description, total=None)
        yield lambda text: bar.update(task, description=text)


def say(text: object, *, err: bool = False) -> None:
    """A line for people. Text from outside in it cannot command the terminal."""
    typer.echo(visible_lines(text), err=err)


def print_json(value: Any) -> None:
    """A JSON value on standard output."""
    typer.echo(visible_json(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def print_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people, or, where the terminal is too narrow for its IDs and paths, a block for each row."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = [["" if cell is None else visible_lines(cell) for cell in row] for row in rows]
    columns = [[name, *(row[at] for row in cells)] for at, name in enumerate(headers)]
    console = Console(highlight=False)
    if title:  # Not as the table's title, which is wrapped to the width of the table.
        say(title)
    widths = _widths(columns, console.width - 3 * len(columns) - 1)
    if widths is None:
        _print_blocks(headers, cells)
        return
    table = Table()
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column[0]),
            justify="right" if _is_number(column) else "left",
            width=width,
            overflow="fold",
        )
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The width of each column, in cells; None where an ID or a path would have to be broken."""
    from rich.cells import cell_len

    natural = [
        max(cell_len(line) for cell in column for line in cell.split(LF)) for column in columns
    ]
    for longest in (LONGEST_WORD, 0):  # Whole words, if there is room for them.
        least = [
            wide if _is_number(column) else min(wide, _least(column, longest))
            for column, wide in zip(columns, natural, strict=True)
        ]
        if sum(least) <= room:
            break
    else:
        return None
    wanted = [wide - narrow for wide, narrow in zip(natural, least, strict=True)]
    share = min(1.0, (room - sum(least)) / (sum(wanted) or 1))
    return [narrow + int(more * share) for narrow, more in zip(least, wanted, strict=True)]


def _least(column: Sequence[str], longest: int) -> int:
    """The width that a column needs so that no ID, no path and no word of up to so many letters is broken."""
    words = [len(word) for cell in column[1:] for word in UNBROKEN.findall(cell)]
    plain = [len(word) for cell in column[1:] for word in cell.split() if len(word) <= longest]
    return max([LEAST, *words, *plain, *map(len, column[0].split())])


def _is_number(column: Sequence[str]) -> bool:
    return any(column[1:]) and all(NUMBER.fullmatch(cell) for cell in column[1:] if cell)


def _print_blocks(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Each row as lines of name and value; values are as long as they are, so that they can be copied whole."""
    wide = max(map(len, headers))
    for row in cells:
        typer.echo()
        for name, cell in zip(headers, row, strict=True):
            if cell:
                typer.echo(f"  {name:<{wide}}  {cell.replace(LF, LF + ' ' * (wide + 4))}")
    typer.echo()


def sql(name: str) -> str:
    """Returns a statement of the command line by its name; DuckDB is loaded only where one is needed."""
    from tachi_data.store import statements

    return statements("tachi_data.cli")(name)


def whole_id(store: Store, what: str, prefix: str) -> str:
    """The ID that begins so, of an ``import``, ``orphan`` or ``score``; an unknown one is returned as it is.

    Raises:
        TachiError: Several IDs begin so.
    """
    names = {
        "import": "imports_called",
        "orphan": "orphans_called",
        "score": "scores_called",
    }
    found = store.query(sql(names[what]), {"prefix": prefix})["id"].sort().to_list()
    if prefix in found or not found:
        return prefix
    if len(found) > 1:
        raise TachiError(
            f"Several IDs of {what}s begin with {prefix!r:.200}: {', '.join(found[:5])}. Add a few letters."
        )
    return str(found[0])
