"""One answer to "why do my players have so many orphans, and what now?", for command line, notebook, flow and page."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tachi_data import arguments, games
from tachi_data.escaping import as_html, visible
from tachi_data.orphans.triage.spelling import loosened
from tachi_data.orphans.triage.triage import states_of, titles_of
from tachi_data.store import Store, expect_store

# What an operator reads about each state, in the order of what is done first.
STATES = {
    "due": "wait only for a run",
    "no catalogue": "are of games without a catalogue here",
    "spelling": "name a song that the catalogue spells another way",
    "several songs": "name a title that several songs have",
    "unknown chart": "name a known song with an unknown difficulty or version",
    "unknown song": "name an unknown song",
}
NEXT = {
    "due": "tachi-data orphans reprocess",
    "no catalogue": "tachi-data catalogue load FOLDER",
    "spelling": "tachi-data orphans triage --write-patch FOLDER",
    "several songs": "tachi-data orphans triage",
    "unknown chart": "tachi-data catalogue sync URL",
    "unknown song": "tachi-data catalogue sync URL",
}
MOST_TITLES = 10
KEPT_TITLES = 1_000


@dataclass(frozen=True, eq=False, repr=False)
class OrphanAnswer:
    """Why orphans wait, and what to do next: the result of `why_orphans`.

    Attributes:
        total: The number of orphans.
        quarantined: The number that runs leave out, because they failed for a mistake of ours.
        states: One row per game and state: ``game, state, orphans``; the states are `STATES`.
        titles: One row per title or key of those that wait for more than a run: ``game, looked_for, state,
            orphans``; the first 1,000, the most first.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> print(td.why_orphans(store))
        1 orphan waits:
                 1  name an unknown song (wacca 1)
        Most looked for: "A new song" (wacca, 1).
        Next: tachi-data catalogue sync URL
    """

    total: int
    quarantined: int
    states: pl.DataFrame
    titles: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Returns the number of orphans in each state, in the order of `STATES`; empty ones are left out."""
        found = dict(self.states.group_by("state").agg(pl.col("orphans").sum()).iter_rows())
        return {state: found[state] for state in STATES if state in found}

    @property
    def next_command(self) -> str | None:
        """The command that helps next; None where no orphan waits."""
        return next((NEXT[state] for state in self.counts()), None)

    def lines(self) -> list[str]:
        """Returns the answer in lines of text for people."""
        if not self.total:
            return ["No orphan waits."]
        verb = "orphan waits" if self.total == 1 else "orphans wait"
        told = [f"{self.total:,} {verb}:"]
        for state, count in self.counts().items():
            rows = self.states.filter(state=state).sort("orphans", descending=True)
            of = ", ".join(
                f"{game} {n:,}" for game, n in rows.select("game", "orphans").iter_rows()
            )
            told.append(f"{count:>10,}  {STATES[state]} ({of})")
        if self.quarantined:
            told.append(f"{self.quarantined:>10,}  of these are quarantined: runs leave them out")
        rows = self.titles.head(MOST_TITLES).select("looked_for", "game", "orphans")
        named = (f'"{visible(title)}" ({game}, {n:,})' for title, game, n in rows.iter_rows())
        if listed := ", ".join(named):
            told.append(f"Most looked for: {listed}.")
        return [*told, f"Next: {self.next_command}"]

    def __str__(self) -> str:
        """The answer as text for people."""
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        """One line: how many orphans are in which state."""
        told = ", ".join(f"{count:,} {state}" for state, count in self.counts().items())
        return f"<OrphanAnswer: {self.total:,} orphans{': ' if told else ''}{told}>"

    def _repr_html_(self) -> str:
        return f"<pre style='white-space:pre-wrap'>{'<br>'.join(map(as_html, self.lines()))}</pre>"


def why_orphans(
    store: Store, game: str | None = None, *, user_id: int | None = None
) -> OrphanAnswer:
    """Say why orphans wait, and what to do next. All orphans are counted.

    Args:
        store: The store.
        game: Only this game, such as ``iidx``; None takes all games.
        user_id: Only the orphans of this player; None takes all players.

    Returns:
        The numbers of orphans by game and reason, the titles that most of them look for, and the next command. A
        look-up that the catalogue answers by now waits only for a run, and so does an orphan that was just ingested.

    Raises:
        TachiError: There is no such game.

    Example:
        >>> outcome = td.import_scores(store, "file/batch-manual", scores, user_id=7)
        >>> td.why_orphans(store).counts()
        {'unknown song': 1}
    """
    expect_store(store)
    only = None if game is None else games.named(game)[0].game
    if user_id is not None:
        arguments.player(user_id)
    with store.read() as con:
        rows = states_of(con, only, user_id)
        asked = rows.filter(state="unknown song")["game"].unique().to_list()
        titles = titles_of(asked, con)
    rows = _with_spelling(rows, titles)
    states = rows.group_by("game", "state").agg(pl.col("orphans").sum()).sort("game", "state")
    return OrphanAnswer(
        int(rows["orphans"].sum()),
        int(rows["quarantined"].sum()),
        states.cast({"orphans": pl.Int64}),
        _titles(rows.filter(pl.col("state") != "due")),
    )


def _titles(waiting: pl.DataFrame) -> pl.DataFrame:
    """The first titles or keys, the most first. Only the texts of the largest rows are grouped by."""
    what = ["game", "looked_for", "state"]
    largest = waiting.top_k(KEPT_TITLES, by="orphans").select("looked_for").unique()
    most = (
        waiting.join(largest, on="looked_for", how="semi", nulls_equal=True)
        .group_by(what)
        .agg(pl.col("orphans").sum().cast(pl.Int64))
    )
    order = [True, False, False]
    return most.sort("orphans", "game", "looked_for", descending=order).head(KEPT_TITLES)


def _with_spelling(rows: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """The rows, in which an unknown song that the catalogue spells another way has the state ``spelling``."""
    known = titles.select("game", loose=loosened(titles["title"])).unique()
    unknown = (pl.col("state") == "unknown song") & pl.col("is_title")
    asked = rows.with_row_index("at").filter(unknown).select("at", "game", "looked_for")
    spelt = (
        asked.with_columns(loose=loosened(asked["looked_for"]))
        .filter(pl.col("loose") != "")
        .join(known, on=["game", "loose"], how="semi")["at"]
    )
    return rows.with_columns(rows["state"].scatter(spelt, "spelling"))
