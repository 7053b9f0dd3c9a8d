"""Frames that people make: read, judged, and imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import tachi_data as td
from tests.catalogue.documents import SMALL
from tests.importing.world import NOW, job, score

IIDX = {"title": ["One"], "difficulty": ["ANOTHER"], "score": [1200], "lamp": ["CLEAR"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[td.Store]:
    with td.open_store(tmp_path_factory.mktemp("sheets") / "store.duckdb") as opened:
        td.patch_catalogue(opened, SMALL)
        yield opened


def mine(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({**IIDX, **columns}, strict=False)


def dated(*texts: str) -> pl.DataFrame:
    rows = {name: values * len(texts) for name, values in IIDX.items()}
    return pl.DataFrame({**rows, "time_achieved": texts})


def told(frame: Any, gpt: str = "iidx:SP") -> list[tuple[int, str]]:
    return td.validate(frame, gpt)[1].rows()


def test_headings_texts_and_spelling_are_read_as_people_write_them() -> None:
    sheet = pl.DataFrame(
        {
            "Song Title": [" One "],
            "DIFFICULTY": ["another"],
            "Score": ["1200"],
            "Lamp": ["ex hard clear"],
            "BP": ["3"],
            "maxCombo": [100.0],
            "PGREAT": [500],
            "Date": ["2024/01/02 03:04"],
            "my remark": ["kept"],
        }
    )
    good, failures = td.validate(sheet, "iidx:SP")
    assert failures.is_empty()
    assert good.to_dicts() == [
        {
            "title": "One",
            "difficulty": "ANOTHER",
            "score": 1200,
            "lamp": "EX HARD CLEAR",
            "optional.bp": 3,
            "optional.max_combo": 100,
            "judgements.pgreat": 500,
            "time_achieved": datetime(2024, 1, 2, 3, 4),  # noqa: DTZ001
            "my remark": "kept",
        }
    ]


def test_every_wrong_row_has_its_reason_with_value_and_bound() -> None:
    sheet = pl.DataFrame(
        {
            "title": ["One", "One", None, "One", "One"],
            "difficulty": ["ANOTHER"] * 5,
            "score": ["many", "-1", "5", None, "12.5"],
            "lamp": ["CLEAR", "SHINY", "CLEAR", "CLEAR", "CLEAR"],
        }
    )
    good, failures = td.validate(sheet, "iidx:SP")
    assert good.is_empty()
    texts = failures.group_by("index", maintain_order=True).agg("message").rows()
    lamps = (
        "NO PLAY, FAILED, ASSIST CLEAR, EASY CLEAR, CLEAR, HARD CLEAR, EX HARD CLEAR, FULL COMBO"
    )
    assert texts == [
        (0, ['score: expected a whole number, got "many"']),
        (1, ["score: must be at least 0, got -1", f'lamp: must be one of {lamps}, got "SHINY"']),
        (2, ["title: is missing"]),
        (3, ["score: is missing"]),
        (4, ['score: expected a whole number, got "12.5"']),
    ]


@pytest.mark.parametrize(
    "time",
    [
        datetime(2024, 1, 2, tzinfo=UTC),
        datetime(2024, 1, 2),  # noqa: DTZ001
        date(2024, 1, 2),
        "2024-01-02",
        "2024-01-02T00:00:00Z",
        1_704_153_600_000,
    ],
)
def test_times_are_read_from_each_of_their_types(time: Any) -> None:
    (play,) = td.batch_manual(mine(time_achieved=[time]), "iidx:SP")["scores"]
    assert play["timeAchieved"] == 1_704_153_600_000


@pytest.mark.slow
def test_a_frame_of_another_library_is_a_frame(store: td.Store) -> None:
    outcome = td.import_scores(store, pa.table(IIDX), "iidx:SP", user_id=5, dry_run=True)
    assert outcome.datapoints.height == 1
    assert told(mine().lazy()) == []


@pytest.mark.slow
def test_scores_of_a_store_come_back_as_they_were(store: td.Store, tmp_path: Path) -> None:
    td.import_many(
        store,
        [
            job(
                score(timeAchieved=NOW, judgements={"pgreat": 500}, comment="well done"),
                score("Étude", difficulty="HYPER", optional={"bp": 3}),
            )
        ],
        now=NOW,
    )
    before = td.scores(store, 1, "iidx:SP")
    with td.open_store(tmp_path / "other.duckdb") as other:
        td.patch_catalogue(other, SMALL)
        outcome = td.import_scores(other, before, "iidx:SP", user_id=1)
        assert outcome.datapoints["outcome"].to_list() == ["ScoreImported"] * 2
        after = td.scores(other, 1, "iidx:SP")
    assert after.sort("score_id").drop("service").equals(before.sort("score_id").drop("service"))


def test_bad_rows_are_refused_before_anything_is_done(store: td.Store) -> None:
    sheet = mine(score=[-1])
    with pytest.raises(
        td.ImportFatal, match="1 row of the frame cannot be scores, such as row 0: score"
    ):
        td.import_scores(store, sheet, "iidx:SP", user_id=6)
    assert td.scores(store, 6).is_empty()


@pytest.mark.parametrize(
    ("frame", "gpt", "words"),
    [
        (IIDX, "iidx:SP", "A frame is expected, such as pl.read_csv"),
        (mine(), "iidx", "iidx has several playtypes: write 'iidx:SP' or 'iidx:DP'"),
        (mine(), "idx:SP", "Did you mean iidx"),
        (mine().drop("score"), "iidx:SP", "need the column 'score'; the frame has 'title', "),
        (mine().drop("title", "lamp"), "iidx:SP", "need the columns 'title', 'lamp'; "),
    ],
)
def test_a_frame_that_cannot_be_meant_is_refused(frame: Any, gpt: str, words: str) -> None:
    with pytest.raises(td.TachiError, match=words):
        td.validate(frame, gpt)


def test_a_document_names_the_first_value_that_it_cannot_have() -> None:
    with pytest.raises(td.TachiError, match="Row 0: score: expected a whole number"):
        td.batch_manual(mine(score=["many"]), "iidx:SP")
    with pytest.raises(td.TachiError, match="need the column"):
        td.batch_manual(mine().drop("lamp"), "iidx:SP")


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["5/6/2024 9:05", "31/3/2024"], [(2024, 6, 5, 9, 5), (2024, 3, 31)]),
        (["5/6/2024 9:05 PM", "3/31/2024"], [(2024, 5, 6, 21, 5), (2024, 3, 31)]),
        (["2024年5月6日", "5.6.2024"], [(2024, 5, 6), (2024, 6, 5)]),
    ],
)
def test_one_file_has_one_order_of_day_and_month(texts: list[str], days: list[Any]) -> None:
    good, failures = td.validate(dated(*texts), "iidx:SP")
    assert failures.is_empty()
    assert good["time_achieved"].to_list() == [datetime(*day) for day in days]  # noqa: DTZ001


def test_dates_of_uncertain_order_are_no_dates() -> None:
    good, failures = td.validate(dated("5/6/2024", "2024-01-31"), "iidx:SP")
    assert good.height == 1
    assert failures["message"].to_list() == ['time_achieved: expected a time, got "5/6/2024"']
