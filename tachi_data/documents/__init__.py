"""Documents in the JSON shape of the reference server, made from frames.

No other room knows the camelCase names. Times are Unix milliseconds in documents. A document leaves out a
judgement or optional metric that is null, unless the null was stored as explicit.

The identifiers of today's original server (v3) stand beside ours where the rows have them: ``v3_song_id`` and
``v3_chart_id`` of scores and personal bests, ``v3_id`` of songs and charts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from tachi_data.games import GPT, Enum, Metric, v3_name
from tachi_data.names import snake


def epoch(name: str) -> pl.Expr:
    """Returns a column of times as Unix milliseconds."""
    return pl.col(name).dt.epoch("ms")


def _score_data(row: Mapping[str, Any], value: GPT) -> dict[str, Any]:
    """Returns ``scoreData`` of a score or personal best."""
    nulls = row["explicit_nulls"] or ()

    def group(name: str, members: Mapping[str, Any]) -> dict[str, Any]:
        fields = row[name] or {}
        pairs = ((member, snake(member)) for member in members)
        return {
            m: fields[c] for m, c in pairs if fields.get(c) is not None or f"{name}.{c}" in nulls
        }

    metrics = {name: _named(row[snake(name)], metric) for name, metric in value.metrics.items()}
    optional = group("optional", value.optional)
    return {
        **metrics,
        "judgements": group("judgements", dict.fromkeys(value.judgements)),
        "optional": {**optional, "enumIndexes": _indexes(optional, value.optional)},
        "enumIndexes": _indexes(metrics, value.metrics),
    }


def _indexes(values: Mapping[str, Any], metrics: Mapping[str, Any]) -> dict[str, int]:
    enums = ((n, m) for n, m in metrics.items() if isinstance(m, Enum))
    return {n: m.values.index(values[n]) for n, m in enums if values.get(n) is not None}


def _named(value: Any, metric: Metric) -> Any:
    """Returns the name of a value that is stored as a number, any other value as it is."""
    if value is None or not isinstance(metric, Enum) or not metric.numbered:
        return value
    return metric.values[value]


def _ratings(row: Mapping[str, Any], value: GPT) -> dict[str, float | None]:
    fields = row["ratings"] or {}
    return {name: fields.get(snake(name)) for name in value.ratings}


def _v3_of_score(row: Mapping[str, Any], value: GPT) -> dict[str, Any]:
    """Returns the v3 members of a score or personal best whose row has the v3 identifiers."""
    if "v3_chart_id" not in row:
        return {}
    return {
        "v3Game": v3_name(value.game, value.playtype),
        "v3SongID": row["v3_song_id"],
        "v3ChartID": row["v3_chart_id"],
    }


def with_v3_game(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document of a game and playtype, such as a session, with the v3 name of both beside them."""
    return document | {"v3Game": v3_name(document["game"], document["playtype"])}


def scores(rows: pl.DataFrame, gpts: Sequence[GPT]) -> Iterator[dict[str, Any]]:
    """Yields one score document per row of a game's table of scores.

    Args:
        rows: Rows of the table.
        gpts: The playtypes of the game, with the rules that hold.
    """
    by_playtype = {gpt.playtype: gpt for gpt in gpts}
    for row in rows.with_columns(epoch("time_achieved"), epoch("time_added")).iter_rows(named=True):
        value = by_playtype[row["playtype"]]
        yield {
            "scoreID": row["score_id"],
            "userID": row["user_id"],
            "game": value.game,
            "playtype": row["playtype"],
            "chartID": row["chart_id"],
            "songID": row["song_id"],
            "isPrimary": row["is_primary"],
            "highlight": row["highlight"],
            "service": row["service"],
            "comment": row["comment"],
            "importType": row["import_type"],
            "importID": row["import_id"],
            "timeAchieved": row["time_achieved"],
            "timeAdded": row["time_added"],
            "scoreData": _score_data(row, value),
            "scoreMeta": json.loads(row["score_meta"] or "{}"),
            "calculatedData": _ratings(row, value),
            **({"sessionID": row["session_id"]} if "v3_chart_id" in row else {}),
            **_v3_of_score(row, value),
        }


def personal_bests(rows: pl.DataFrame, gpts: Sequence[GPT]) -> Iterator[dict[str, Any]]:
    """Yields one document per personal best.

    Args:
        rows: Rows of the game's table of personal bests, with ``rank`` (from 1) and ``out_of``, the number of
            players with a personal best on the chart.
        gpts: The playtypes of the game, with the rules that hold.
    """
    by_playtype = {gpt.playtype: gpt for gpt in gpts}
    for row in rows.with_columns(epoch("time_achieved")).iter_rows(named=True):
        value = by_playtype[row["playtype"]]
        yield {
            "chartID": row["chart_id"],
            "userID": row["user_id"],
            "songID": row["song_id"],
            "game": value.game,
            "playtype": row["playtype"],
            "isPrimary": row["is_primary"],
            "highlight": row["highlight"],
            "timeAchieved": row["time_achieved"],
            "composedFrom": [
                {"name": c["name"], "scoreID": c["score_id"]} for c in row["composed_from"]
            ],
            "scoreData": _score_data(row, value),
            "calculatedData": _ratings(row, value),
            "rankingData": {"rank": row["rank"], "outOf": row["out_of"], "rivalRank": None},
            **_v3_of_score(row, value),
        }


def sessions(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per session; a row has the columns of the table, and the list ``score_ids``."""
    times = [epoch(n) for n in ("time_inserted", "time_started", "time_ended")]
    for row in rows.with_columns(times).iter_rows(named=True):
        yield {
            "sessionID": row["session_id"],
            "userID": row["user_id"],
            "game": row["game"],
            "playtype": row["playtype"],
            "name": row["name"],
            "desc": row["description"],
            "highlight": row["highlight"],
            "scoreIDs": row["score_ids"],
            "timeInserted": row["time_inserted"],
            "timeStarted": row["time_started"],
            "timeEnded": row["time_ended"],
            "calculatedData": json.loads(row["ratings"]),
        }


def game_stats(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per profile (a row of ``game_stats``)."""
    for row in rows.iter_rows(named=True):
        yield {
            "userID": row["user_id"],
            "game": row["game"],
            "playtype": row["playtype"],
            "ratings": json.loads(row["ratings"]),
            "classes": json.loads(row["classes"]),
        }


def class_achievements(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per class achievement, in the order of the rows."""
    for row in rows.with_columns(epoch("time_achieved")).iter_rows(named=True):
        yield {
            "userID": row["user_id"],
            "game": row["game"],
            "playtype": row["playtype"],
            "classSet": row["class_set"],
            "classOldValue": row["class_old_value"],
            "classValue": row["class_value"],
            "timeAchieved": row["time_achieved"],
        }


def orphans(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per orphan."""
    for row in rows.with_columns(epoch("time_inserted")).iter_rows(named=True):
        yield {
            "orphanID": row["orphan_id"],
            "importType": row["import_type"],
            "data": json.loads(row["data"]),
            "context": json.loads(row["context"]),
            "userID": row["user_id"],
            "game": row["game"],
            "errMsg": row["message"],
            "timeInserted": row["time_inserted"],
        }


def songs(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per song of the catalogue."""
    for row in rows.iter_rows(named=True):
        yield {
            "id": row["song_id"],
            "title": row["title"],
            "artist": row["artist"],
            "altTitles": row["alt_titles"],
            "searchTerms": row["search_terms"],
            "data": json.loads(row["data"]),
            **_v3_of_catalogue(row, "legacySongID", "song_id"),
        }


def _v3_of_catalogue(row: Mapping[str, Any], name: str, column: str) -> dict[str, Any]:
    return {"v3ID": row["v3_id"], name: row[column]} if "v3_id" in row else {}


def charts(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per chart of the catalogue."""
    for row in rows.iter_rows(named=True):
        yield {
            "chartID": row["chart_id"],
            "songID": row["song_id"],
            "playtype": row["playtype"],
            "difficulty": row["difficulty"],
            "level": row["level"],
            "levelNum": row["level_num"],
            "isPrimary": row["is_primary"],
            "versions": row["versions"],
            "data": json.loads(row["data"]),
            **_v3_of_catalogue(row, "legacyChartID", "chart_id"),
        }


def chart_queue(rows: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Yields one document per chart in the queue; 0 stands for the song ID that it does not have yet."""
    for row in rows.iter_rows(named=True):
        yield {
            "gptString": f"{row['game']}:{row['playtype']}",
            "chartDoc": json.loads(row["chart"]) | {"songID": 0},
            "songDoc": json.loads(row["song"]) | {"id": 0},
            "userIDs": row["user_ids"],
        }
