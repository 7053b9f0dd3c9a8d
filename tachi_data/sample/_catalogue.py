"""An invented catalogue in the shape of Tachi's "database seeds"."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tachi_data.reference.canonical import identifier

Document = dict[str, Any]
SEED = 573

FIRST = [
    "Amber",
    "Azure",
    "Broken",
    "Celestial",
    "Cobalt",
    "Crimson",
    "Digital",
    "Distant",
    "Electric",
    "Eternal",
    "Fading",
    "Frozen",
    "Gilded",
    "Hollow",
    "Infinite",
    "Iridescent",
    "Last",
    "Lunar",
    "Midnight",
    "Neon",
    "Paper",
    "Quantum",
    "Restless",
    "Scarlet",
    "Silent",
    "Solar",
    "Twilight",
    "Velvet",
]
SECOND = [
    "Alley",
    "Arcadia",
    "Blossom",
    "Cascade",
    "Circuit",
    "Constellation",
    "Corridor",
    "Daydream",
    "Engine",
    "Fable",
    "Frontier",
    "Garden",
    "Horizon",
    "Labyrinth",
    "Lantern",
    "Mirage",
    "Monsoon",
    "Orbit",
    "Parade",
    "Pendulum",
    "Prism",
    "Requiem",
    "Signal",
    "Spiral",
    "Terminal",
    "Voyage",
]
JAPANESE = (
    "月下の行進", "雨上がりの街", "蒼い約束", "夜明けのパレード", "星屑ロケット", "透明な羽根", "真夏のアルペジオ",
    "紙の城", "最後の灯台", "ソーダ水の海", "硝子の階段", "迷子の交響曲", "桜色シグナル", "風の時計台", "ゼロ番線",
    "ねこと五線譜", "虹色ターミナル", "眠らない回廊", "ハレーション", "千の灯", "雷鳴と子守唄", "秋風メトロノーム",
)  # fmt: skip
ARTISTS = (
    "Tatami Sound Lab",
    "m.fielder",
    "Okari Ensemble",
    "DJ Kumquat",
    "夜長ユニット",
    "Suzume Project",
    "k-nagare",
    "Polyphonica",
)
GAMES = ("iidx", "sdvx", "wacca")
SONGS = {"iidx": 60, "sdvx": 45, "wacca": 36}
NEW_SONGS = 10
CS_VERSIONS = ["9-cs", "10-cs", "11-cs", "12-cs"]


def catalogue(*, newer: bool = False, seed: int = SEED) -> dict[str, list[Document]]:
    """Make an invented catalogue.

    Args:
        newer: Add ten songs to each game, which some players have played already.
        seed: The same seed makes the same catalogue.

    Returns:
        Documents by collection: ``songs-iidx``, ``charts-iidx``, …, ``folders``, ``goals``, ``quests``.
    """
    collections: dict[str, list[Document]] = {}
    for game in GAMES:
        chance = random.Random(f"{seed} {game}")
        songs = [_song(game, number, chance) for number in range(1, SONGS[game] + NEW_SONGS + 1)]
        charts = [chart for song in songs for chart in _charts(game, song, chance)]
        last = SONGS[game] + (NEW_SONGS if newer else 0)
        collections[f"songs-{game}"] = [s for s in songs if s["id"] <= last]
        collections[f"charts-{game}"] = [c for c in charts if c["songID"] <= last]
    folders = list(_folders())
    goals = list(_goals(collections, folders))
    return {**collections, "folders": folders, "goals": goals, "quests": _quests(goals)}


def write_catalogue(folder: Path, *, newer: bool = False, seed: int = SEED) -> None:
    """Write one JSON file per collection of `catalogue`, indented with tabs like the real files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, documents in catalogue(newer=newer, seed=seed).items():
        text = json.dumps(documents, ensure_ascii=False, indent="\t", sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _song(game: str, number: int, chance: random.Random) -> Document:
    if number % 4 == 0:
        title = JAPANESE[(number // 4 + len(game)) % len(JAPANESE)]
    else:
        title = (
            f"{FIRST[(number * 5 + len(game)) % len(FIRST)]} {SECOND[(number * 7) % len(SECOND)]}"
        )
    if number % 9 == 0:
        title += " -extended-" if game == "iidx" else " (VIP)"
    details = {
        "iidx": {
            "genre": chance.choice(("TECHNO", "TRANCE", "HARDCORE", "PIANO")),
            "displayVersion": "31",
        },
        "sdvx": {"displayVersion": chance.choice(("heaven", "vivid", "exceed"))},
        "wacca": {"genre": "VARIETY", "displayVersion": "reverse"},
    }
    return {
        "id": number,
        "title": f"{title} {number}" if number > len(FIRST) and number % 4 else title,
        "artist": chance.choice(ARTISTS),
        "altTitles": [title.upper()] if number % 15 == 1 else [],
        "searchTerms": [],
        "data": details[game],
    }


def _charts(game: str, song: Document, chance: random.Random) -> Iterator[Document]:
    number = song["id"]
    if game == "iidx":
        versions = [*(CS_VERSIONS if number % 3 == 0 else ()), *map(str, range(27, 33))]
        names = ["NORMAL", "HYPER", "ANOTHER", *(["LEGGENDARIA"] if number % 5 == 0 else [])]
        for playtype in ("SP", "DP"):
            for step, name in enumerate(names):
                level = min(12, 3 + 3 * step + chance.randrange(3))
                data = {
                    "inGameID": 20_000 + number,
                    "notecount": 250 + 110 * level + chance.randrange(300),
                    "hashSHA256": None,
                    "2dxtraSet": None,
                    **_bpi(playtype, level, chance),
                }
                yield _chart(game, song, playtype, name, level, versions, data)
    elif game == "sdvx":
        for step, name in enumerate(("NOV", "ADV", "EXH", "MXM" if number % 2 else "INF")):
            level = min(20, 4 + 5 * step + chance.randrange(4))
            versions = ["heaven", "vivid", "exceed", "konaste"]
            yield _chart(game, song, "Single", name, level, versions, {"inGameID": 500 + number})
    else:
        for step, name in enumerate(
            ("NORMAL", "HARD", "EXPERT", *(["INFERNO"] if number % 6 == 0 else []))
        ):
            constant = 3 + 4 * step + chance.choice((0.0, 0.5, 1.1, 1.9))
            yield _chart(
                game, song, "Single", name, constant, ["reverse"], {"inGameID": 1000 + number}
            )


def _bpi(playtype: str, level: int, chance: random.Random) -> Document:
    if playtype == "DP" or level < 11:
        return {"kaidenAverage": None, "worldRecord": None, "bpiCoefficient": None}
    base = 2 * (250 + 110 * level)
    return {
        "kaidenAverage": int(base * 0.78),
        "worldRecord": int(base * (0.95 + chance.random() / 50)),
        "bpiCoefficient": None,
    }


def _chart(
    game: str,
    song: Document,
    playtype: str,
    difficulty: str,
    level: float,
    versions: list[str],
    data: Document,
) -> Document:
    name = f"{game} {song['id']} {playtype} {difficulty}"
    shown = f"{int(level)}+" if level % 1 >= 0.6 else str(int(level))
    return {
        "chartID": hashlib.sha256(f"tachi_data sample {name}".encode()).hexdigest()[:40],
        "songID": song["id"],
        "playtype": playtype,
        "difficulty": difficulty,
        "level": shown,
        "levelNum": level,
        "isPrimary": True,
        "versions": versions,
        "data": data,
    }


def _folders() -> Iterator[Document]:
    for game, playtype, version, levels in (
        ("iidx", "SP", "31", range(8, 13)),
        ("sdvx", "Single", "exceed", range(15, 21)),
        ("wacca", "Single", "reverse", range(9, 13)),
    ):
        for level in levels:
            query = {"level": str(level), "versions": version}
            yield {
                "folderID": identifier("F", {**query, "game": game, "playtype": playtype}),
                "game": game,
                "playtype": playtype,
                "title": f"Level {level}",
                "type": "charts",
                "data": query,
                "inactive": False,
                "searchTerms": [],
            }


def _goals(collections: dict[str, list[Document]], folders: list[Document]) -> Iterator[Document]:
    for game, playtype, key, value, words in (
        ("iidx", "SP", "lamp", 5, "HARD CLEAR"),
        ("sdvx", "Single", "lamp", 1, "CLEAR"),
        ("wacca", "Single", "grade", 6, "S"),
    ):
        titles = {s["id"]: s["title"] for s in collections[f"songs-{game}"]}
        hard = [
            c
            for c in collections[f"charts-{game}"]
            if c["playtype"] == playtype and c["levelNum"] >= 10
        ]
        for chart in hard[:4]:
            charts = {"type": "single", "data": chart["chartID"]}
            name = f"{words} {titles[chart['songID']]} ({chart['difficulty']} {chart['level']})"
            yield _goal(
                game, playtype, charts, {"mode": "single", "key": key, "value": value}, name
            )
        folder = next(f for f in folders if f["game"] == game)
        many = {"mode": "absolute", "key": key, "value": value, "countNum": 5}
        name = f"{words} 5 charts in {folder['title']}"
        yield _goal(game, playtype, {"type": "folder", "data": folder["folderID"]}, many, name)


def _goal(game: str, playtype: str, charts: Document, criteria: Document, name: str) -> Document:
    facts = {"charts": charts, "criteria": criteria, "game": game, "playtype": playtype}
    return {**facts, "goalID": identifier("G", facts), "name": name}


def _quests(goals: list[Document]) -> list[Document]:
    quests = []
    for game in GAMES:
        mine = [g for g in goals if g["game"] == game]
        quests.append(
            {
                "questID": hashlib.sha256(f"tachi_data sample quest {game}".encode()).hexdigest()[
                    :40
                ],
                "game": game,
                "playtype": mine[0]["playtype"],
                "name": f"First steps in {game}",
                "desc": "Goals that a player of some months reaches.",
                "questData": [
                    {
                        "title": "All of these",
                        "desc": "",
                        "goals": [{"goalID": g["goalID"]} for g in mine],
                    }
                ],
            }
        )
    return quests
