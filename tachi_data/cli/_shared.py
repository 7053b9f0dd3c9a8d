"""The parts that all commands share: the store, progress, and printing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tachi_data.store import Store

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


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


def print_json(value: Any) -> None:
    """A JSON value on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console().print(table)


def sql(name: str) -> str:
    """Returns a statement of the command line by its name; DuckDB is loaded only where one is needed."""
    from tachi_data.store import statements

    return statements("tachi_data.cli")(name)
