"""One catalogue in the forms of v2 and of v3: what a store of each generation makes of the same documents."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tachi_data as td
from tachi_data import games

NOW = 1_760_000_000_000
PLAYERS = itertools.count(1)
Document = dict[str, Any]
# Game and playtype; title; difficulty, level, data; more members of the chart.
CHARTS: tuple[tuple[str, str, int, str, str, float, Document, Document], ...] = (
    ("sdvx", "Single", 1, "c-sdvx", "EXH", 17.5, {"inGameID": 1}, {}),
    ("sdvx", "Single", 2, "c-nbl", "NBL", 19.2, {"inGameID": 2}, {"versions": ["nabla"]}),
    ("arcaea", "Touch", 1, "c-byd", "Beyond", 10.5, {"inGameStrID": "one", "notecount": 1000}, {}),
    (
        "arcaea",
        "Touch",
        2,
        "c-ins",
        "Inscribed",
        11.0,
        {"inGameStrID": "two", "notecount": 1000},
        {"isPrimary": False},
    ),
    ("arcaea", "Touch", 3, "c-etr", "Eternal", 9.5, {"inGameStrID": "three"}, {}),
    ("chunithm", "Single", 1, "c-we", "WORLD'S END", 0, {"inGameID": 8001}, {"isPrimary": False}),
    ("chunithm", "Single", 2, "c-mas", "MASTER", 14.5, {"inGameID": 2}, {}),
    ("chunithm", "Single", 2, "c-exp", "EXPERT", 12.5, {"inGameID": 2}, {}),
    ("ongeki", "Single", 1, "c-luna", "LUNATIC", 0, {"inGameID": 1, "maxPlatScore": 1000}, {}),
    ("ongeki", "Single", 2, "c-re", "Re:MASTER", 14, {"inGameID": 2, "maxPlatScore": 1000}, {}),
    ("ongeki", "Single", 3, "c-luna-3", "LUNATIC", 13, {"inGameID": 3, "maxPlatScore": 1000}, {}),
    ("ongeki", "Single", 3, "c-re-3", "Re:MASTER", 14, {"inGameID": 3, "maxPlatScore": 1000}, {}),
    ("ddr", "SP", 1, "c-ddr", "EXPERT", 15, {"stepCount": 300}, {}),
    ("iidx", "SP", 1, "c-iidx", "ANOTHER", 12, {"notecount": 1000, "inGameID": 1}, {}),
    ("poco", "Single", 1, "c-poco", "HARD", 12.7, {"inGameID": 1}, {}),
)


def v3_id(prefix: str, *parts: object) -> str:
    return f"{prefix}{abs(hash_of(parts)):019x}"


def hash_of(parts: tuple[object, ...]) -> int:
    return int.from_bytes("".join(map(str, parts)).encode()[-9:], "big")


def catalogue(generation: int) -> dict[str, list[Document]]:
    """The documents of a whole catalogue, by file."""
    files: dict[str, list[Document]] = {}
    for game, playtype, song, chart_id, difficulty, level, data, more in CHARTS:
        names = {"title": f"Song {song}", "artist": "A", "altTitles": [], "searchTerms": []}
        facts = {"title": names["title"], **names, "data": {}}
        chart = {
            "difficulty": difficulty,
            "level": str(level),
            "levelNum": level,
            "isPrimary": True,
            "versions": list(games.gpt(game, playtype).versions[:1]),
            **more,
            "data": data,
        }
        if generation == 2:
            songs, name = {"id": song, **facts}, game
            chart |= {"chartID": chart_id, "songID": song, "playtype": playtype}
        else:
            songs = {"id": v3_id("S", game, song), "legacySongID": song, **facts}
            name = games.v3_name(game, playtype)
            keys = {"id": v3_id("C", chart_id), "legacyChartID": chart_id}
            chart |= {**keys, "songID": v3_id("S", game, song)}
        known = files.setdefault(f"songs-{game}", [])
        known.extend([songs] if songs not in known else [])
        files.setdefault(f"charts-{name}", []).append(chart)
    return files


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, td.Store]]:
    opened = {}
    for generation in (2, 3):
        folder = tmp_path_factory.mktemp(f"v{generation}")
        for name, documents in catalogue(generation).items():
            (folder / f"{name}.json").write_text(json.dumps(documents))
        opened[generation] = td.open_store(folder / "store.duckdb")
        td.load_catalogue(opened[generation], folder)
    yield opened
    for store in opened.values():
        store.close()


Take = Callable[..., list[Document]]


def play(store: td.Store, v3_game: str, *scores: Document, meta: Document | None = None) -> Any:
    """Import scores of a new player, with a document as v3 has it."""
    body = {"meta": {"game": v3_game, "service": "Test", **(meta or {})}, "scores": list(scores)}
    return td.import_scores(
        store, "file/batch-manual", json.dumps(body).encode(), user_id=next(PLAYERS), now=NOW
    )


def ended(imported: Any) -> list[tuple[str, str | None]]:
    return imported.datapoints.select("outcome", "chart_id").rows()  # type: ignore[no-any-return]


def stored(store: td.Store, imported: Any, kind: str = "scores") -> list[Document]:
    return td.export_documents(store, kind, user_id=imported.document["userID"])


def by_title(song: int, difficulty: str, **score: Any) -> Document:
    key = {"matchType": "songTitle", "identifier": f"Song {song}", "difficulty": difficulty}
    return {**key, **score}


SDVX = {"score": 9_800_000, "lamp": "ULTIMATE CHAIN"}
ONGEKI = {"score": 1_000_000, "noteLamp": "CLEAR", "bellLamp": "NONE", "platinumScore": 990}
ARCAEA = {"score": 9_800_000, "lamp": "CLEAR"}
CHUNITHM = {"score": 1_000_000, "noteLamp": "NONE", "clearLamp": "CLEAR"}


def test_scores_keep_their_ids_in_either_generation(stores: dict[int, td.Store]) -> None:
    player = next(PLAYERS)
    body = {"meta": {"game": "sdvx", "service": "Test"}, "scores": [by_title(1, "EXH", **SDVX)]}
    ids = [
        td.import_scores(
            store, "file/batch-manual", json.dumps(body).encode(), user_id=player, now=NOW
        ).document["scoreIDs"]
        for store in stores.values()
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 1


def test_sdvx_has_one_more_rating(stores: dict[int, td.Store]) -> None:
    score = by_title(1, "EXH", **SDVX, timeAchieved=NOW - 1000)
    rated = {g: stored(store, play(store, "sdvx", score))[0] for g, store in stores.items()}
    # 17.5 * 2 * 0.98 * 102 * 105 and, for VF6 of v3, with 17 instead of 17.5.
    assert rated[2]["calculatedData"] == {"VF6": 0.367}
    assert rated[3]["calculatedData"] == {"VF6": 0.356, "VF7": 0.37}


def test_profiles_and_classes_follow_the_generation(stores: dict[int, td.Store]) -> None:
    for generation, rating in ((2, "VF6"), (3, "VF7")):
        imported = play(stores[generation], "sdvx", by_title(1, "EXH", **SDVX))
        (stats,) = stored(stores[generation], imported, "gameStats")
        assert rating in stats["ratings"]
        assert ("VF7" in stats["ratings"]) == (generation == 3)
        assert stats["classes"] == {"vfClass": "SIENNA_I"}
        sessions = stored(stores[generation], imported, "sessions")
        assert sessions == []


def test_platinum_stars_have_names_in_v3(stores: dict[int, td.Store]) -> None:
    shown = {}
    for generation, store in stores.items():
        imported = play(store, "ongeki", by_title(2, "LUNATIC", **ONGEKI))
        (score,), (pb,) = stored(store, imported), stored(store, imported, "pbs")
        assert score["scoreData"] == pb["scoreData"]
        shown[generation] = score["scoreData"]
    assert shown[2]["platinumStars"] == 6
    assert shown[3]["platinumStars"] == "R-star"
    assert "platinumStars" not in shown[2]["enumIndexes"]
    assert shown[3]["enumIndexes"]["platinumStars"] == 6


def test_personal_bests_prefer_a_full_combo_to_life4(stores: dict[int, td.Store]) -> None:
    scores = (
        by_title(1, "EXPERT", score=900_000, lamp="LIFE4", optional={"flare": "I"}),
        by_title(1, "EXPERT", score=800_000, lamp="FULL COMBO", optional={"flare": "EX"}),
    )
    best = {g: stored(s, play(s, "ddr-sp", *scores), "pbs")[0] for g, s in stores.items()}
    assert [best[g]["scoreData"]["lamp"] for g in (2, 3)] == ["FULL COMBO", "FULL COMBO"]
    assert [best[g]["scoreData"]["optional"]["flare"] for g in (2, 3)] == ["I", "EX"]
    assert [best[g]["scoreData"]["enumIndexes"]["lamp"] for g in (2, 3)] == [3, 4]


def test_of_equal_scores_the_older_one_counts_in_v3(stores: dict[int, td.Store]) -> None:
    scores = [
        by_title(1, "ANOTHER", score=1800, lamp="CLEAR", timeAchieved=time, judgements=judgements)
        for time, judgements in ((NOW - 1, {"pgreat": 900, "great": 0}), (NOW - 99_999_999, {}))
    ]
    # The later one is stored first; without judgements it has another result only by its bp.
    scores[1] |= {"lamp": "EASY CLEAR"}
    for generation, expected in ((2, 900), (3, None)):
        store = stores[generation]
        (pb,) = stored(store, play(store, "iidx-sp", *scores), "pbs")
        assert pb["scoreData"]["judgements"].get("pgreat") == expected


def test_a_validator_of_v3_does_not_hold_in_v2(stores: dict[int, td.Store]) -> None:
    lost_with_bells = ONGEKI | {"score": 900_000, "noteLamp": "LOSS", "bellLamp": "FULL BELL"}
    score = by_title(2, "LUNATIC", **lost_with_bells)
    assert ended(play(stores[2], "ongeki", score)) == [("InvalidDatapoint", "c-re")]
    assert ended(play(stores[3], "ongeki", score)) == [("ScoreImported", "c-re")]


def test_a_chart_of_arcaea_without_a_note_count_has_no_upper_bound_in_v3(
    stores: dict[int, td.Store],
) -> None:
    key = {"matchType": "arcaeaInGameStrID", "identifier": "three", "difficulty": "Eternal"}
    score = {**key, "score": 10_003_000, "lamp": "PURE MEMORY"}
    assert ended(play(stores[2], "arcaea", score)) == [("InvalidDatapoint", "c-etr")]
    assert ended(play(stores[3], "arcaea", score)) == [("ScoreImported", "c-etr")]


FOUND_BY_TEXT_ID: tuple[tuple[str | None, str, tuple[str, str | None]], ...] = (
    ("AnyBeyond", "one", ("ScoreImported", "c-byd")),
    # The chart is not the primary one.
    ("AnyBeyond", "two", ("ScoreImported", "c-ins")),
    ("Inscribed", "two", ("ScoreImported", "c-ins")),
    ("Beyond", "two", ("SongOrChartNotFound", None)),
    ("AnyBeyond", "four", ("SongOrChartNotFound", None)),
    ("Hardest", "one", ("InvalidDatapoint", None)),
    (None, "one", ("InvalidDatapoint", None)),
)


def test_arcaea_in_game_str_id(stores: dict[int, td.Store]) -> None:
    scores = [
        {"matchType": "arcaeaInGameStrID", "identifier": identifier, "lamp": "CLEAR"}
        | {"score": 9_000_000 + n, **({} if difficulty is None else {"difficulty": difficulty})}
        for n, (difficulty, identifier, _) in enumerate(FOUND_BY_TEXT_ID)
    ]
    for store in stores.values():
        # A version that no chart has does not count.
        imported = play(store, "arcaea", *scores, meta={"version": "switch"})
        assert ended(imported) == [expected for *_, expected in FOUND_BY_TEXT_ID]


FOUND_ALONE: tuple[tuple[str, tuple[str, str | None]], ...] = (
    ("8001", ("ScoreImported", "c-we")),
    # Two charts have it.
    ("2", ("SongOrChartNotFound", None)),
    ("7", ("SongOrChartNotFound", None)),
    ("eight", ("InvalidDatapoint", None)),
)


def test_gcm_in_game_id_special_chart(stores: dict[int, td.Store]) -> None:
    key = {"matchType": "gcmInGameIDSpecialChart", **CHUNITHM, "difficulty": "狂☆☆☆"}
    scores = [{**key, "identifier": identifier} for identifier, _ in FOUND_ALONE]
    for store in stores.values():
        assert ended(play(store, "chunithm", *scores)) == [expected for _, expected in FOUND_ALONE]


def test_in_game_ids_may_be_numbers(stores: dict[int, td.Store]) -> None:
    special = {"matchType": "gcmInGameIDSpecialChart", "identifier": 8001, **CHUNITHM}
    by_id = {"matchType": "inGameID", "difficulty": "MASTER", **CHUNITHM}
    scores = [special, by_id | {"identifier": 2}, by_id | {"identifier": 7}]
    found = [("c-we", None), ("c-mas", None), (None, 7)]
    for store in stores.values():
        imported = play(store, "chunithm", *scores)
        assert [chart for _, chart in ended(imported)] == [chart for chart, _ in found]
        (orphan,) = stored(store, imported, "orphans")
        assert orphan["data"]["identifier"] == 7
    for wrong in (
        {"matchType": "songTitle"},
        {"identifier": True},
        {"identifier": 2.5},
        {"matchType": []},
    ):
        with pytest.raises(
            td.ImportFatal, match=r"identifier: expected a string|matchType: expected"
        ):
            play(stores[3], "chunithm", by_id | {"identifier": 2} | wrong)


def test_a_special_chart_has_no_rating_in_v3(stores: dict[int, td.Store]) -> None:
    key = {"matchType": "gcmInGameIDSpecialChart", "identifier": "8001"}
    (score,) = stored(stores[3], play(stores[3], "chunithm", {**key, **CHUNITHM}))
    assert score["calculatedData"] == {"rating": 0.0}


LUNATIC: tuple[tuple[str, str, tuple[str, str | None], str], ...] = (
    ("Song 1", "LUNATIC", ("ScoreImported", "c-luna"), ""),
    ("Song 2", "LUNATIC", ("ScoreImported", "c-re"), ""),
    ("Song 2", "Re:MASTER", ("InvalidDatapoint", "c-re"), "LUNATIC"),
    ("Song 3", "LUNATIC", ("InvalidDatapoint", "c-luna-3"), "inGameID"),
    ("Song 4", "LUNATIC", ("SongOrChartNotFound", None), "no song"),
    # By in-game ID, the first of several.
    ("2", "LUNATIC", ("ScoreImported", "c-re"), ""),
    ("3", "LUNATIC", ("ScoreImported", "c-luna-3"), ""),
)


def test_lunatic_means_re_master_too(stores: dict[int, td.Store]) -> None:
    scores = [
        {"matchType": "songTitle" if name.startswith("Song") else "inGameID", "identifier": name}
        | {**ONGEKI, "difficulty": difficulty, "score": 900_000 + n}
        for n, (name, difficulty, *_) in enumerate(LUNATIC)
    ]
    for store in stores.values():
        imported = play(store, "ongeki", *scores)
        assert ended(imported) == [expected for _, _, expected, _ in LUNATIC]
        messages = imported.datapoints["message"].fill_null("").to_list()
        assert all(text in m for (*_, text), m in zip(LUNATIC, messages, strict=True))


def test_any_infinite_difficulty_may_be_that_of_nabla(stores: dict[int, td.Store]) -> None:
    key = {"matchType": "sdvxInGameID", "identifier": "2", "difficulty": "ANY_INF"}
    for store in stores.values():
        assert ended(play(store, "sdvx", {**key, **SDVX})) == [("ScoreImported", "c-nbl")]


def test_a_song_is_known_by_its_v3_id_and_its_number(stores: dict[int, td.Store]) -> None:
    song = v3_id("S", "sdvx", 1)
    found, unknown = ("ScoreImported", "c-sdvx"), ("SongOrChartNotFound", None)
    for identifier, expected in (("1", (found, found)), (song, (unknown, found))):
        key = {"matchType": "tachiSongID", "identifier": identifier, "difficulty": "EXH"}
        for store, wanted in zip(stores.values(), expected, strict=True):
            assert ended(play(store, "sdvx", {**key, **SDVX})) == [wanted]
    key = {"matchType": "tachiSongID", "identifier": song.lower(), "difficulty": "EXH"}
    assert ended(play(stores[3], "sdvx", {**key, **SDVX})) == [("InvalidDatapoint", None)]


def test_polaris_chord_fills_in_how_many_notes_were_fast(stores: dict[int, td.Store]) -> None:
    parts = {"fastGreat": 3, "fastBad": 1, "slow": 7, "slowGood": 2}
    score = by_title(1, "HARD", percent=99.2, lamp="SUCCESS", optional=parts)
    for store in stores.values():
        (stored_score,) = stored(store, play(store, "poco", score))
        optional = stored_score["scoreData"]["optional"]
        assert {n: v for n, v in optional.items() if n != "enumIndexes"} == {"fast": 4, **parts}
        assert stored_score["calculatedData"] == {"paSkill": 14.4}


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"game": "iidx"}, "without a playtype, the game is iidx-sp or iidx-dp"),
        (
            {"game": "iidx-sp", "playtype": "SP"},
            'Leave meta.playtype out, or send meta.game "iidx"',
        ),
        ({"game": "IIDX-SP"}, "expected one of arcaea"),
        ({"game": "sdvx", "playtype": None}, "expected one of Single"),
        ({"game": 7}, "got 7"),
        ({"game": "sdvx", "gamer": "me"}, "gamer"),
    ],
)
def test_a_game_that_is_not_named_well_is_refused(
    stores: dict[int, td.Store], meta: Document, message: str
) -> None:
    with pytest.raises(td.ImportFatal, match=message):
        play(stores[3], "sdvx", by_title(1, "EXH", **SDVX), meta=meta)


def test_an_orphan_is_the_same_however_the_game_is_named(stores: dict[int, td.Store]) -> None:
    store, player = stores[3], next(PLAYERS)
    ids = set()
    for meta in ({"game": "sdvx"}, {"game": "sdvx", "playtype": "Single"}):
        body = {"meta": {"service": "Test", **meta}, "scores": [by_title(9, "EXH", **SDVX)]}
        content = json.dumps(body).encode()
        td.import_scores(store, "file/batch-manual", content, user_id=player, now=NOW)
        ids |= {
            orphan["orphanID"] for orphan in td.export_documents(store, "orphans", user_id=player)
        }
    assert len(ids) == 1


def test_itg_needs_no_playtype_under_either_name(tmp_path: Path) -> None:
    with td.open_store(tmp_path / "store.duckdb") as store:
        for name in ("itg", "itg-stamina"):
            assert ended(play(store, name)) == []
