"""The keys of songs: titles, folded titles, IDs, and the kinds that single games declare."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tachi_data.catalogue.keys.members import members_of_songs
from tachi_data.reference.text import BLANKS, fold
from tachi_data.tables.catalogue import SONG_KEYS


def keys_of_songs(songs: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``song_keys`` for all songs of some games.

    All of a game's songs at once: whether a trimmed spelling is a key depends on the others.
    """
    artist = fold(pl.col("artist")).alias("artist_folded")
    named = songs.select("game", "song_id", artist, title=pl.concat_list("title", "alt_titles"))
    titles = named.explode("title")
    kinds = {
        "title": _with_trimmed(titles.rename({"title": "key"})),
        "folded_title": _with_trimmed(titles.with_columns(key=fold(pl.col("title")))),
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
    for (game, kind), path in members_of_songs().items():
        if game in present:
            key = pl.col("data").str.json_path_match(path)
            yield kind, songs.filter(game=game).with_columns(key=key).drop_nulls("key")


def _with_trimmed(keys: pl.DataFrame) -> pl.DataFrame:
    """The keys, and each without blanks around it unless another song has exactly that one."""
    trimmed = keys.with_columns(pl.col("key").str.strip_chars(BLANKS), was=pl.col("key")).filter(
        (pl.col("key") != pl.col("was")) & (pl.col("key") != "")
    )
    of_others = (
        trimmed.join(keys.select("game", "key", other="song_id"), on=["game", "key"])
        .filter(pl.col("other") != pl.col("song_id"))
        .select("game", "key", "song_id")
    )
    free = trimmed.join(of_others, on=["game", "key", "song_id"], how="anti", maintain_order="left")
    return pl.concat([keys, free.select(keys.columns)])
