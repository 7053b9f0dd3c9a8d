"""What is done to a store while its disk fails, and what has to be true of the store afterwards."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import tachi_data as td
from tachi_data.backlog import leases, queue
from tests.upkeep.moving import NOW, in_v3

SAMPLE = Path(__file__).parent.parent.parent / "data" / "sample"
STORE, COPY, SPOOL = "store.duckdb", "copy.duckdb", "spool"
FIRST, OTHER = "batch-manual-iidx-akari.json", "batch-manual-sdvx-bento.json"
Facts = list[list[tuple[object, ...]]]
# What follows from scores and files alone; IDs of sessions are random.
FACTS = (
    # Those of the jobs below; the imports that a run over orphans makes have random IDs.
    "SELECT import_id FROM imports WHERE import_id = repeat(import_id[1], 40) ORDER BY ALL",
    "SELECT import_id, status FROM import_trackers ORDER BY ALL",
    "SELECT user_id, game, score_id, chart_id FROM all_scores ORDER BY ALL",
    "SELECT user_id, chart_id FROM pbs ORDER BY ALL",
    "SELECT user_id, game, playtype, ratings, classes FROM game_stats ORDER BY ALL",
    "SELECT user_id, orphan_id FROM orphans ORDER BY ALL",
    "SELECT user_id, game, playtype, count(*) FROM sessions GROUP BY ALL ORDER BY ALL",
    "SELECT game, count(*) FROM songs GROUP BY ALL ORDER BY ALL",
    "SELECT game, count(*) FROM charts GROUP BY ALL ORDER BY ALL",
)


def _job(name: str, player: int, letter: str) -> td.ImportJob:
    path = SAMPLE / "imports" / name
    return td.ImportJob("file/batch-manual", path, player, import_id=letter * 40)


def _import(folder: Path) -> None:
    _import_jobs(folder, [_job(FIRST, 3, "c")])


def _set(folder: Path) -> None:
    _import_jobs(folder, [_job(FIRST, player, f"{player:x}") for player in range(4, 10)])


def _import_jobs(folder: Path, jobs: list[td.ImportJob]) -> None:
    with td.open_store(folder / STORE) as store:
        stored = set(store.query("SELECT import_id FROM imports")["import_id"])
        outcomes = td.import_many(store, [j for j in jobs if j.import_id not in stored], now=NOW)
    for outcome in outcomes:
        if outcome.fatal is not None:
            raise outcome.fatal


def _work(folder: Path) -> None:
    """Do accepted imports, as a worker does. What it left uncertain is free again after a moment, not 90 s."""
    leases.DEAD_AFTER_S = 0.0
    with td.open_store(folder / STORE) as store:
        while queue.is_unfinished(store):
            queue.work(store, folder / SPOOL)
            time.sleep(0.02)


def _work_alone(folder: Path) -> None:
    """As `_work`; what the worker logs is in a file beside the folder."""
    logging.basicConfig(filename=folder.with_suffix(".log"), force=True)
    _work(folder)


def _reprocess(folder: Path) -> None:
    with td.open_store(folder / STORE) as store:
        _end_lease(store)
        td.reprocess_orphans(store, page_size=50, now=NOW)


def _end_lease(store: td.Store) -> None:
    """A run that died keeps others away for some minutes."""
    with store.write() as con:
        con.execute("UPDATE orphan_runs SET lease_until = make_timestamp_ms(0)")


def _catalogue(folder: Path) -> None:
    with td.open_store(folder / STORE) as store:
        _end_lease(store)
        td.load_catalogue(store, SAMPLE / "catalogue-newer", now=NOW)


def _revert(folder: Path) -> None:
    with td.open_store(folder / STORE) as store:
        if "a" * 40 in set(store.query("SELECT import_id FROM imports")["import_id"]):
            td.revert_import(store, "a" * 40)


def _repair(folder: Path) -> None:
    with td.open_store(folder / STORE) as store:
        td.verify(store, repair=True, now=NOW)


def _copy(folder: Path) -> None:
    with td.open_store(folder / STORE) as store, td.open_store(folder / COPY) as copy:
        if not copy.query("SELECT 1 FROM charts LIMIT 1").height:
            td.copy_store(store, copy, folder=folder)


def _move(folder: Path) -> None:
    with td.open_store(folder / STORE) as store:
        _end_lease(store)
        td.load_catalogue(store, folder / "v3", now=NOW)


def _filled(folder: Path) -> None:
    """A store with two players."""
    with td.open_store(folder / STORE) as store:
        td.load_catalogue(store, SAMPLE / "catalogue", now=NOW)
        td.import_many(store, [_job(FIRST, 1, "a"), _job(OTHER, 2, "b")], now=NOW)


def _accepted(folder: Path) -> None:
    _filled(folder)
    with td.open_store(folder / STORE) as store:
        for name, player, letter in ((FIRST, 3, "c"), (OTHER, 4, "d")):
            content = (SAMPLE / "imports" / name).read_bytes()
            job = td.ImportJob("file/batch-manual", content, player, import_id=letter * 40)
            queue.accept(store, folder / SPOOL, job)


def _one_accepted(folder: Path) -> None:
    """An import of one song that nobody knows, so that all its rows are in the log of the store."""
    meta = {"game": "iidx", "playtype": "SP", "service": "tests"}
    score = {"matchType": "songTitle", "identifier": "Nobody's", "difficulty": "ANOTHER"}
    scores = [score | {"score": 1000, "lamp": "CLEAR"}]
    content = json.dumps({"meta": meta, "scores": scores}).encode()
    with td.open_store(folder / STORE) as store:
        job = td.ImportJob("file/batch-manual", content, 3, import_id="c" * 40)
        queue.accept(store, folder / SPOOL, job)


def _grown(folder: Path) -> None:
    """As many orphans wait for the newer catalogue, which is loaded."""
    _filled(folder)
    with td.open_store(folder / STORE) as store:
        td.load_catalogue(store, SAMPLE / "catalogue-newer", now=NOW)


def _damaged(folder: Path) -> None:
    _filled(folder)
    with td.open_store(folder / STORE) as store, store.write() as con:
        con.execute("UPDATE pbs_iidx SET score = score + 1")
        con.execute("UPDATE game_stats SET ratings = '{}'")
        con.execute("DELETE FROM pbs_sdvx")


def _before_move(folder: Path) -> None:
    _filled(folder)
    in_v3(SAMPLE / "catalogue", folder / "v3")


@dataclass(frozen=True)
class Operation:
    """Something done to a store.

    Attributes:
        prepare: Makes the store of a folder.
        work: Does it; once it is done, doing it again changes nothing.
        is_whole: Whether it is one transaction: then a store has all of it or nothing.
        store: The name of the file that it changes.
        repeats: Whether two runs write the same bytes; not where processes need different names.
    """

    prepare: Callable[[Path], None]
    work: Callable[[Path], None]
    is_whole: bool = True
    store: str = STORE
    repeats: bool = True


OPERATIONS = {
    "import": Operation(_filled, _import),
    "set": Operation(_filled, _set),
    "revert": Operation(_filled, _revert),
    "repair": Operation(_damaged, _repair, is_whole=False),
    "reprocess": Operation(_grown, _reprocess, is_whole=False),
    "catalogue": Operation(_filled, _catalogue, is_whole=False),
    "accepted imports": Operation(_accepted, _work, is_whole=False, repeats=False),
    "copy": Operation(_filled, _copy, is_whole=False, store=COPY),
    "move to v3": Operation(_before_move, _move, is_whole=False),
}
# One that is not tried at each write.
UNCERTAIN = {"one accepted": Operation(_one_accepted, _work_alone, is_whole=False, repeats=False)}
# Differ from run to run, and nothing follows from them.
VARYING = ("imports.timings", "orphan_runs.lease_until", "catalogue_versions.source")
# One row is a table that has rows (those that are deleted count as well), and its columns as SQL.
COLUMNS = """
SELECT table_name, string_agg('"' || column_name || '"', ', ' ORDER BY column_index)
FROM duckdb_columns()
WHERE database_name = 'store' AND NOT list_contains($varying, table_name || '.' || column_name)
    AND table_name IN (
        SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' AND estimated_size > 0
    )
GROUP BY ALL ORDER BY ALL
"""


def facts(path: Path) -> Facts:
    """What a store says, but for random IDs and times."""
    with td.open_store(path) as store, store.read() as con:
        return [con.execute(text).fetchall() for text in FACTS]


def content(path: Path) -> Facts:
    """The number of rows of every table, and the sum of their hashes: equal for equal stores."""
    with td.open_store(path) as store, store.read() as con:
        columns = con.execute(COLUMNS, {"varying": VARYING}).fetchall()
        texts = [
            f"SELECT '{name}', count(*), sum(hash({listed})::HUGEINT) FROM \"{name}\""  # noqa: S608
            for name, listed in columns
        ]
        return [con.execute(" UNION ALL ".join(texts) + " ORDER BY ALL").fetchall()]


def wrong(path: Path) -> list[tuple[object, ...]]:
    """What is wrong in a store: rows that do not follow from others."""
    with td.open_store(path) as store:
        return td.verify(store).rows()
