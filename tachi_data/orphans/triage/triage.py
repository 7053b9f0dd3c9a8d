"""Grouping the orphans of all players by the title or key that did not match, and suggesting songs.

A person accepts a suggestion or not; nothing is ever matched by similarity.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import polars as pl
from duckdb import DuckDBPyConnection
from rapidfuzz import fuzz, process

from tachi_data.matching import difficulty_aliases
from tachi_data.orphans.triage.spelling import loosened, loosened_text
from tachi_data.store import Store, query, statements

sql = statements("tachi_data.orphans")
of_triage = statements("tachi_data.orphans.triage")

TITLES = ("title", "folded_title")
SIMILAR = 60.0


def triage(store: Store, *, limit: int = 50, game: str | None = None) -> pl.DataFrame:
    """Group orphans by the title or key that did not match.

    Args:
        store: The store.
        limit: The largest number of groups.
        game: Only this game; None takes all games.

    Returns:
        One row per title or key, the most orphans first: ``game, kind, looked_for, orphans, users,
        difficulties, import_types, first_seen, last_seen, song_hits, chart_hits, reason, suggestion,
        suggested_song_id, similarity`` (0 to 100), ``differs_in``, ``alike`` (the number of songs whose titles
        equal the suggestion but for case, width, blanks, punctuation and marks). The last five are null where
        no song of the game is similar.
    """
    with store.read() as con:
        groups = query(con, sql("groups"), {"game": game, "limit": limit})
        games = groups["game"].unique().to_list()
        titles = titles_of(games, con)
        states = states_of(con, game)
    suggested = suggestions(groups, titles)
    due = states.filter(state="due").group_by("game", "looked_for").agg(pl.col("orphans").sum())
    return (
        pl.concat([groups, suggested], how="horizontal")
        .join(due, on=["game", "looked_for"], how="left", suffix="_due", maintain_order="left")
        .with_columns(reason=_reason())
        .drop("key", "orphans_due")
    )


def states_of(
    con: DuckDBPyConnection, game: str | None, user_id: int | None = None
) -> pl.DataFrame:
    """Returns what orphans look for, and why they wait: the rows of ``states.sql``.

    Args:
        con: A transaction.
        game: Only this game; None takes all games.
        user_id: Only the orphans of this player; None takes all players.
    """
    facts = {"game": game, "user": user_id}
    return query(con, of_triage("states"), facts, aliases=difficulty_aliases())


SUGGESTED = {
    "suggestion": pl.String,
    "suggested_song_id": pl.Int64,
    "similarity": pl.Float64,
    "differs_in": pl.String,
    "alike": pl.Int64,
}


def suggestions(groups: pl.DataFrame, titles: pl.DataFrame) -> pl.DataFrame:
    """Suggest the song with the most similar title for each group.

    Args:
        groups: ``game, kind, looked_for``.
        titles: All titles of these games: ``game, title, song_id``.

    Returns:
        One row per group, in its order: the last five columns of `triage`.
    """
    by_game = titles.partition_by("game", as_dict=True, maintain_order=True)
    folded = {name: _folded(rows) for name, rows in by_game.items()}
    nothing = pl.DataFrame(schema={"title": pl.String, "song_id": pl.Int64}), list[str]()
    found = []
    texts = groups.select("game", "kind", pl.col("looked_for").fill_null(""))
    wanted = loosened(texts["looked_for"]).to_list()
    for (name, kind, text), loose in zip(texts.iter_rows(), wanted, strict=True):
        rows, choices = folded.get((name,), nothing)
        best = _similar(text, loose, rows, choices, 1) if kind in TITLES else []
        *suggested, of = best[0] if best else (None,) * 5
        alike = None
        if of is not None:
            same = [i for i, choice in enumerate(choices) if choice == of]
            alike = rows["song_id"].gather(same).n_unique()
        found.append((*suggested, alike))
    return pl.DataFrame(found, schema=SUGGESTED, orient="row")


def titles_of(games: Sequence[str], con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns all titles of some games: ``game, title, song_id``."""
    return query(con, sql("titles"), {"games": list(games)})


def similar_titles(text: str, titles: pl.DataFrame, limit: int = 5) -> pl.DataFrame:
    """Returns the songs with the most similar titles: ``title, song_id, similarity, differs_in``, best first."""
    found = [row[:-1] for row in _similar(text, loosened_text(text), *_folded(titles), limit)]
    schema = {
        "title": pl.String,
        "song_id": pl.Int64,
        "similarity": pl.Float64,
        "differs_in": pl.String,
    }
    return pl.DataFrame(found, schema=schema, orient="row")


def _folded(titles: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    return titles, loosened(titles["title"]).to_list()


def _similar(
    text: str, loose: str, titles: pl.DataFrame, choices: list[str], limit: int
) -> list[tuple[str, int, float, str | None, str]]:
    """Returns titles with a similarity of at least `SIMILAR`; an empty text is similar to no title.

    Of each: title, song ID, similarity, in what it differs, and the title as it is compared.
    """
    if not loose:
        return []
    best = process.extract(loose, choices, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=limit)
    names = titles.columns
    at, of = names.index("title"), names.index("song_id")
    found = []
    for choice, similarity, place in best:
        row = titles.row(place)
        several = "more than one of these" if choice == loose else None
        found.append((row[at], row[of], similarity, difference(text, row[at]) or several, choice))
    return found


def difference(text: str, title: str) -> str | None:
    """The only way in which two spellings differ, if there is one.

    >>> difference("ＡＢＣ", "ABC"), difference("a  b", "a b"), difference("Cafe", "Café")
    ('width', 'white space', 'combining characters')
    """

    def width(value: str) -> str:
        return unicodedata.normalize("NFKC", value)

    def spaces(value: str) -> str:
        return "".join(value.split())

    def punctuation(value: str) -> str:
        return "".join(c for c in spaces(value) if unicodedata.category(c)[0] != "P")

    def marks(value: str) -> str:
        return "".join(
            c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c)
        )

    ways = {
        "case": str.casefold,
        "width": width,
        "white space": spaces,
        "punctuation": punctuation,
        "combining characters": marks,
    }
    for name, fold in ways.items():
        if fold(text) == fold(title):
            return name
    return None


def _reason() -> pl.Expr:
    is_title = pl.col("kind").is_in(TITLES)
    thing = (
        pl.when(pl.col("kind") == "in_game_id").then(pl.lit("in-game ID"))
        .when(pl.col("kind").is_in(["song_id", "in_game_str_id"])).then(pl.lit("ID"))
        .otherwise(pl.lit("hash"))
    )  # fmt: skip
    return (
        pl.when(pl.col("orphans_due") >= pl.col("orphans")).then(pl.lit("waits only for a run"))
        .when(pl.col("kind").is_null()).then(pl.lit("the look-up cannot be read"))
        .when(pl.col("song_hits") > 1).then(pl.lit("ambiguous title"))
        .when(pl.col("song_hits") == 1).then(pl.lit("known song without that difficulty or version"))
        .when(is_title & pl.col("differs_in").is_not_null())
        .then(pl.format("differs only in {}", pl.col("differs_in")))
        .when(is_title).then(pl.lit("unknown song"))
        .when(pl.col("chart_hits") > 0)
        .then(pl.format("known {} without that difficulty or version", thing))
        .otherwise(pl.format("unknown {}", thing))
    )  # fmt: skip
