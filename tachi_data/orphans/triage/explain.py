"""The story of one orphan: its origin, its look-up, the songs and charts in the catalogue, and its attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.clock import unix_ms
from tachi_data.errors import TachiError
from tachi_data.matching import LOOK_UP, difficulty_aliases
from tachi_data.orphans.archive import find_orphan
from tachi_data.orphans.convert import attempted, settle
from tachi_data.orphans.pages import page_rows
from tachi_data.orphans.triage.triage import TITLES, similar_titles, titles_of
from tachi_data.store import Store, Transaction, query, statements

sql = statements("tachi_data.orphans")

VERDICTS = {
    "success": "Tried now, it would become a score.",
    "failed": "Tried now, it would stay: {}",
    "removed": "Tried now, it would be rejected: {}",
}


@dataclass(frozen=True, eq=False)
class Explanation:
    """The story of an orphan.

    Attributes:
        orphan: Its stored row, with ``state`` (``waiting`` or ``archived``) and the raw record.
        story: Events in order: the time (None where it is not known) and a sentence.
        songs: One row per song that its look-up finds: ``song_id, title, artist``.
        charts: One row per chart of these songs, or per chart that the look-up finds without a song:
            ``chart_id, song_id, playtype, difficulty, level, versions, fits``.
        suggestions: One row per song with a similar title: ``title, song_id, similarity`` (0 to 100),
            ``differs_in``.
        verdict: The outcome if it were tried now, as a sentence; None for an archived orphan.
    """

    orphan: dict[str, Any]
    story: list[tuple[datetime | None, str]]
    songs: pl.DataFrame
    charts: pl.DataFrame
    suggestions: pl.DataFrame
    verdict: str | None

    @property
    def looked_for(self) -> dict[str, Any]:
        """The parts of its look-up that are not null."""
        return {name: self.orphan[name] for name in LOOK_UP if self.orphan[name] is not None}


def explain(store: Store, orphan_id: str, *, now: int | None = None) -> Explanation:
    """Tell the story of a waiting or archived orphan; changes nothing.

    Args:
        store: The store.
        orphan_id: The ID of the orphan.
        now: Unix milliseconds, to fix the clock.

    Raises:
        TachiError: There is no orphan with this ID.
    """
    orphan = find_orphan(store, orphan_id)
    if orphan is None:
        raise TachiError(f"There is no orphan {orphan_id}.")
    moment = unix_ms() if now is None else now
    with store.write(keep=False) as con:
        params = {"orphan_id": orphan_id}
        story = query(con, sql("story"), params).rows()
        songs = query(con, sql("songs_found"), params)
        charts = query(con, sql("charts_found"), params, aliases=difficulty_aliases())
        suggestions = _suggestions(orphan, songs, con)
        verdict = _verdict(orphan, moment, con) if orphan["state"] == "waiting" else None
    return Explanation(orphan, story, songs, charts, suggestions, verdict)


def _suggestions(
    orphan: dict[str, Any], songs: pl.DataFrame, con: DuckDBPyConnection
) -> pl.DataFrame:
    """Returns songs with similar titles, where the orphan's title finds no song."""
    is_lost = orphan["song_kind"] in TITLES and songs.is_empty()
    titles = titles_of([orphan["game"]] if is_lost else [], con)
    return similar_titles(orphan["song_exact"] or orphan["song_key"] or "", titles)


def _verdict(orphan: dict[str, Any], now: int, con: DuckDBPyConnection) -> str:
    wanted = pl.DataFrame({"ordinal": [orphan["ordinal"]]})
    page = page_rows(wanted, con)
    try:
        settled = settle(attempted(page, now, con), Transaction.at(con, now)).row(0, named=True)
    except Exception as error:
        # The transaction is rolled back in any case; a run would note this message on the orphan.
        return VERDICTS["failed"].format(f"{type(error).__name__}: {error}")
    return VERDICTS[settled["counter"]].format(settled["message"])
