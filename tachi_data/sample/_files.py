"""The import files of the sample: the year of each player, in formats that players upload."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tachi_data.sample._catalogue import SEED, catalogue
from tachi_data.sample._plays import (
    PLAYERS,
    Player,
    batch_manual_score,
    iidx_result,
    plays,
    sdvx_result,
    wacca_result,
)

Play = dict[str, Any]
JST_MS = 9 * 60 * 60 * 1000
IIDX_FILE_LAMPS = {"FULL COMBO": "FULLCOMBO CLEAR"}
SDVX_DIFFICULTIES = {
    "NOV": "NOVICE",
    "ADV": "ADVANCED",
    "EXH": "EXHAUST",
    "MXM": "MAXIMUM",
    "INF": "INFINITE",
}
SDVX_LAMPS = {"FAILED": "PLAYED", "CLEAR": "COMPLETE", "EXCESSIVE CLEAR": "EXCESSIVE COMPLETE"}
S3_DIFFICULTIES = {"NORMAL": "L7", "HYPER": "7", "ANOTHER": "A", "LEGGENDARIA": "B"}


def write_imports(folder: Path, *, seed: int = SEED) -> None:
    """Write the import files into a folder, named ``<format>-<player>.<ext>``."""
    folder.mkdir(parents=True, exist_ok=True)
    akari, bento, cirrus = PLAYERS
    for player in PLAYERS:
        history = list(plays(player, seed=seed))
        for game in player.games:
            _write(
                folder / f"batch-manual-{game}-{player.name.lower()}.json",
                _batch_manual(history, game, player, seed),
            )
    _write(folder / "eamusement-iidx-csv-akari.csv", _iidx_csv(_bests(akari, "iidx", seed)))
    _write(folder / "pli-iidx-csv-cirrus.csv", _iidx_csv(_bests(cirrus, "iidx", seed)))
    _write(folder / "eamusement-sdvx-csv-bento.csv", _sdvx_csv(_bests(bento, "sdvx", seed)))
    _write(folder / "solid-state-squad-cirrus.xml", _s3(_bests(cirrus, "iidx", seed)))
    _write(
        folder / "mypagescraper-records-csv-bento.csv",
        _wacca_csv(_bests(bento, "wacca", seed), seed),
    )
    _write(
        folder / "mypagescraper-player-csv-bento.csv",
        'player_name,player_stage\nBENTO,"[5,ステージV,3]"\n',
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _bests(player: Player, game: str, seed: int) -> list[Play]:
    """Returns the best play on each chart, in the order of songs and charts."""
    best: dict[str, Play] = {}
    for play in plays(player, seed=seed):
        held = best.get(play["chart"]["chartID"])
        if play["game"] == game and (held is None or play["quality"] > held["quality"]):
            best[play["chart"]["chartID"]] = play
    return sorted(best.values(), key=lambda p: (p["song"]["id"], p["chart"]["levelNum"]))


def _batch_manual(history: Iterable[Play], game: str, player: Player, seed: int) -> str:
    chance = random.Random(f"{seed} mistakes {player.name} {game}")
    scores = [batch_manual_score(play, chance) for play in history if play["game"] == game]
    playtype = "SP" if game == "iidx" else "Single"
    meta = {"game": game, "playtype": playtype, "service": f"{player.name}'s script"}
    classes = {"iidx": {"dan": "DAN_9"}, "sdvx": {"dan": "DAN_7"}, "wacca": {"stageUp": "V"}}
    lines = ",\n".join(json.dumps(score, ensure_ascii=False) for score in scores)
    head = json.dumps({"meta": meta, "classes": classes[game]}, ensure_ascii=False)
    return f'{head[:-1]}, "scores": [\n{lines}\n]}}\n'


def _date(time_ms: int, *, japan: bool) -> str:
    from datetime import UTC, datetime

    shifted = time_ms + (JST_MS if japan else 0)
    return datetime.fromtimestamp(shifted / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _iidx_csv(bests: list[Play]) -> str:
    names = ("BEGINNER", "NORMAL", "HYPER", "ANOTHER", "LEGGENDARIA")
    parts = ("難易度", "スコア", "PGreat", "Great", "ミスカウント", "クリアタイプ", "DJ LEVEL")
    header = ["バージョン", "タイトル", "ジャンル", "アーティスト", "プレー回数"]
    header += [f"{name} {part}" for name in names for part in parts] + ["最終プレー日時"]
    rows = [",".join(header)]
    songs: dict[int, list[Play]] = {}
    for play in bests:
        songs.setdefault(play["song"]["id"], []).append(play)
    for group in songs.values():
        song = group[0]["song"]
        blocks = {p["chart"]["difficulty"]: _iidx_block(p) for p in group}
        cells = ["EPOLIS", song["title"], song["data"]["genre"], song["artist"], str(len(group))]
        for name in names:
            cells += blocks.get(name, ["0", "0", "0", "0", "---", "NO PLAY", "---"])
        rows.append(",".join([*cells, _date(max(p["time_ms"] for p in group), japan=True)]))
    return "\n".join(rows) + "\n"


def _iidx_block(play: Play) -> list[str]:
    result = iidx_result(play)
    judged = result["judgements"]
    lamp = IIDX_FILE_LAMPS.get(result["lamp"], result["lamp"])
    numbers = (result["score"], judged["pgreat"], judged["great"], judged["bad"])
    return [play["chart"]["level"], *map(str, numbers), lamp, "A"]


def _sdvx_csv(bests: list[Play]) -> str:
    rows = [
        "楽曲名,難易度,楽曲レベル,クリアランク,スコアグレード,ハイスコア,EXスコア,プレー回数,クリア回数,UC,PERFECT"
    ]
    for play in bests:
        result, chart = sdvx_result(play), play["chart"]
        cells = (
            play["song"]["title"],
            SDVX_DIFFICULTIES[chart["difficulty"]],
            chart["level"],
            SDVX_LAMPS[result["lamp"]],
            "A",
            result["score"],
            result["optional"]["exScore"],
            *(3, 2, 0, 0),
        )
        rows.append(",".join(map(str, cells)))
    return "\n".join(rows) + "\n"


def _s3(bests: list[Play]) -> str:
    """Returns the file of a site that tracks only charts of the home versions."""
    old = [p for p in bests if "11-cs" in p["chart"]["versions"]]
    songs = "\n".join(_s3_song(number, play) for number, play in enumerate(old, 1))
    user = "<userdata><id>3</id><login>cirrus</login><djname>CIRRUS</djname></userdata>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<s3data>\n{user}\n<scoredata>\n{songs}\n</scoredata>\n</s3data>\n'


def _s3_song(number: int, play: Play) -> str:
    result = iidx_result(play)
    judged = result["judgements"]
    breakdown = {
        "justgreats": judged["pgreat"],
        "greats": judged["great"],
        "good": 0,
        "bad": judged["bad"],
        "poor": 0,
    }
    cleared = play["quality"] >= 0.4
    fields = {
        "id": number,
        "diff": S3_DIFFICULTIES[play["chart"]["difficulty"]],
        "songname": f"<![CDATA[{play['song']['title']}]]>",
        "styles": "10th,red",
        "exscore": result["score"],
        "scorebreakdown": "".join(f"<{k}>{v}</{k}>" for k, v in breakdown.items()),
        "mods": "<hardeasy>H</hardeasy>" if play["quality"] > 0.8 else "<highspeed>3.5</highspeed>",
        "cleartype": "cleared" if cleared else "played",
        "date": escape(_date(play["time_ms"], japan=False)),
        "comment": "",
    }
    return "<song>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</song>"


def _wacca_csv(bests: list[Play], seed: int) -> str:
    names = ("NORMAL", "HARD", "EXPERT", "INFERNO")
    lamps = {"FAILED": 0, "CLEAR": 1, "MISSLESS": 2}
    levels: dict[tuple[int, str], str] = {
        (c["songID"], c["difficulty"]): c["level"]
        for c in catalogue(newer=True, seed=seed)["charts-wacca"]
    }
    rows = ["music_id,music_title,music_levels,music_scores,music_achieves"]
    songs: dict[int, dict[str, Play]] = {}
    for play in bests:
        songs.setdefault(play["song"]["id"], {})[play["chart"]["difficulty"]] = play
    for number, by_name in songs.items():
        results = {name: wacca_result(play) for name, play in by_name.items()}
        cells = (
            [levels.get((number, name), "0") for name in names],
            [str(results[name]["score"]) if name in results else "0" for name in names],
            [str(lamps[results[name]["lamp"]]) if name in results else "0" for name in names],
        )
        title = next(iter(by_name.values()))["song"]["title"]
        lists = ",".join(f'"[{",".join(cell)}]"' for cell in cells)
        rows.append(f"{number},{title},{lists}")
    return "\n".join(rows) + "\n"
