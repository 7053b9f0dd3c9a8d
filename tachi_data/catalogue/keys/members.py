"""The members of ``song.data`` and ``chart.data`` that are keys: of which kind, in which game.

`OF_CHARTS` holds for every game. A game declares its other keys in `tachi_data.games.GPT.song_keys` and
``chart_keys``.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from tachi_data import games

OF_CHARTS = {
    "in_game_id": ("inGameID",),
    "in_game_str_id": ("inGameStrID",),
    "sha256": ("hashSHA256",),
    "md5": ("hashMD5",),
    "sha1": ("hashSHA1",),
}


@cache
def members_of_charts() -> pl.DataFrame:
    """``game, kind, path``: where the keys of a game's charts are, as paths into ``chart.data``."""
    rows = [
        (game, kind, _path(member))
        for game in games.names()
        for kind, members in {**OF_CHARTS, **_own(game)}.items()
        for member in members
    ]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(("game", "kind", "path"), pl.String), orient="row"
    )


@cache
def marks_of_fans() -> pl.DataFrame:
    """``game, path``: the member of ``chart.data`` that marks a chart of fans, in games with such charts."""
    rows = {(gpt.game, _path(gpt.fan_made)) for gpt in _gpts() if gpt.fan_made is not None}
    return pl.DataFrame(
        sorted(rows), schema=dict.fromkeys(("game", "path"), pl.String), orient="row"
    )


@cache
def hashes() -> list[str]:
    """The kinds of keys that are hashes of a chart's file, each hash under one kind: so a hash alone names a chart."""
    own = {kind: members for game in games.names() for kind, members in _own(game).items()}
    general = [kind for kind, (member,) in OF_CHARTS.items() if _is_hash(member)]
    known = {member for members in OF_CHARTS.values() for member in members}
    return general + [k for k, m in own.items() if all(map(_is_hash, m)) and not known & set(m)]


def _is_hash(member: str) -> bool:
    return member.startswith("hash")


@cache
def members_of_songs() -> dict[tuple[str, str], tuple[str, bool]]:
    """The path into ``song.data``, as Polars writes it, of each game and kind of key; and whether it is a title."""
    return {
        (gpt.game, kind): (f"$['{key.member}']", key.is_title)
        for gpt in _gpts()
        for kind, key in gpt.song_keys.items()
    }


def other_titles() -> list[str]:
    """The kinds of keys that are titles which one format has beside those of the song."""
    return sorted({kind for (_, kind), (_, is_title) in members_of_songs().items() if is_title})


def _own(game: str) -> dict[str, tuple[str, ...]]:
    return {kind: members for gpt in games.gpts(game) for kind, members in gpt.chart_keys.items()}


def _gpts() -> list[games.GPT]:
    return [gpt for game in games.names() for gpt in games.gpts(game)]


def _path(member: str) -> str:
    """A path as DuckDB writes it."""
    return f'$."{member}"'
