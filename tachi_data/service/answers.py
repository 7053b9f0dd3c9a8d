"""Stored rows as the documents of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data import documents
from tachi_data.catalogue import rules
from tachi_data.documents.imports import stored_import, stored_imports, with_v3
from tachi_data.importing.chart_votes import queue_size
from tachi_data.orphans import suggestions, titles_of
from tachi_data.players import accounts
from tachi_data.players.rivals import rivals_of
from tachi_data.scoring.personal_bests import ranked
from tachi_data.standings.classes import raise_class
from tachi_data.store import Store, disk, first_row, query, statements
from tachi_data.tables.scores import pbs_table, scores_table, unpacked

sql = statements("tachi_data.service")


def newest_imports(
    store: Store, user_id: int | None, filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Returns the newest ImportDocuments of a player, or of all players (None)."""
    with store.read() as con:
        newest = query(con, sql("newest_imports"), {**filters, "user": user_id})
        return [with_v3(document) for document in stored_imports(con, newest)]


def failed_imports(
    store: Store, user_id: int | None, filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Returns the newest failed imports of a player, or of all players (None)."""
    rows = store.query(sql("failed_imports"), {**filters, "user": user_id})
    error = pl.struct(statusCode="status_code", message="message")
    return (
        rows.with_columns(type=pl.lit("FAILED"), error=error)
        .drop("status_code", "message")
        .to_dicts()
    )


def users_of(store: Store, found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the public documents of the players of some documents."""
    return accounts.user_documents(store, list({document["userID"] for document in found}))


def import_owner(store: Store, import_id: str) -> int | None:
    """Returns the player of an import; None where there is no such import."""
    rows = store.query(sql("import_owner"), {"import": import_id})
    return None if rows.is_empty() else int(rows["user_id"][0])


def has_profile(store: Store, user_id: int, game: str, playtype: str) -> bool:
    """Returns whether a player has played a game and playtype."""
    values = {"user": user_id, "game": game, "playtype": playtype}
    return not store.query(sql("profiles"), values).is_empty()


def orphans_of(store: Store, user_id: int) -> list[dict[str, Any]]:
    """Returns the newest orphans of a player, each with a song that may be meant."""
    with store.read() as con:
        rows = query(con, sql("orphans"), {"user": user_id})
        titles = titles_of(rows["game"].unique().to_list(), con)
    key = ["game", "kind", "looked_for"]
    groups = rows.select(key).unique(maintain_order=True)
    meant = pl.concat([groups, suggestions(groups, titles)], how="horizontal")
    return (
        rows.join(
            meant.select(*key, "suggestion"),
            on=key,
            nulls_equal=True,
            how="left",
            maintain_order="left",
        )
        .rename({"looked_for": "identifier"})
        .drop("kind")
        .to_dicts()
    )


def import_with_scores(store: Store, import_id: str) -> dict[str, Any] | None:
    """Returns an ImportDocument with its scores, songs, charts, sessions and player; None where there is none."""
    with store.read() as con:
        document = stored_import(con, import_id)
        if document is None:
            return None
        found = _records(document, con)
        ids = [s["sessionID"] for s in document["createdSessions"]]
        sessions = query(con, sql("sessions"), {"ids": ids})
        members = query(
            con,
            sql("session_members"),
            {"table": scores_table(document["game"]).name, "ids": ids},
        )
    joined = sessions.join(members, on="session_id", how="left", maintain_order="left")
    (user,) = accounts.user_documents(store, [document["userID"]])
    listed = [documents.with_v3_game(session) for session in documents.sessions(joined)]
    return {"import": with_v3(document), **found, "sessions": listed, "user": user}


def _records(
    document: Mapping[str, Any], con: DuckDBPyConnection
) -> dict[str, list[dict[str, Any]]]:
    """Returns ``scores``, ``songs`` and ``charts`` of an import."""
    game = document["game"]
    rows = query(
        con,
        sql("scores_of_import"),
        {
            "table": scores_table(game).name,
            "user": document["userID"],
            "import": document["importID"],
        },
    )
    listed = list(documents.scores(with_v3_ids(rows, game, con), rules(game, con)))
    return {"scores": listed, **songs_and_charts(rows, game, con)}


def with_v3_ids(rows: pl.DataFrame, game: str, con: DuckDBPyConnection) -> pl.DataFrame:
    """Returns scores or personal bests with ``v3_song_id`` and ``v3_chart_id``; null in a catalogue of v2."""
    charts = rows.select("chart_id").unique()
    ids = query(con, sql("v3_ids"), {"game": game}, wanted=charts)
    return rows.join(ids, on="chart_id", how="left", maintain_order="left")


def songs_and_charts(
    rows: pl.DataFrame, game: str, con: DuckDBPyConnection
) -> dict[str, list[dict[str, Any]]]:
    """Returns ``songs`` and ``charts`` of scores, each once."""
    chart_ids, song_ids = (
        rows[name].unique(maintain_order=True).to_list() for name in ("chart_id", "song_id")
    )
    charts = query(con, sql("charts"), {"game": game, "ids": chart_ids})
    songs = query(con, sql("songs"), {"game": game, "ids": song_ids})
    return {"songs": list(documents.songs(songs)), "charts": list(documents.charts(charts))}


def score_with_chart(store: Store, score_id: str) -> dict[str, Any] | None:
    """Returns a score with its ``song`` and ``chart``; None where there is none."""
    with store.read() as con:
        found = first_row(con, sql("game_of_score"), {"score": score_id})
        if found is None:
            return None
        (game,) = found
        rows = query(con, sql("score"), {"table": scores_table(game).name, "score": score_id})
        rows = with_v3_ids(rows, game, con)
        around = songs_and_charts(rows, game, con)
        (score,) = documents.scores(rows, rules(game, con))
    return {"score": score, "song": around["songs"][0], "chart": around["charts"][0]}


class StoredFor:
    """The stored rows that answers to a player's game client show (`tachi_data.import_types.Stored`)."""

    def __init__(self, store: Store, user_id: int, files: Path) -> None:
        self.store, self.user_id, self.files = store, user_id, files

    def records(self, document: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Returns ``scores``, ``songs`` and ``charts`` of an import."""
        with self.store.read() as con:
            return _records(document, con)

    def charts(self, game: str, kind: str, key: str) -> Sequence[Mapping[str, Any]]:
        """Returns the charts that a key finds; ``kind`` is the kind of key."""
        rows = self.store.query(sql("charts_by_key"), {"game": game, "kind": kind, "key": key})
        return list(documents.charts(rows))

    def ranking(self, game: str, chart_id: str) -> Sequence[Mapping[str, Any]]:
        """Returns the personal bests on a chart, best first, each with ``username`` and ``scoreMeta``."""
        params = {"chart": chart_id, "pbs": pbs_table(game).name}
        params["scores"] = scores_table(game).name
        with self.store.read() as con:
            rows, gpts = query(con, sql("ranking"), params), rules(game, con)
        if rows.is_empty():
            return []
        (gpt,) = (one for one in gpts if one.playtype == rows["playtype"][0])
        flat = ranked(unpacked(rows, game), gpt)
        ranks = flat.select("user_id", "rank", "out_of")
        rows = rows.join(ranks, on="user_id", maintain_order="left").sort("rank", "first_ordinal")
        users = accounts.user_documents(self.store, rows["user_id"].to_list())
        names = {user["id"]: user["username"] for user in users}
        metas = rows["base_score_meta"].to_list()
        return [
            {**pb, "username": names[pb["userID"]], "scoreMeta": orjson.loads(meta or "{}")}
            for pb, meta in zip(documents.personal_bests(rows, gpts), metas, strict=True)
        ]

    def voters(self, sha256: str) -> int:
        """Returns the number of players who wait for a chart that the catalogue does not know."""
        return int(self.store.query(sql("voters"), {"sha256": sha256})["voters"][0])

    def queue_size(self) -> int:
        """Returns the number of players after which such a chart is known."""
        return queue_size()

    def course(self, game: str, md5sums: str) -> Mapping[str, Any] | None:
        """Returns the course of these charts; None where there is none."""
        rows = self.store.query(sql("course"), {"game": game, "md5sums": md5sums})
        return next(rows.iter_rows(named=True), None)

    def raise_class(self, game: str, playtype: str, name: str, value: str) -> bool:
        """Raise the player's class to this value if it is better; returns whether it was."""
        return raise_class(self.store, self.user_id, game, playtype, name, value)

    def player(self, name: str) -> Mapping[str, Any] | None:
        """Returns the public document of a player, by number, by name or ``me``; None where there is none."""
        found = self.user_id if name == "me" else accounts.find_user(self.store, name)
        known = [] if found is None else accounts.user_documents(self.store, [found])
        return known[0] if known else None

    def rivals(self, games: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """Returns the public documents of the player's rivals in some games."""
        found = rivals_of(self.store, self.user_id, games)
        return accounts.user_documents(self.store, found)

    def bests(self, user_id: int, game: str) -> Sequence[Mapping[str, Any]]:
        """Returns the personal bests of a player in a game, each with its ``chart``; they have no ranks."""
        with self.store.read() as con:
            rows = query(
                con, sql("pbs_of_player"), {"table": pbs_table(game).name, "user": user_id}
            )
            ids = rows["chart_id"].unique().to_list()
            charts = query(con, sql("charts"), {"game": game, "ids": ids})
            gpts = rules(game, con)
        by_id = {chart["chartID"]: chart for chart in documents.charts(charts)}
        unranked = rows.with_columns(rank=pl.lit(0), out_of=pl.lit(0))
        return [
            {**pb, "chart": by_id[pb["chartID"]]}
            for pb in documents.personal_bests(unranked, gpts)
            if pb["chartID"] in by_id
        ]

    def has_score(self, game: str, score_id: str) -> bool:
        """Returns whether this is a score of the player."""
        params = {"scores": scores_table(game).name, "user": self.user_id, "score": score_id}
        return not self.store.query(sql("own_score"), params).is_empty()

    def keep_file(self, folder: str, name: str, content: bytes) -> None:
        """Write a file, in place of the one of the same name; it is on the disk when this returns."""
        if not name.isascii() or not name.isalnum():
            raise ValueError(f"{name!r} is no name of a file")
        disk.replace(self.files / folder / name, content)
