"""The keys of songs: titles, folded titles, IDs, and the kinds that single games declare.

``spelling`` is a title as it is written. It finds nothing by itself, but wins where several songs have one key.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tachi_data.catalogue.keys.members import members_of_songs, other_titles
from tachi_data.reference.text import folded_title_key, title_key
from tachi_data.tables.catalogue import SONG_KEYS


def keys_of_songs(songs: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``song_keys`` for all songs of some games."""
    artist = folded_title_key(pl.col("artist")).alias("artist_folded")
    named = songs.select("game", "song_id", artist, title=pl.concat_list("title", "alt_titles"))
    titles = named.explode("title")
    kinds = {
        "spelling": titles.rename({"title": "key"}),
        "title": titles.with_columns(key=title_key(pl.col("title"))),
        "folded_title": titles.with_columns(key=folded_title_key(pl.col("title"))),
        "song_id": pl.concat(
            [
                named.with_columns(key=pl.col("song_id").cast(pl.String)),
                named.with_columns(key=songs["v3_id"]).drop_nulls("key"),
            ]
        ),
    }
    rows = [
        keys.with_columns(kind=pl.lit(kind)).select(*SONG_KEYS.columns)
        for kind, keys in (*kinds.items(), *_own(named.with_columns(songs["data"])))
    ]
    return pl.concat(rows).unique(maintain_order=True)


def _own(songs: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The keys that only the songs of some games have, by their kind."""
    present = set(songs["game"].unique())
    for (game, kind), (path, is_title) in members_of_songs().items():
        if game in present:
            key = pl.col("data").str.json_path_match(path)
            named = songs.filter(game=game).with_columns(key=title_key(key) if is_title else key)
            yield kind, named.drop_nulls("key")


def told_as(kind: pl.Expr) -> pl.Expr:
    """The kind by which orphans wait for a key: other titles of single formats count as titles."""
    titles = other_titles()
    return kind.replace(titles, ["title"] * len(titles))
