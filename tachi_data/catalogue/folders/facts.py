"""What the conditions of folders read from charts: values by path, fetched for all charts at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tachi_data.errors import CatalogueError
from tachi_data.games.model import Between


@dataclass(frozen=True)
class Facts:
    """The paths that conditions ask for, in the order of their values in two columns.

    Attributes:
        paths: Those of the column ``facts``: the values there as JSON texts, one per element of a list.
        text_paths: Those of the column ``texts``: the value there as one text.
        inferred: Paths of texts that follow from a number where there is none.
    """

    paths: dict[str, int] = field(default_factory=dict)
    text_paths: dict[str, int] = field(default_factory=dict)
    inferred: Mapping[str, Between] = field(default_factory=dict)

    def at(self, path: str) -> pl.Expr:
        """The values at a path: JSON texts, none where there is nothing.

        Args:
            path: Such as ``data.inGameID``, from the top of a chart's description.

        Raises:
            CatalogueError: The path cannot be written as a path in JSON.
        """
        return pl.col("facts").list.get(self._position(path, self.paths))

    def text_at(self, path: str) -> pl.Expr:
        """The value at a path as text: a string as it is, all else as JSON; null where there is none.

        Args:
            path: Such as ``data.inGameID``, from the top of a chart's description.

        Raises:
            CatalogueError: The path cannot be written as a path in JSON.
        """
        text = pl.col("texts").list.get(self._position(path, self.text_paths))
        source = self.inferred.get(path)
        if source is None:
            return text
        number = self.text_at(f"data.{source.member}").cast(pl.Float64, strict=False)
        follows = (number >= source.low) & (number < source.high)
        return pl.coalesce(text, follows.fill_null(False).cast(pl.String))

    def parameters(self) -> dict[str, list[str]]:
        """The paths as DuckDB writes them, by the name of the parameter."""
        return {"paths": _written(self.paths), "text_paths": _written(self.text_paths)}

    @staticmethod
    def _position(path: str, known: dict[str, int]) -> int:
        if '"' in path or "\\" in path or "\0" in path:
            raise CatalogueError(f"its query cannot be read: {path!r:.200}")
        return known.setdefault(path, len(known))


def _written(paths: dict[str, int]) -> list[str]:
    return ["$" + "".join(f'."{step}"' for step in path.split(".")) for path in paths]
