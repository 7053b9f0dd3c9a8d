"""The reference page of the stored tables: each column with its type, unit and sentence."""

from __future__ import annotations

from collections.abc import Iterator

from tachi_data.store import Table, sql_type
from tachi_data.tables import catalogue, imports, orphans, players, scores, standings
from tachi_data.tables.column import Column

CHAPTERS = {
    "Scores and personal bests": scores.tables(),
    "Catalogue": catalogue.TABLES,
    "Imports": imports.TABLES,
    "Orphans": orphans.TABLES,
    "Sessions, profiles, classes and goals": standings.TABLES,
    "Players": players.TABLES,
}


def document() -> str:
    """Returns the Markdown text of all tables."""
    return "\n\n".join(_chapters())


def _chapters() -> Iterator[str]:
    for title, tables in CHAPTERS.items():
        yield f"## {title}"
        for table in tables:
            yield _section(table)


def _section(table: Table) -> str:
    lines = [f"### {table.name}", "", f"{table.comment or _row(table)}", ""]
    lines += ["| column | type | unit | |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *map(_line, scores.columns_of(table).values())])


def _row(table: Table) -> str:
    """What one row of a game's table is."""
    return scores.A_SCORE if table.name.startswith("scores_") else scores.A_BEST


def _line(column: Column) -> str:
    null = " Or null." if column.nullable and "null" not in column.sentence else ""
    kind = sql_type(column.dtype).replace('"', "")
    return f"| `{column.name}` | {kind} | {column.unit or ''} | {_cell(column.sentence)}{null} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
