"""SQL text: the named statements of a package, and quotes for names and texts that cannot be parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

_HEADING = "\n-- name: "


def statements(package: str, file: str = "queries.sql") -> Callable[..., str]:
    """Returns the function that finds a statement of a package by its name.

    A statement stands in ``queries.sql`` under a line ``-- name: …``, or, a long one, in a file of its
    own. Keyword arguments name tables: ``sql("count_rows", rows="scores_iidx")`` puts the quoted name
    in the place of ``{rows}``.

    Args:
        package: The dotted name of the package.
        file: The file of the short statements.
    """

    def statement(name: str, **tables: str) -> str:
        text = _text(package, file, name)
        for place, table in tables.items():
            text = text.replace(f"{{{place}}}", identifier(table))
        return text

    return statement


@cache
def _text(package: str, file: str, name: str) -> str:
    named = _named(package, file)
    if name in named:
        return named[name]
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def _named(package: str, file: str) -> dict[str, str]:
    path = files(package).joinpath(file)
    if not path.is_file():
        return {}
    parts = path.read_text(encoding="utf-8").split(_HEADING)[1:]
    return {name: text for name, _, text in (part.partition("\n") for part in parts)}


def identifier(name: str) -> str:
    """Returns a name in quotes.

    >>> print(identifier('the "best" one'))
    "the ""best"" one"
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Returns a text in quotes, for ATTACH and COMMENT, which take no parameters.

    >>> print(literal("it's"))
    'it''s'
    """
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
