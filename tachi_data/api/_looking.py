"""Reading what an import made."""

from __future__ import annotations

from typing import Any

from tachi_data import documents
from tachi_data.documents._import import stored_import
from tachi_data.games._tables import scores_table
from tachi_data.store import Store


def import_with_scores(store: Store, import_id: str) -> dict[str, Any] | None:
    """An ImportDocument with its scores, songs, charts, sessions and owner; None where there is none."""
    with store.read() as con:
        document = stored_import(con, import_id)
        if document is None:
            return None
        game = document["game"]
        rows = con.sql(
            "FROM query_table($table) WHERE user_id = $user AND import_id = $import ORDER BY ordinal",
            params={
                "table": scores_table(game).name,
                "user": document["userID"],
                "import": import_id,
            },
        ).pl()
        charts = con.sql(
            "FROM charts WHERE game = $game AND chart_id IN (SELECT unnest($ids::VARCHAR[]))",
            params={"game": game, "ids": rows["chart_id"].unique().to_list()},
        ).pl()
        songs = con.sql(
            "FROM songs WHERE game = $game AND song_id IN (SELECT unnest($ids::BIGINT[]))",
            params={"game": game, "ids": rows["song_id"].unique().to_list()},
        ).pl()
        sessions = con.sql(
            "FROM sessions WHERE session_id IN (SELECT unnest($ids::VARCHAR[]))",
            params={"ids": [s["sessionID"] for s in document["createdSessions"]]},
        ).pl()
    return {
        "import": document,
        "scores": list(documents.scores(rows, game)),
        "songs": list(documents.songs(songs)),
        "charts": list(documents.charts(charts)),
        "sessions": [
            {"sessionID": i, "name": n}
            for i, n in sessions.select("session_id", "name").iter_rows()
        ],
        "user": {"id": document["userID"]},
    }
