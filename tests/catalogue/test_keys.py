"""What songs and charts are looked up by, and which chart is taken where several fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tachi_data.catalogue import load_catalogue, patch_catalogue
from tachi_data.store import Store, open_store
from tests.catalogue.documents import STORED, chart, song, write

SONG_KEYS = "FROM song_keys ORDER BY ALL"
# Only the order of the preferences matters; where a chart went away there is a gap.
CHART_KEYS = """
SELECT * REPLACE (row_number() OVER same_key AS preference)
FROM chart_keys
WINDOW same_key AS (PARTITION BY game, kind, key ORDER BY preference)
ORDER BY ALL
"""


def _song_keys(store: Store, kind: str) -> set[tuple[str, int]]:
    rows = store.query("SELECT key, song_id FROM song_keys WHERE kind = ?", [kind])
    assert rows.is_duplicated().sum() == 0
    return set(rows.iter_rows())


def _chart_keys(store: Store, kind: str) -> list[tuple[str, str]]:
    query = "SELECT key, chart_id FROM chart_keys WHERE kind = ? ORDER BY key, preference"
    return store.query(query, [kind]).rows()


def test_titles_are_keys_once_per_song(store: Store) -> None:
    songs = [song(1, "A", "A", "alias"), song(2, "alias"), song(3, "É", artist="Ärtist")]
    patch_catalogue(store, {"songs-iidx": songs})
    assert _song_keys(store, "title") == {("A", 1), ("alias", 1), ("alias", 2), ("É", 3)}
    assert _song_keys(store, "folded_title") == {("a", 1), ("alias", 1), ("alias", 2), ("é", 3)}
    assert _song_keys(store, "song_id") == {("1", 1), ("2", 2), ("3", 3)}
    artists = store.query("SELECT artist_folded FROM song_keys WHERE song_id = 3")
    assert set(artists["artist_folded"]) == {"ärtist"}


@pytest.mark.parametrize(
    ("songs", "trimmed"),
    [
        ([song(1, " X\u3000")], {("X", 1)}),
        ([song(1, "\ufeffX"), song(2, "X")], {("X", 2)}),
        ([song(1, "X "), song(2, "x")], {("X", 1), ("x", 2)}),
        ([song(1, "Y", "X "), song(2, "Z", "X")], {("X", 2)}),
        ([song(1, "X ", "X")], {("X", 1)}),
        ([song(1, "X "), song(2, " X")], {("X", 1), ("X", 2)}),
        ([song(1, "  ")], set()),
    ],
)
def test_trimmed_titles_are_keys_unless_another_song_is_called_so(
    store: Store, songs: list[Any], trimmed: set[tuple[str, int]]
) -> None:
    patch_catalogue(store, {"songs-iidx": songs})
    found = {(key, number) for key, number in _song_keys(store, "title") if key in ("X", "x", "")}
    assert found == trimmed


def test_trimmed_folded_titles_yield_to_any_case(store: Store) -> None:
    patch_catalogue(store, {"songs-iidx": [song(1, "X "), song(2, "x")]})
    assert _song_keys(store, "folded_title") == {("x ", 1), ("x", 2)}


def test_a_new_song_takes_the_trimmed_title_away(store: Store) -> None:
    patch_catalogue(store, {"songs-iidx": [song(1, "X ")]})
    assert ("X", 1) in _song_keys(store, "title")
    patch_catalogue(store, {"songs-iidx": [song(2, "X")]})
    assert _song_keys(store, "title") == {("X ", 1), ("X", 2)}


def test_ddr_hashes_are_keys(store: Store) -> None:
    songs = [song(1, "A", ddrSongHash="h", flareCategory="GOLD"), song(2, "B")]
    patch_catalogue(store, {"songs-ddr": songs})
    assert _song_keys(store, "ddr_song_hash") == {("h", 1)}


def test_ids_and_hashes_of_charts_are_keys(store: Store) -> None:
    data: list[dict[str, Any]] = [
        {"inGameID": 12.0, "hashMD5": "m", "hashSHA256": "s", "hashGSv3": "g"},
        {"inGameID": [5, None, 6], "hashSHA1": ["x", "y", None], "inGameStrID": "str"},
        {"inGameID": "12", "hashMD5": 7, "hashSHA256": None, "hashSHA1": 'quo"te'},
        {"inGameID": None, "2dxtraSet": "set"},
    ]
    charts = [chart(f"c{n}", 1, playtype="DP", data=d) for n, d in enumerate(data)]
    patch_catalogue(store, {"charts-iidx": charts})
    assert _chart_keys(store, "in_game_id") == [("12", "c0"), ("5", "c1"), ("6", "c1")]
    assert _chart_keys(store, "in_game_str_id") == [("str", "c1")]
    assert _chart_keys(store, "md5") == [("m", "c0")]
    assert _chart_keys(store, "sha256") == [("s", "c0")]
    assert _chart_keys(store, "sha1") == [('quo"te', "c2"), ("x", "c1"), ("y", "c1")]
    assert [key for key, _ in _chart_keys(store, "chart_id")] == ["c0", "c1", "c2", "c3"]
    fan_made = store.query("SELECT DISTINCT chart_id FROM chart_keys WHERE is_fan_made")
    assert fan_made["chart_id"].to_list() == ["c3"]


def test_a_game_declares_further_keys_of_its_charts(store: Store) -> None:
    data = {"hashMD5": "m", "hashSHA256": "s", "hashGSv3": "g", "2dxtraSet": "set"}
    games = {"bms": "7K", "itg": "Stamina"}
    patch_catalogue(
        store,
        {
            f"charts-{game}": [chart(game, 1, "CHART", playtype=playtype, data=data)]
            for game, playtype in games.items()
        },
    )
    assert _chart_keys(store, "bms_hash") == [("m", "bms"), ("s", "bms")]
    assert _chart_keys(store, "gsv3") == [("g", "itg")]
    assert store.query("SELECT 1 FROM chart_keys WHERE is_fan_made").is_empty()


def test_large_ids_keep_all_their_digits(store: Store) -> None:
    charts = [chart("c", 1, data={"inGameID": 9007199254740991})]
    patch_catalogue(store, {"charts-iidx": charts})
    assert _chart_keys(store, "in_game_id") == [("9007199254740991", "c")]


def test_of_several_charts_the_primary_hardest_first_one_is_preferred(store: Store) -> None:
    charts = [
        chart("b", 1, "NORMAL"),
        chart("a", 1, "HYPER", isPrimary=False),
        chart("z", 1, "LEGGENDARIA", isPrimary=False),
        chart("d", 1, "ANOTHER"),
        chart("c", 1, "ANOTHER"),
        chart("e", 1, "unheard of"),
    ]
    best_first = ["c", "d", "b", "e", "z", "a"]
    patch_catalogue(store, {"charts-iidx": charts[:3]})
    patch_catalogue(store, {"charts-iidx": charts[3:]})
    assert [chart_id for _, chart_id in _chart_keys(store, "song_id")] == best_first
    assert [chart_id for _, chart_id in _chart_keys(store, "in_game_id")] == best_first


def test_equal_ids_in_two_games_are_two_charts(store: Store) -> None:
    patch_catalogue(
        store,
        {
            "charts-iidx": [chart("same", 1)],
            "charts-sdvx": [chart("same", 1, "EXH", playtype="Single")],
        },
    )
    patch_catalogue(store, {"charts-iidx": [chart("same", 2)]})
    rows = store.query("SELECT game, key FROM chart_keys WHERE kind = 'song_id' ORDER BY game")
    assert rows.rows() == [("iidx", "2"), ("sdvx", "1")]


_titles = st.sampled_from(["X", "x", " X", "X ", "Y", "y ", "É", "é"])
_songs = st.lists(
    st.builds(lambda n, t, a: song(n, t, *a), st.integers(1, 5), _titles, st.lists(_titles)),
    max_size=6,
    unique_by=lambda document: document["id"],
)
_charts = st.lists(
    st.builds(
        lambda i, s, d, p, g: chart(f"c{i}", s, d, isPrimary=p, data={"inGameID": g}),
        st.integers(1, 6),
        st.integers(1, 5),
        st.sampled_from(["NORMAL", "HYPER", "ANOTHER"]),
        st.booleans(),
        st.none() | st.integers(1, 3) | st.lists(st.integers(1, 3), unique=True),
    ),
    max_size=6,
    unique_by=lambda document: document["chartID"],
)


# Without shrinking, which would take minutes here.
@settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(steps=st.lists(st.tuples(_songs, _charts), min_size=1, max_size=4))
def test_keys_after_many_patches_are_those_of_one(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[list[Any], list[Any]]]
) -> None:
    path: Path = tmp_path_factory.mktemp("keys")
    with (
        open_store(path / "steps.duckdb", tables=STORED) as stepwise,
        open_store(path / "once.duckdb", tables=STORED) as at_once,
    ):
        for songs, charts in steps:
            patch_catalogue(stepwise, {"songs-iidx": songs, "charts-iidx": charts})
        songs = [document for songs, _ in steps for document in songs]
        charts = [document for _, charts in steps for document in charts]
        patch_catalogue(at_once, {"songs-iidx": songs, "charts-iidx": charts})
        for query in (CHART_KEYS, SONG_KEYS):
            assert stepwise.query(query).equals(at_once.query(query))


def test_removed_charts_have_no_keys(store: Store, tmp_path: Path) -> None:
    files = {"songs-iidx": [song(1, "A")], "charts-iidx": [chart("c", 1)]}
    load_catalogue(store, write(tmp_path / "a", files))
    load_catalogue(store, write(tmp_path / "b", {"songs-iidx": [], "charts-iidx": []}))
    assert store.query(CHART_KEYS).is_empty()
    assert store.query(SONG_KEYS).is_empty()
