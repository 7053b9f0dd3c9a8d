"""One song with a chart in each game that these clients play; SDVX comes from the sample catalogue."""

from __future__ import annotations

from typing import Any

SHA256, MD5, SHA1 = "ef" * 32, "cd" * 16, "ab" * 20
POPN_HASH, ITG_HASH, DDR_HASH = "12" * 32, "0b020e29c3919c10", "DQlQ1DlPbq900oqdOo8l0d6I1lIOl99l"


def song(**data: Any) -> dict[str, Any]:
    words = {"title": "Paper Comet", "artist": "The Testers", "altTitles": [], "searchTerms": []}
    return {"id": 1, **words, "data": data}


def chart(playtype: str, difficulty: str, versions: tuple[str, ...] = (), **data: Any) -> Any:
    about = {"chartID": f"comet-{playtype}", "songID": 1, "playtype": playtype}
    about |= {"difficulty": difficulty, "level": "10", "levelNum": 10, "isPrimary": True}
    return {**about, "versions": list(versions), "data": data}


BMS = {"genre": None, "subtitle": None, "subartist": None, "tableString": None}
ITG = {
    "chartLevel": 10,
    "rankedLevel": 10,
    "hashGSv3": ITG_HASH,
    "difficultyTag": "Expert",
    "notesPerMeasure": [16, 16],
    "npsPerMeasure": [8, 8],
    "charter": "nobody",
    "length": 4,
    "streamBPM": 120,
    "breakdown": None,
    "displayBPM": 120,
    "originalPack": "Tests",
    "bannerLocationOverride": None,
    "packs": ["Tests"],
}
CATALOGUE = {
    "songs-bms": [song(**BMS)],
    "charts-bms": [
        chart(
            "7K",
            "CHART",
            notecount=600,
            hashMD5=MD5,
            hashSHA256=SHA256,
            tableFolders=[],
            sglEC=4.5,
            sglHC=5.25,
            aiLevel=None,
        )
    ],
    "songs-usc": [song()],
    "charts-usc": [
        chart(
            "Controller", "EXH", hashSHA1=SHA1, isOfficial=False, effector="nobody", tableFolders=[]
        )
    ],
    "songs-itg": [song(subtitle=None)],
    "charts-itg": [chart("Stamina", ITG_HASH, **ITG)],
    "songs-ddr": [song(ddrSongHash=DDR_HASH, flareCategory="CLASSIC", basename="c", inGameID=10)],
    "charts-ddr": [chart("SP", "BASIC", ("a3", "world"), inGameID=10, stepCount=135)],
    "songs-popn": [song(displayVersion=None, genre="POPS", genreEN="POPS")],
    "charts-popn": [chart("9B", "Easy", ("unilab",), hashSHA256=POPN_HASH, inGameID=0)],
}
