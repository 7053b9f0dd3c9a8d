"""The ImportDocument, which is the answer of an import.

The store keeps it without its long lists (score IDs, errors, sessions), because other tables have their
rows. So the document stays small, and a deleted score disappears from it. `stored_imports` adds the lists
when a document is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

import orjson
import polars as pl
from duckdb import DuckDBPyConnection

from tachi_data.documents.goals import figures
from tachi_data.frames import collected
from tachi_data.games import v3_name
from tachi_data.store import query, statements

sql = statements("tachi_data.documents")

# Errors of datapoints that are kept as orphans tell which; other errors have no such member.
ERROR = {"type": "outcome", "message": "message", "orphanID": "orphan_id"}
DELTA = ("game", "set", "playtype", "old", "new")
# The members of a document that are columns of the import.
OF_IMPORT = {
    "importID": "import_id",
    "importType": "import_type",
    "userID": "user_id",
    "userIntent": "user_intent",
    "timeStarted": "time_started",
    "timeFinished": "time_finished",
}
# The members of a document, in their order.
MEMBERS = (
    "importID",
    "importType",
    "userID",
    "userIntent",
    "game",
    "playtypes",
    "idStrings",
    "scoreIDs",
    "errors",
    "timeStarted",
    "timeFinished",
    "createdSessions",
    "classDeltas",
    "goalInfo",
    "questInfo",
)
OF_LISTS = tuple(name for name in MEMBERS if name not in OF_IMPORT and name != "game")
# Documents have 5, not 5.0. Source: JavaScript's JSON.
WHOLE_NUMBER = r'("(?:progress|outOf)":-?\d+)\.0([,}])'
NO_ORPHAN = r',"orphanID":null'
LISTS = {"scoreIDs": "score_ids", "errors": "errors", "createdSessions": "sessions"}


class ImportDocuments:
    """The documents of a set of imports, in their order. All are made at once when the first is asked for.

    Attributes:
        texts: What is stored of each, as JSON text: the answer with its long lists empty.
    """

    def __init__(self, rows: pl.DataFrame, texts: pl.Series) -> None:
        self.texts = texts
        self._rows = rows
        self._answers: list[dict[str, Any]] | None = None
        self._making = Lock()

    def __len__(self) -> int:
        return len(self.texts)

    def answer(self, place: int) -> dict[str, Any]:
        """Returns the document of the import at this place, with what answers have beside it.

        That is ``skipped``, the number of skipped datapoints, and ``remarks`` where scores were imported with one.
        """
        # Threads that answer one client each ask at the same time.
        with self._making:
            if self._answers is None:
                texts = self._rows.select(text=_text(MEMBERS))["text"].to_list()
                self._answers = orjson.loads(f"[{','.join(texts)}]")
        return self._answers[place]

    def document(self, place: int) -> dict[str, Any]:
        """Returns the ImportDocument of the import at this place."""
        answer = self.answer(place)
        return {name: answer[name] for name in MEMBERS}


def import_documents(
    imports: pl.DataFrame,
    datapoints: pl.DataFrame,
    sessions: pl.DataFrame,
    deltas: pl.DataFrame,
    goals: pl.DataFrame,
    quests: pl.DataFrame,
) -> ImportDocuments:
    """Make the documents of a set of imports. ``source`` is the number of the import in the set.

    Args:
        imports: One row per import: ``source, import_id, import_type, user_id, user_intent, game``, and
            ``time_started, time_finished`` in Unix milliseconds.
        datapoints: One row per datapoint, in its order: ``source, outcome, message, score_id, orphan_id, playtype``.
        sessions: One row per session that an import touched: ``source, session_id, is_new``.
        deltas: One row per changed class: ``source, game, set, playtype, old, new``.
        goals: One row per goal that moved: ``source, goal_id, old, new``.
        quests: One row per quest that moved: ``source, quest_id, old, new``.

    Returns:
        One document per row of ``imports``, in that order.
    """
    change = pl.when("is_new").then(pl.lit("Created")).otherwise(pl.lit("Appended"))
    touched = sessions.lazy().with_columns(change=change)
    rows = imports.lazy()
    for part in (
        *_of_datapoints(imports.lazy(), datapoints.lazy()),
        _listed(touched, "createdSessions", sessionID="session_id", type="change"),
        _listed(deltas.lazy(), "classDeltas", **{name: name for name in DELTA}),
        _listed(goals.lazy(), "goalInfo", goalID="goal_id", old=figures("old"), new=figures("new")),
        _listed(quests.lazy(), "questInfo", questID="quest_id", old="old", new="new"),
    ):
        rows = rows.join(part, on="source", how="left", maintain_order="left")
    named = rows.rename({column: name for name, column in OF_IMPORT.items()}).with_columns(
        pl.col("skipped").fill_null(0),
        pl.col("remarks", *OF_LISTS).fill_null([]),
    )
    short = [pl.col(name).list.head(0) if name in LISTS else pl.col(name) for name in MEMBERS]
    made = collected(named.select(*MEMBERS, "skipped", "remarks", stored=_text(short)))
    return ImportDocuments(made, made["stored"])


def _of_datapoints(imports: pl.LazyFrame, datapoints: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Yields what documents have of datapoints, one row per source: scores, playtypes, errors, counts."""
    is_imported = pl.col("outcome") == "ScoreImported"
    imported = datapoints.filter(is_imported)
    yield imported.group_by("source", maintain_order=True).agg(scoreIDs="score_id")
    yield (
        imported.select("source", "playtype")
        .unique(maintain_order=True)
        .join(imports.select("source", "game"), on="source", maintain_order="left")
        .group_by("source", maintain_order=True)
        .agg(playtypes="playtype", idStrings=pl.format("{}:{}", "game", "playtype"))
    )
    failed = datapoints.filter(~pl.col("outcome").is_in(["ScoreImported", "Skipped"]))
    yield _listed(failed, "errors", **ERROR)
    yield datapoints.group_by("source").agg(
        skipped=(pl.col("outcome") == "Skipped").sum(),
        remarks=pl.col("message").filter(is_imported & pl.col("message").is_not_null()),
    )


def _text(members: Iterable[str | pl.Expr]) -> pl.Expr:
    """JSON text of each answer with these members, and with remarks where there are some."""
    answer = [*members, "skipped"]
    text = (
        pl.when(pl.col("remarks").list.len() > 0)
        .then(pl.struct(*answer, "remarks").struct.json_encode())
        .otherwise(pl.struct(*answer).struct.json_encode())
    )
    # Within a text, a quotation mark has a backslash before it: so only members are found.
    return text.str.replace_all(WHOLE_NUMBER, "${1}${2}").str.replace_all(NO_ORPHAN, "")


def stored_imports(con: DuckDBPyConnection, wanted: pl.DataFrame) -> list[dict[str, Any]]:
    """Read ImportDocuments with their long lists.

    Args:
        con: The connection of a transaction.
        wanted: One row per import: ``import_id, user_id``.

    Returns:
        One document per stored import, in the order of ``wanted``; an unknown import has none.
    """
    rows = query(
        con,
        sql("stored_imports"),
        wanted=wanted.select("import_id", "user_id").with_row_index("place"),
    )
    return [
        json.loads(row["document"])
        | {key: row[name] or [] for key, name in LISTS.items()}
        | {"errors": _errors(row["errors"])}
        for row in rows.iter_rows(named=True)
    ]


def stored_import(con: DuckDBPyConnection, import_id: str) -> dict[str, Any] | None:
    """Returns the ImportDocument of an import; None where the import is unknown."""
    wanted = query(con, sql("import_and_owner"), {"id": import_id})
    return next(iter(stored_imports(con, wanted)), None)


def _listed(rows: pl.LazyFrame, name: str, **fields: str | pl.Expr) -> pl.LazyFrame:
    """Returns one row per source: its rows as a list of structs with these fields, named ``name``."""
    values = {name: pl.col(v) if isinstance(v, str) else v for name, v in fields.items()}
    entry = pl.struct(value.alias(name) for name, value in values.items())
    return rows.group_by("source", maintain_order=True).agg(entry.alias(name))


def _errors(entries: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Returns the errors of a document, without the orphan where there is none."""
    return [
        entry if entry["orphanID"] else {"type": entry["type"], "message": entry["message"]}
        for entry in entries or ()
    ]


def with_v3(document: dict[str, Any]) -> dict[str, Any]:
    """Returns an ImportDocument with the names that today's original server gives games, beside ours.

    >>> document = {"game": "iidx", "playtypes": ["SP"], "classDeltas": []}
    >>> with_v3(document)["gameGroup"], with_v3(document)["games"]
    ('iidx', ['iidx-sp'])
    """
    game = document["game"]
    deltas = [
        delta | {"v3Game": v3_name(delta["game"], delta["playtype"])}
        for delta in document["classDeltas"]
    ]
    games = [v3_name(game, playtype) for playtype in document["playtypes"]]
    return document | {"gameGroup": game, "games": games, "classDeltas": deltas}
