"""The words for the ``match`` of a conversion: how a datapoint looks up its song and its chart.

Conversions write them as ``x.by_title``, because `words` exports them too.
"""

from __future__ import annotations

import polars as pl

from tachi_data.reference.text import folded_title_key, title_key

# A look-up that names no playtype is bound to `Parsed.playtype`; this one fits charts of any.
ANY_PLAYTYPE = pl.lit(None, dtype=pl.String)


def by_title(
    title: pl.Expr,
    *,
    difficulty: pl.Expr,
    playtype: pl.Expr | None = None,
    version: pl.Expr | None = None,
    level: pl.Expr | None = None,
    first: str | None = None,
) -> dict[str, pl.Expr]:
    """Look up the song with this title, in whatever blanks, then its chart.

    Args:
        title: The title of the song, or one of its other titles.
        difficulty: See `charts_of_song`, as for the others.
        playtype: None is `Parsed.playtype`; `ANY_PLAYTYPE` fits any.
        version: None is the primary chart.
        level: The level of the chart, which tells songs of one title apart.
        first: A kind of key of the game that is tried before: titles that only this format has.

    Returns:
        The ``match`` of a conversion.
    """
    chart = charts_of_song(difficulty=difficulty, playtype=playtype, version=version, level=level)
    return {
        "song_kind": pl.lit("title"),
        "song_key": title_key(title),
        "song_exact": title,
        **({} if first is None else {"song_first": pl.lit(first)}),
        **chart,
    }


def by_folded_title(
    title: pl.Expr,
    artist: pl.Expr | None = None,
    *,
    difficulty: pl.Expr,
    playtype: pl.Expr | None = None,
    version: pl.Expr | None = None,
    level: pl.Expr | None = None,
) -> dict[str, pl.Expr]:
    """Look up the song with this title in any case (and, where given, this artist), then its chart.

    The other arguments and the result are those of `by_title`.
    """
    nobody = pl.lit(None, dtype=pl.String)
    return {
        "song_kind": pl.lit("folded_title"),
        "song_key": folded_title_key(title),
        "song_exact": title,
        "artist": nobody
        if artist is None
        else folded_title_key(pl.when(artist != "").then(artist)),
        **charts_of_song(difficulty=difficulty, playtype=playtype, version=version, level=level),
    }


def charts_of_song(
    *,
    difficulty: pl.Expr,
    playtype: pl.Expr | None = None,
    version: pl.Expr | None = None,
    level: pl.Expr | None = None,
) -> dict[str, pl.Expr]:
    """Look up the chart of the song found.

    Args:
        difficulty: The name that the game has for the difficulty.
        playtype: None is `Parsed.playtype`; `ANY_PLAYTYPE` fits any.
        version: The version that the chart is in; None is the primary chart.
        level: The level, as the source writes it. It only tells songs of one title apart, because charts are
            re-rated.

    Returns:
        Those members of a conversion's ``match`` that are about the chart.
    """
    nothing = pl.lit(None, dtype=pl.String)
    return {
        "chart_kind": pl.lit("song_id"),
        **_bound(playtype),
        # Null would mean any; a difficulty that cannot be read must not find a chart by chance.
        "difficulty": difficulty.fill_null(""),
        "version": nothing if version is None else version,
        "level": nothing if level is None else level,
        "primary_only": pl.lit(True),
    }


def by_chart_key(
    kind: str,
    key: pl.Expr,
    *,
    playtype: pl.Expr | None = None,
    difficulty: pl.Expr | None = None,
    version: pl.Expr | None = None,
    primary_only: pl.Expr | None = None,
    official_only: pl.Expr | None = None,
) -> dict[str, pl.Expr]:
    """Look up a chart by its in-game ID or hash.

    Args:
        kind: The kind of key, such as ``in_game_id`` or ``sha256``.
        key: The key as text.
        playtype: None is `Parsed.playtype`; `ANY_PLAYTYPE` fits any.
        difficulty: None fits any, as for the rest.
        version: The version that the chart is in.
        primary_only: Whether only primary charts fit.
        official_only: Whether only charts that are no custom ones fit.

    Returns:
        The ``match`` of a conversion.
    """
    nothing = pl.lit(None, dtype=pl.String)
    return {
        "chart_kind": pl.lit(kind),
        "chart_key": key,
        **_bound(playtype),
        "difficulty": nothing if difficulty is None else difficulty,
        "version": nothing if version is None else version,
        "primary_only": pl.lit(False) if primary_only is None else primary_only,
        "official_only": pl.lit(False) if official_only is None else official_only,
    }


def _bound(playtype: pl.Expr | None) -> dict[str, pl.Expr]:
    """Return the playtype of a look-up, if the match names one."""
    return {} if playtype is None else {"playtype": playtype}
