"""The dictionary of columns and the stored tables that are made of it."""

from pathlib import Path

import polars as pl
import pytest

from tachi_data import games
from tachi_data.store import Table, ddl
from tachi_data.tables import catalogue, imports, orphans, players, scores, standings
from tachi_data.tables.column import Column
from tachi_data.tables.columns import COLUMNS, IN_TABLE, column

TABLES = (
    *catalogue.TABLES,
    *scores.tables(),
    *imports.TABLES,
    *orphans.TABLES,
    *standings.TABLES,
    *players.TABLES,
)
ALL = [
    *COLUMNS.values(),
    *(c for own in IN_TABLE.values() for c in own.values()),
    *(c for table in scores.tables() for c in scores.columns_of(table).values()),
]


def test_tables_are_created_as_before_the_dictionary() -> None:
    before = (Path(__file__).parent / "ddl.sql").read_text(encoding="utf-8").splitlines()
    assert [ddl(table) for table in TABLES] == before


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_stored_column_has_a_sentence(table: Table) -> None:
    declared = scores.columns_of(table)
    plain = {n: d for n, d in table.stored.items() if not isinstance(d, pl.Struct)}
    assert plain == {n: declared[n].dtype for n in plain}
    assert {n.partition(".")[0] for n in declared} == set(table.stored)
    assert all(c.sentence.endswith(".") and len(c.sentence) > 10 for c in declared.values())


def test_times_have_a_unit_and_json_is_text() -> None:
    def fits(known: Column) -> bool:
        is_time = known.dtype == pl.Datetime("ms")
        return is_time == (known.unit == "ms, UTC") and (
            known.unit != "JSON" or known.dtype == pl.String()
        )

    assert [known.name for known in ALL if not fits(known)] == []


def test_a_name_of_its_own_in_a_table_is_used_there() -> None:
    tables = {table.name: table for table in TABLES}
    for name, own in IN_TABLE.items():
        assert own.keys() <= tables[name].columns.keys()


def test_every_word_of_the_dictionary_is_used_by_a_table_or_a_frame() -> None:
    used = {c for table in TABLES for c in table.columns}
    frames = {"row", "source", "violation", "chart_found", "time_received"}
    frames |= {"song_first", "primary_only", "official_only", "only_one"}
    assert COLUMNS.keys() <= used | frames


def test_units_of_a_game_are_said() -> None:
    declared = scores.columns_of(scores.scores_table("iidx"))
    units = {n: declared[n].unit for n in ("percent", "judgements.pgreat", "time_achieved", "lamp")}
    assert units == {
        "percent": "%",
        "judgements.pgreat": "notes",
        "time_achieved": "ms, UTC",
        "lamp": None,
    }
    assert "one of NO PLAY, FAILED" in declared["lamp"].sentence


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(LookupError, match="'no_such'"):
        column("no_such")


def test_playtypes_of_a_game_agree_on_the_types_of_their_columns() -> None:
    for game in games.names():
        kinds = [
            {snake: m.dtype for snake, m in {**g.metrics, **g.optional}.items()}
            for g in games.gpts(game)
        ]
        for kind in kinds:
            assert kind == {**kind, **{n: d for n, d in kinds[0].items() if n in kind}}
