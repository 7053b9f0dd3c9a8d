"""The first stage: sources become numbered datapoints, without a store."""

from pathlib import Path

import tachi_data as td
from tachi_data.importing import parse
from tests.importing.world import NOW, job, score


def test_rows_are_numbered_over_the_whole_set() -> None:
    parsed = parse([job(score(), score(), user_id=7), job(score(), user_id=8)], now=NOW)
    (group,) = parsed.groups
    numbers = group.rows.select("row", "source", "user_id", "position").rows()
    assert numbers == [(0, 0, 7, 0), (1, 0, 7, 1), (2, 1, 8, 0)]


def test_each_game_and_playtype_is_a_group() -> None:
    parsed = parse([job(score()), job(score(), user_id=2, playtype="DP")], now=NOW)
    assert [group.gpt.id for group in parsed.groups] == ["iidx:SP", "iidx:DP"]


def test_what_is_wrong_as_a_whole_refuses_one_import_and_not_the_others() -> None:
    unknown = td.ImportJob("file/nothing", b"", 2)
    broken = td.ImportJob("file/batch-manual", b"{", 3)
    missing = td.ImportJob("file/batch-manual", Path("/there/is/no/such.json"), 4)
    parsed = parse([job(score()), unknown, broken, missing], now=NOW)
    assert sorted(parsed.refused) == [1, 2, 3]
    assert all(fatal.status_code == 400 for fatal in parsed.refused.values())
    assert "file/batch-manual" in parsed.refused[1].message
    assert "/there/is/no/such.json" in parsed.refused[3].message
    assert parsed.imports["source"].to_list() == [0]


def test_a_source_that_could_not_be_fetched_is_not_read() -> None:
    fatal = td.ImportFatal(401, "not linked")
    parsed = parse([td.ImportJob("api/flo-iidx", None, 1)], now=NOW, refused={0: fatal})
    assert parsed.refused == {0: fatal}
    assert parsed.groups == ()


def test_an_import_without_datapoints_is_an_import() -> None:
    parsed = parse([job()], now=NOW)
    assert parsed.imports["game"].to_list() == ["iidx"]
    assert sum(group.rows.height for group in parsed.groups) == 0
