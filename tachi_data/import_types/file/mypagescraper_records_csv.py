"""mypagescraper's records file, of WACCA: personal bests as the player's page shows them.

A record is a song; its levels, scores and lamps are lists indexed by difficulty. The level is that
of the day the page was read; charts are re-rated, so it only tells songs of one title apart.
"""

from __future__ import annotations

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.games import wacca
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources.csv import strict_csv
from tachi_data.import_types.sources.text import text_of
from tachi_data.records.schema import Int, Num, Object, Str

DIFFICULTIES = ("NORMAL", "HARD", "EXPERT", "INFERNO")
LAMPS = ("FAILED", "CLEAR", "MISSLESS", "FULL COMBO", "ALL MARVELOUS")
COLUMNS = ("music_id", "music_title", "music_levels", "music_scores", "music_achieves")
RECORD = Object(
    members={
        "songId": Num(),
        "songTitle": Str(),
        "diffIndex": Int(),
        "level": Str(),
        "score": Num(),
        "lamp": Num(),
    }
)
_ITEM = r"([^\n\r\u2028\u2029]+?)"
_LIST = rf"\[{_ITEM},{_ITEM},{_ITEM}(?:,{_ITEM})?\]"


def item(cell: pl.Expr, index: int) -> pl.Expr:
    """An item of the first ``[x,y,z]`` or ``[x,y,z,w]`` in a cell; null where there is none."""
    return cell.str.extract(_LIST, index + 1)


def number(text: pl.Expr) -> pl.Expr:
    """Lenient text of a number, as the reference stores it: blank is 0, and other text NaN."""
    return pl.when(x.trim(text) == "").then(0.0).otherwise(x.number(text).fill_null(float("nan")))


def parse(source: Source) -> Parsed:
    """One datapoint per song and difficulty that exists and was played."""
    names, cells, lines = strict_csv(text_of(source), COLUMNS)
    missing = [column for column in COLUMNS if column not in names]
    if cells and missing:
        raise ImportFatal(400, f"Line {lines[0]}: there is no column {missing[0]}.")
    last = {name: place for place, name in enumerate(names)}
    songs = pl.DataFrame(
        {"line": lines, **{c: [row[last[c]] for row in cells] for c in COLUMNS}},
        schema={"line": pl.Int64, **dict.fromkeys(COLUMNS, pl.String)},
    )
    charts = pl.concat(
        songs.select(
            "line",
            number(pl.col("music_id")).alias("raw.songId"),
            pl.col("music_title").alias("raw.songTitle"),
            pl.lit(index, dtype=pl.Int64).alias("raw.diffIndex"),
            item(pl.col("music_levels"), index).alias("raw.level"),
            number(item(pl.col("music_scores"), index)).alias("raw.score"),
            number(item(pl.col("music_achieves"), index)).alias("raw.lamp"),
        )
        for index in range(len(DIFFICULTIES))
    )
    played = charts.filter(pl.col("raw.level") != "0", pl.col("raw.score") != 0)
    datapoints = played.sort("line", "raw.diffIndex")
    return Parsed(
        game="wacca",
        playtype="Single",
        datapoints=datapoints.drop("line"),
        lines=datapoints["line"].to_list(),
    )


def conversion() -> Conversion:
    """Charts are found by title and difficulty; the page's own song ID is not that of the game."""
    index, score = x.raw("diffIndex"), x.raw("score")
    difficulty = x.difficulty(wacca.SINGLE, index, dict(enumerate(DIFFICULTIES)))
    lamp = x.metric(wacca.SINGLE, "lamp", x.raw("lamp"), dict(enumerate(LAMPS)))
    return Conversion(
        record=RECORD,
        match=x.by_title(x.raw("songTitle"), difficulty=difficulty, level=x.raw("level")),
        columns={"score": score, "lamp": lamp, "service": pl.lit("mypage-scraper")},
        rules=(
            x.unreadable(difficulty, index, "The difficulty must be 0 to 3", after="song"),
            x.unreadable(lamp, x.raw("lamp"), "The achievement must be 0 to 4"),
            x.unreadable(
                pl.when(score.is_finite() & (score == score.floor())).then(score),
                score,
                "The score must be a whole number",
            ),
        ),
    )


IMPORT_TYPES = (
    ImportType(
        id="file/mypagescraper-records-csv",
        title="mypagescraper records CSV",
        games=("wacca",),
        parse=parse,
        conversion=conversion(),
    ),
)
