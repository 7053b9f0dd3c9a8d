"""Charts as the expressions of a game see them."""

from __future__ import annotations

import polars as pl

from tachi_data.catalogue import chart_frame, patch_catalogue
from tachi_data.games import names
from tachi_data.store import Store
from tests.catalogue.documents import chart, song


def test_wanted_charts_come_with_what_the_game_declares(store: Store) -> None:
    charts = [
        chart("a", 1, levelNum=11, data={"ncTier": {"value": 11, "text": "x"}}),
        chart("b", 2, data={"bpiCoefficient": 1, "kaidenAverage": None}),
        chart("c", 1, "HYPER"),
    ]
    patch_catalogue(store, {"songs-iidx": [song(1, "A")], "charts-iidx": charts})
    wanted = pl.DataFrame({"chart_id": ["b", "a", "nowhere"]})
    with store.read() as con:
        found = chart_frame(con, wanted, "iidx").sort("chart_id").to_dicts()
        assert chart_frame(con, None, "iidx").height == 3
        assert chart_frame(con, wanted.head(0), "iidx").is_empty()
    assert [row["chart_id"] for row in found] == ["a", "b"]
    assert [row["has_song"] for row in found] == [True, False]
    assert found[0]["chart.level_num"] == 11.0
    assert found[0]["chart.nc_tier"] == {"value": 11.0}
    assert found[0]["chart.notecount"] == 1000
    assert found[1]["chart.bpi_coefficient"] == 1.0
    assert (found[1]["chart.difficulty"], found[1]["playtype"]) == ("ANOTHER", "SP")


def test_members_of_the_song_are_null_without_it(store: Store) -> None:
    charts = [chart(f"c{n}", n, "EXPERT") for n in (1, 2)]
    patch_catalogue(
        store,
        {"songs-ddr": [song(1, "A", flareCategory="GOLD")], "charts-ddr": charts},
    )
    with store.read() as con:
        found = chart_frame(con, None, "ddr").sort("chart_id")
    assert found["song.flare_category"].to_list() == ["GOLD", None]


def test_every_game_has_a_frame(store: Store) -> None:
    with store.read() as con:
        for game in names():
            assert "chart.level_num" in chart_frame(con, None, game).columns
