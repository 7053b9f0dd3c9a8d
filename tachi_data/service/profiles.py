"""Documents about a player on a game, and about the catalogue, as answers show them."""

from __future__ import annotations

from typing import Any

import polars as pl

from tachi_data import documents
from tachi_data.catalogue import rules
from tachi_data.games import GPT, gpts, names, v3_games
from tachi_data.games import gpt as gpt_of
from tachi_data.players import accounts
from tachi_data.scoring.personal_bests import ranked
from tachi_data.service.answers import songs_and_charts, with_v3_ids
from tachi_data.store import Store, query, statements
from tachi_data.tables.scores import pbs_table, scores_table, unpacked

sql = statements("tachi_data.service")
MOST_FOUND = 100


def gpt_named(game: str, playtype: str | None = None) -> GPT | None:
    """Returns the GPT of a path: ``iidx`` and ``SP``, or the one name of newer servers, ``iidx-sp``.

    >>> [gpt_named(*path).id for path in (("iidx", "SP"), ("iidx-sp",), ("sdvx",), ("sdvx", "Single"))]
    ['iidx:SP', 'iidx:SP', 'sdvx:Single', 'sdvx:Single']
    >>> gpt_named("iidx"), gpt_named("nope", "SP")
    (None, None)
    """
    if playtype is not None:
        found = [gpt for gpt in gpts(game) if gpt.playtype == playtype] if game in names() else []
    elif game in v3_games():
        found = [gpt_of(*v3_games()[game])]
    else:
        found = list(gpts(game)) if game in names() else []
    return found[0] if len(found) == 1 else None


def profiles_of(store: Store, user_id: int) -> list[dict[str, Any]]:
    """Returns the profiles of a player, one document for each game and playtype."""
    values = {"user": user_id, "game": None, "playtype": None}
    return list(documents.game_stats(store.query(sql("profiles"), values)))


def profile(store: Store, user_id: int, gpt: GPT) -> dict[str, Any] | None:
    """Returns a player's profile of a GPT with its first and newest score; None if they have not played it."""
    values = {"user": user_id, "playtype": gpt.playtype}
    table = {"table": scores_table(gpt.game).name}
    with store.read() as con:
        stats = query(con, sql("profiles"), {**values, "game": gpt.game})
        if stats.is_empty():
            return None
        ends = query(con, sql("first_and_last_score"), {**values, **table})
        ends = with_v3_ids(ends, gpt.game, con)
        count = query(con, sql("score_count"), {**values, **table})["scores"][0]
        scores = list(documents.scores(ends, rules(gpt.game, con)))
    (found,) = documents.game_stats(stats)
    return {
        "gameStats": found,
        "firstScore": scores[0] if scores else None,
        "mostRecentScore": scores[-1] if scores else None,
        "totalScores": count,
    }


def personal_best(store: Store, user_id: int, gpt: GPT, chart_id: str) -> dict[str, Any] | None:
    """Returns a player's personal best on a chart (``pb``) with song and chart; None where there is none."""
    with store.read() as con:
        values = {"table": pbs_table(gpt.game).name, "chart": chart_id}
        rows = query(con, sql("pbs_on_chart"), values).filter(pl.col("playtype") == gpt.playtype)
        if rows.filter(pl.col("user_id") == user_id).is_empty():
            return None
        rows = with_v3_ids(rows, gpt.game, con)
        around = songs_and_charts(rows, gpt.game, con)
        (now,) = (one for one in rules(gpt.game, con) if one.playtype == gpt.playtype)
    ranks = ranked(unpacked(rows, gpt.game), now).select("user_id", "rank", "out_of")
    mine = rows.filter(pl.col("user_id") == user_id).join(ranks, on="user_id")
    (pb,) = documents.personal_bests(mine, [now])
    return {"pb": pb, "song": around["songs"][0], "chart": around["charts"][0]}


def last_session(store: Store, user_id: int, gpt: GPT) -> dict[str, Any] | None:
    """Returns a player's last session with its scores, songs, charts and player; None where there is none."""
    values = {"user": user_id, "game": gpt.game, "playtype": gpt.playtype}
    with store.read() as con:
        found = query(con, sql("last_session"), values)
        if found.is_empty():
            return None
        values = {"table": scores_table(gpt.game).name, "session": found["session_id"][0]}
        rows = with_v3_ids(query(con, sql("scores_of_session"), values), gpt.game, con)
        around = songs_and_charts(rows, gpt.game, con)
        scores = list(documents.scores(rows, rules(gpt.game, con)))
    ids = pl.Series("score_ids", [rows["score_id"].to_list()], dtype=pl.List(pl.String))
    (session,) = documents.sessions(found.with_columns(ids))
    (user,) = accounts.user_documents(store, [user_id])
    session = documents.with_v3_game(session)
    return {"session": session, "scores": scores, **around, "user": user}


def charts_found(store: Store, gpt: GPT, words: str) -> dict[str, list[dict[str, Any]]]:
    """Returns the charts of a GPT whose songs have these words, and the songs."""
    with store.read() as con:
        values = {"game": gpt.game, "words": words, "most": MOST_FOUND}
        songs = query(con, sql("search_songs"), values)
        values = {"game": gpt.game, "playtype": gpt.playtype}
        charts = query(con, sql("charts_of_songs"), values, found=songs.select("game", "song_id"))
    return {"songs": list(documents.songs(songs)), "charts": list(documents.charts(charts))}


def found_anywhere(store: Store, words: str) -> dict[str, list[dict[str, Any]]]:
    """Returns players whose names have these words, and songs of all games that do."""
    with store.read() as con:
        found = query(con, sql("search_players"), {"words": words, "most": MOST_FOUND})
        values = {"game": None, "words": words, "most": MOST_FOUND}
        songs = query(con, sql("search_songs"), values)
    users = accounts.user_documents(store, found["user_id"].to_list())
    of_games = zip(songs["game"], documents.songs(songs), strict=True)
    return {"users": users, "songs": [{"game": game, **song} for game, song in of_games]}
