"""What a load or a patch did to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from tachi_data.escaping import as_html

KINDS = ("songs", "charts")
CHANGES = ("added", "changed", "removed")


@dataclass(frozen=True, eq=False, repr=False)
class CatalogueDiff:
    """What changed; false if nothing did.

    Attributes:
        version: Of the catalogue, now.
        games: Whose catalogue changed.
        songs: ``game, id, change``, one row per song that was added, changed or removed.
        charts: The same of charts.
        others: The same of folders, goals, quests, questlines and courses, with ``collection``.
        warnings: Things that are legal, but that somebody should look at.
        generation: The form of the seeds that the catalogue was loaded from, now: 2 or 3.
        moved_from: The generation before, if this load changed it.
        is_stored: Whether the changes were made; false if this only says what a load would change.
        followed: What was done after the load because of it, in sentences: scores that were derived again,
            orphans that were tried again.

    Example:
        >>> diff = td.patch_catalogue(store, {})
        >>> bool(diff), diff.counts["charts_added"]
        (False, 0)
        >>> diff
        <CatalogueDiff: version 1: nothing changed>
    """

    version: int
    games: tuple[str, ...]
    songs: pl.DataFrame
    charts: pl.DataFrame
    others: pl.DataFrame
    warnings: tuple[str, ...] = ()
    generation: int = 2
    moved_from: int | None = None
    is_stored: bool = True
    followed: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """``songs_added``, ``songs_changed``, …, ``charts_removed``."""
        frames = {"songs": self.songs, "charts": self.charts}
        return {
            f"{kind}_{change}": int((frames[kind]["change"] == change).sum())
            for kind in KINDS
            for change in CHANGES
        }

    def __bool__(self) -> bool:
        changed = self.songs.height or self.charts.height or self.others.height
        return bool(changed or self.moved_from)

    def __repr__(self) -> str:
        """One line: the version, and how much changed."""
        told = ", ".join(
            f"{count:,} {what.replace('_', ' ')}" for what, count in self.counts.items() if count
        )
        others = f"{self.others.height:,} folders, goals and quests" if self.others.height else ""
        changed = ", ".join(filter(None, (told, others))) or "nothing changed"
        return f"<CatalogueDiff: version {self.version}: {changed}>"

    def _repr_html_(self) -> str:
        return f"<pre style='white-space:pre-wrap'>{'<br>'.join(map(as_html, str(self).split(chr(10))))}</pre>"

    def __str__(self) -> str:
        warnings = [f"Warning: {warning}" for warning in self.warnings]
        if not self:
            first = f"Nothing changed; the catalogue is at version {self.version}."
            return "\n".join([first, *self.followed, *warnings])
        state = "is now" if self.is_stored else "would be"
        first = f"The catalogue {state} at version {self.version}."
        if self.moved_from is not None:
            first += f" It {state} of the form v{self.generation}, after v{self.moved_from}."
        return "\n".join([first, *map(_line, self.by_game().to_dicts()), *self.followed, *warnings])

    def by_game(self) -> pl.DataFrame:
        """``game, collection, added, changed, removed``: how many there are."""
        parts = [
            changes.select("game", "change", collection=pl.lit(kind))
            for kind, changes in (("songs", self.songs), ("charts", self.charts))
        ]
        changes = pl.concat([*parts, self.others.select("game", "change", "collection")])
        counted = changes.group_by("game", "collection", maintain_order=True).agg(
            (pl.col("change") == change).sum().cast(pl.Int64).alias(change) for change in CHANGES
        )
        return counted.sort("game", maintain_order=True)

    def document(self) -> dict[str, Any]:
        """For programs: the version and form, how much changed, the warnings."""
        return {
            "version": self.version,
            "generation": self.generation,
            "movedFrom": self.moved_from,
            "isStored": self.is_stored,
            "games": list(self.games),
            **self.counts,
            "byGame": self.by_game().to_dicts(),
            "warnings": list(self.warnings),
            "followed": list(self.followed),
        }


def _line(counts: Mapping[str, Any]) -> str:
    told = ", ".join(f"{counts[change]:,} {change}" for change in CHANGES if counts[change])
    return f"  {counts['game']} {counts['collection']}: {told}"
