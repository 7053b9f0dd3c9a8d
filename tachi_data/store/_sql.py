"""SQL text: packaged files, and the quoting of what cannot be a parameter."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def load_sql(package: str, name: str) -> str:
    """The text of ``<name>.sql`` in a package, which is given by its dotted name."""
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def identifier(name: str) -> str:
    """A quoted name.

    >>> print(identifier('the "best" one'))
    "the ""best"" one"
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Quoted text, for ATTACH and COMMENT, which take no parameters.

    >>> print(literal("it's"))
    'it''s'
    """
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
