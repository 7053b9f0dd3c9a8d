"""mypagescraper's player file, of WACCA: no scores, only the stage (dan) of the player."""

from __future__ import annotations

import re

import polars as pl

from tachi_data.errors import ImportFatal
from tachi_data.import_types import words as x
from tachi_data.import_types.model import Conversion, ImportType, Parsed, Source
from tachi_data.import_types.sources.csv import strict_csv
from tachi_data.import_types.sources.text import text_of
from tachi_data.records.schema import Object

STAGES = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV")
NUMERALS = {str(number): numeral for number, numeral in enumerate(STAGES, start=1)}
CELL = re.compile(r"\[([0-9]+),[^\n\r\u2028\u2029]+?,[0-9]+\]")  # [id, name, grade]


def parse(source: Source) -> Parsed:
    """One record, and in it one cell that matters. Stage 0 is that of players who have none."""
    names, records, _ = strict_csv(text_of(source), ["player_stage"])
    if len(records) != 1:
        raise ImportFatal(400, f"The player file must hold one record, not {len(records)}.")
    cell = dict(zip(names, records[0], strict=True)).get("player_stage")
    if cell is None:
        raise ImportFatal(400, "The player file has no column player_stage.")
    found = CELL.search(cell)
    if found is None:
        raise ImportFatal(400, f"player_stage must look like [5,ステージV,3], got {cell[:60]!r}.")
    return Parsed(
        game="wacca",
        playtype="Single",
        datapoints=[],
        classes={"Single": _classes(found[1].lstrip("0"))},
    )


def _classes(stage: str) -> dict[str, str]:
    if not stage:
        return {}
    if stage not in NUMERALS:
        raise ImportFatal(400, f"player_stage must be 0 to {len(STAGES)}, got {stage:.60}.")
    return {"stageUp": NUMERALS[stage]}


IMPORT_TYPES = (
    ImportType(
        id="file/mypagescraper-player-csv",
        title="mypagescraper player CSV",
        games=("wacca",),
        parse=parse,
        conversion=Conversion(
            record=Object(),
            match=x.by_title(pl.lit(""), difficulty=pl.lit("")),
            columns={},
        ),
    ),
)
