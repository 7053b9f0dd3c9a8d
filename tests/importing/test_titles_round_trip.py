"""Every primary chart of the real catalogue, imported by its title in all kinds of blanks: never a wrong chart."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

import tachi_data as td
from tachi_data import games
from tachi_data.games import Enum
from tachi_data.import_types.file.eamusement_iidx_csv import DIFFICULTIES as IIDX_DIFFICULTIES
from tachi_data.import_types.file.eamusement_iidx_csv import VERSIONS
from tachi_data.import_types.file.eamusement_sdvx_csv import DIFFICULTIES as SDVX_DIFFICULTIES
from tachi_data.import_types.file.mypagescraper_records_csv import COLUMNS
from tachi_data.import_types.file.mypagescraper_records_csv import (
    DIFFICULTIES as WACCA_DIFFICULTIES,
)
from tests.conftest import shared_folder

Respell = Callable[[str], str]
WAYS: dict[str, Respell] = {
    "as it is": lambda title: title,
    "no-break": lambda title: title.replace(" ", "\u00a0"),
    "ideographic": lambda title: title.replace(" ", "\u3000"),
    "narrow": lambda title: title.replace(" ", "\u202f"),
    "tabs": lambda title: title.replace(" ", "\t"),
    "runs": lambda title: title.replace(" ", " \u00a0 "),
    "ends": lambda title: f"\u3000{title}\u00a0 ",
    "cut off": lambda title: title.strip(" \u3000") or title,
    "plain": lambda title: title.replace("\u3000", " "),
    "no width": lambda title: f"\ufeff{title[:1]}\u200b{title[1:]}",
}
# Rows of two songs with one title are one orphan.
WAITING = {"SongOrChartNotFound", "AmbiguousTitle", "OrphanExists"}
BY_TITLE = [
    gpt
    for game in games.names()
    if (shared_folder() / "catalogue" / f"songs-{game}.json").exists()
    for gpt in games.gpts(game)
    if "songTitle" in {kind.name for kind in gpt.match_types}
]


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    with td.open_store(tmp_path_factory.mktemp("titles") / "store.duckdb") as opened:
        td.load_catalogue(opened, shared / "catalogue", games=sorted({g.game for g in BY_TITLE}))
        yield opened


@pytest.fixture(scope="module")
def charts(shared: Path) -> Callable[[games.GPT], list[dict[str, Any]]]:
    """Gives the primary charts of a game and playtype, each with its song's title."""

    def of(gpt: games.GPT) -> list[dict[str, Any]]:
        folder = shared / "catalogue"
        songs = {s["id"]: s for s in json.loads((folder / f"songs-{gpt.game}.json").read_text())}
        listed = json.loads((folder / f"charts-{gpt.game}.json").read_text())
        return [
            chart | {"title": songs[chart["songID"]]["title"]}
            for chart in listed
            if chart["isPrimary"] and chart["playtype"] == gpt.playtype
        ]

    return of


def found(store: td.Store, kind: str, source: bytes, **options: Any) -> pl.DataFrame:
    """What becomes of the datapoints of a source, imported as a whole: outcome and chart of each, in order."""
    outcome = td.import_scores(store, kind, source, user_id=1, options=options, dry_run=True)
    return outcome.datapoints.sort("row").select("outcome", "message", "chart_id")


def check(rows: pl.DataFrame, expected: list[str | None], *, lost: float) -> None:
    """No chart is wrong; of those that are looked for, at most this share is not found."""
    told = rows.with_columns(expected=pl.Series(expected, dtype=pl.String)).drop_nulls("expected")
    wrong = told.filter(pl.col("chart_id") != pl.col("expected"))
    assert wrong.is_empty(), wrong.rows()[:5]
    missing = told.filter(pl.col("chart_id").is_null())
    assert missing.height <= lost * told.height, missing.rows()[:5]
    assert set(missing["outcome"]) <= WAITING, missing["message"].unique().to_list()[:5]
    other = told.drop_nulls("chart_id").filter(pl.col("outcome") != "ScoreImported")
    assert other.is_empty(), other.rows()[:5]


def documents(gpt: games.GPT, charts: list[dict[str, Any]], respell: Respell) -> bytes:
    """A BATCH-MANUAL document with a score for each chart."""
    given = {
        name: metric.values[0] if isinstance(metric, Enum) else 0
        for name, metric in gpt.provided.items()
    }
    scores = [
        {
            **given,
            "matchType": "songTitle",
            "identifier": respell(chart["title"]),
            "difficulty": chart["difficulty"],
        }
        for chart in charts
    ]
    meta = {"game": gpt.game, "playtype": gpt.playtype, "service": "round trip"}
    return orjson.dumps({"meta": meta, "scores": scores})


@pytest.mark.parametrize("gpt", BY_TITLE, ids=lambda gpt: gpt.id)
def test_batch_manual(gpt: games.GPT, store: td.Store, charts: Any) -> None:
    mine = charts(gpt)
    expected = [chart["chartID"] for chart in mine]
    for respell in WAYS.values():
        rows = found(store, "file/batch-manual", documents(gpt, mine, respell))
        check(rows, expected, lost=0.03)


def saved(rows: list[list[str]], separator: str = ",") -> bytes:
    """The rows as a spreadsheet saves them."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("playtype", ["SP", "DP"])
def test_iidx_csv(playtype: str, store: td.Store, charts: Any) -> None:
    gpt = games.gpt("iidx", playtype)
    names = {str(number): name for name, number in VERSIONS.items()}
    newest = max((v for c in charts(gpt) for v in c["versions"] if v in names), key=int)
    by_song: dict[int, dict[str, dict[str, Any]]] = {}
    for chart in charts(gpt):
        # A level of 0 says that there is no such chart.
        if newest in chart["versions"] and chart["level"] != "0":
            by_song.setdefault(chart["songID"], {})[chart["difficulty"]] = chart
    listed = IIDX_DIFFICULTIES[41]
    expected = [of.get(name, {}).get("chartID") for of in by_song.values() for name in listed]
    for respell in WAYS.values():
        rows = [["x"] * 41]
        for of in by_song.values():
            cells = [names[newest], respell(next(iter(of.values()))["title"]), "", "", "1"]
            for name in listed:
                level = of[name]["level"] if name in of else "0"
                cells += [level, "1", "0", "1", "0", "FAILED", "F"]
            rows.append([*cells, "2024/3/31 2:30"])
        check(
            found(store, "file/eamusement-iidx-csv", saved(rows), playtype=playtype),
            expected,
            lost=0.01,
        )


def test_sdvx_csv(store: td.Store, charts: Any) -> None:
    mine = charts(games.gpt("sdvx", "Single"))
    named = {short: long for long, short in SDVX_DIFFICULTIES.items()}
    expected = [chart["chartID"] for chart in mine]
    for respell in WAYS.values():
        rows = [["x"] * 11] + [
            [
                respell(c["title"]),
                named[c["difficulty"]],
                c["level"],
                *("PLAYED", "B", "1", "0", "1", "1", "0", "0"),
            ]
            for c in mine
        ]
        of_site = "\n".join(",".join(row) for row in rows).encode()
        for source in (of_site, saved(rows), saved(rows, ";"), saved(rows, "\t")):
            if source is of_site and respell is WAYS["tabs"]:
                continue
            check(found(store, "file/eamusement-sdvx-csv", source), expected, lost=0.001)


def test_wacca_csv(store: td.Store, charts: Any) -> None:
    by_song: dict[int, dict[str, dict[str, Any]]] = {}
    for chart in charts(games.gpt("wacca", "Single")):
        by_song.setdefault(chart["songID"], {})[chart["difficulty"]] = chart
    listed = [
        [of.get(name, {}).get("level", "0") for name in WACCA_DIFFICULTIES]
        for of in by_song.values()
    ]
    expected = [
        chart["chartID"]
        for of in by_song.values()
        for name in WACCA_DIFFICULTIES
        if (chart := of.get(name)) is not None
    ]
    for respell in WAYS.values():
        rows = [list(COLUMNS)]
        for of, levels in zip(by_song.values(), listed, strict=True):
            title = respell(next(iter(of.values()))["title"])
            cell = f"[{','.join(levels)}]"
            rows.append(["1", title, cell, "[1,1,1,1]", "[0,0,0,0]"])
        check(found(store, "file/mypagescraper-records-csv", saved(rows)), expected, lost=0)
