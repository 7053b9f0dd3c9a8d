"""Three invented players over a year: sessions, improvement, and mistakes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tachi_data.games import gpt
from tachi_data.games.iidx import LAMPS as IIDX_LAMPS
from tachi_data.sample._catalogue import SEED, catalogue

DAY_MS = 24 * 60 * 60 * 1000
START_MS = 1_704_067_200_000  # 2024-01-01
PLAYTYPES = {"iidx": "SP", "sdvx": "Single", "wacca": "Single"}


@dataclass(frozen=True)
class Player:
    """An invented player.

    Attributes:
        user_id: The ID of the player.
        name: The name, in capital letters.
        skill: The skill at the beginning and the end of the year, 0 to 1.
        sessions_a_week: The number of sessions in a week.
        games: The games that the player plays.
    """

    user_id: int
    name: str
    skill: tuple[float, float]
    sessions_a_week: int
    games: tuple[str, ...]


PLAYERS = (
    Player(1, "AKARI", (0.55, 0.85), 2, ("iidx", "sdvx")),
    Player(2, "BENTO", (0.30, 0.60), 2, ("sdvx", "wacca")),
    Player(3, "CIRRUS", (0.75, 0.90), 1, ("iidx", "wacca")),
)


def plays(player: Player, *, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Yields the plays of a player in the order of time, on songs of the newer catalogue.

    A play has ``game, playtype, song, chart`` (documents), ``skill`` and ``quality`` (0 to 1), and ``time_ms`` in
    Unix milliseconds.
    """
    chance = random.Random(f"{seed} {player.name}")
    collections = catalogue(newer=True, seed=seed)
    for week in range(52):
        for _ in range(player.sessions_a_week):
            day = week * 7 + chance.randrange(7)
            time_ms = START_MS + day * DAY_MS + chance.randrange(9 * 60, 13 * 60) * 60_000
            skill = player.skill[0] + (player.skill[1] - player.skill[0]) * day / 364
            game = chance.choice(player.games)
            songs = {s["id"]: s for s in collections[f"songs-{game}"]}
            charts = [c for c in collections[f"charts-{game}"] if c["playtype"] == PLAYTYPES[game]]
            ready = [c for c in charts if c["levelNum"] <= 4 + skill * 17] or charts
            ready = sorted(ready, key=lambda c: (c["levelNum"], c["chartID"]))
            for _ in range(chance.randrange(4, 9)):
                chart = chance.choice(ready[-40:] if chance.random() < 0.6 else ready)
                time_ms += chance.randrange(130, 300) * 1000
                quality = min(0.995, max(0.05, chance.gauss(skill, 0.12)))
                yield {
                    "game": game,
                    "playtype": PLAYTYPES[game],
                    "song": songs[chart["songID"]],
                    "chart": chart,
                    "skill": skill,
                    "time_ms": time_ms,
                    "quality": quality,
                }


def iidx_result(play: dict[str, Any]) -> dict[str, Any]:
    """Returns EX score, judgements, misses and lamp of a play of IIDX."""
    notes, quality = play["chart"]["data"]["notecount"], play["quality"]
    pgreat = int(notes * quality * 0.75)
    great = int((notes - pgreat) * min(1.0, quality + 0.2))
    bad = max(0, int((notes - pgreat - great) * 0.6))
    rank = 1 if quality < 0.4 else min(7, 2 + int((quality - 0.4) * 9))
    return {
        "score": 2 * pgreat + great,
        "lamp": IIDX_LAMPS[rank],
        "judgements": {"pgreat": pgreat, "great": great, "bad": bad},
        "optional": {"bp": bad},
    }


def sdvx_result(play: dict[str, Any]) -> dict[str, Any]:
    """Returns score and lamp of a play of SOUND VOLTEX."""
    quality = play["quality"]
    score = int(8_400_000 + 1_590_000 * quality)
    lamp = "FAILED" if quality < 0.35 else "CLEAR" if quality < 0.75 else "EXCESSIVE CLEAR"
    return {"score": score, "lamp": lamp, "optional": {"exScore": int(quality * 4000)}}


def wacca_result(play: dict[str, Any]) -> dict[str, Any]:
    """Returns score and lamp of a play of WACCA."""
    quality = play["quality"]
    lamp = "FAILED" if quality < 0.3 else "CLEAR" if quality < 0.8 else "MISSLESS"
    return {"score": int(700_000 + 295_000 * quality), "lamp": lamp}


RESULTS = {"iidx": iidx_result, "sdvx": sdvx_result, "wacca": wacca_result}


def batch_manual_score(play: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Returns a play as a BATCH-MANUAL score; one in twenty has a mistake."""
    score = {
        "matchType": "songTitle",
        "identifier": play["song"]["title"],
        "difficulty": play["chart"]["difficulty"],
        "timeAchieved": play["time_ms"],
        **RESULTS[play["game"]](play),
    }
    mistake = chance.random()
    if mistake < 0.02:
        score["identifier"] = score["identifier"].replace(" ", "").replace("の", "ノ")
    elif mistake < 0.03:
        score["difficulty"] = "ULTRA"
    elif mistake < 0.04 and play["game"] == "iidx":
        score["score"] = 2 * play["chart"]["data"]["notecount"] + 40
    elif mistake < 0.05:
        score["identifier"] = f"{score['identifier']} (my edit)"
    return score


def gpt_of(game: str) -> str:
    """Returns the ID of the GPT that the players of a game play in the sample."""
    return gpt(game, PLAYTYPES[game]).id
