"""Import files and exports of orphans of any size, for benchmarks."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tachi_data.reference.canonical import identifier
from tachi_data.sample._catalogue import SEED, catalogue
from tachi_data.sample._plays import PLAYTYPES, RESULTS, START_MS

Document = dict[str, Any]


def batch_manual(
    count: int,
    *,
    game: str = "sdvx",
    collections: Mapping[str, Sequence[Document]] | None = None,
    unknown: float = 0.05,
    seed: int = SEED,
) -> bytes:
    """Make a BATCH-MANUAL file of different scores, with mixed match types, in sessions of about forty scores.

    Args:
        count: The number of scores.
        game: ``iidx``, ``sdvx`` or ``wacca``.
        collections: The documents of a catalogue; None takes the sample's.
        unknown: The share of scores on unknown songs, 0 to 1.
        seed: The same seed makes the same file.

    Returns:
        The content of the file.
    """
    scores = list(_scores(count, game, collections, unknown, seed))
    meta = {"game": game, "playtype": PLAYTYPES[game], "service": "Benchmark"}
    return json.dumps({"meta": meta, "scores": scores}, ensure_ascii=False).encode()


YEAR_MS = 365 * 24 * 60 * 60 * 1000
MEAN_STEP_MS = 1_100_000  # Forty plays, then a night.


def _scores(
    count: int,
    game: str,
    collections: Mapping[str, Sequence[Document]] | None,
    unknown: float,
    seed: int,
) -> Iterator[Document]:
    chance = random.Random(seed)
    documents = collections or catalogue(seed=seed)
    songs = {s["id"]: s for s in documents[f"songs-{game}"]}
    charts = [c for c in documents[f"charts-{game}"] if c["playtype"] == PLAYTYPES[game]]
    time_ms = START_MS
    # Many plays lie closer together, so that none lies in the future.
    pace = min(1.0, YEAR_MS / (count * MEAN_STEP_MS or 1))
    for number in range(count):
        time_ms += int((200_000 if number % 40 else 10 * 60 * 60 * 1000) * pace)
        chart = chance.choice(charts)
        play = {"chart": chart, "quality": 0.3 + 0.69 * chance.random()}
        result = RESULTS[game](play)
        if game != "iidx":  # Two equal scores would be one score.
            result["score"] = 7_000_000 * (game == "sdvx") + number % 2_900_000
            result["lamp"] = "CLEAR"
        is_unknown = chance.random() < unknown
        title = f"Unheard Song {number}" if is_unknown else songs[chart["songID"]]["title"]
        by_id = not is_unknown and number % 3 == 0
        yield {
            "matchType": "tachiSongID" if by_id else "songTitle",
            "identifier": str(chart["songID"]) if by_id else title,
            "difficulty": chart["difficulty"],
            "timeAchieved": time_ms,
            **result,
        }


def orphan_export(
    count: int,
    *,
    matching: float = 0.001,
    users: int = 100,
    game: str = "sdvx",
    collections: Mapping[str, Sequence[Document]] | None = None,
    seed: int = SEED,
) -> Iterator[bytes]:
    """Make an export of the reference server's ``orphan-scores`` collection.

    Args:
        count: The number of orphans.
        matching: The share of orphans that the catalogue knows now, 0 to 1.
        users: The number of players, whose IDs begin at 1.
        game: ``iidx``, ``sdvx`` or ``wacca``.
        collections: The documents of a catalogue; None takes the sample's.
        seed: The same seed makes the same export.

    Yields:
        One line of NDJSON per orphan.
    """
    context = {"game": game, "playtype": PLAYTYPES[game], "service": "Benchmark", "version": None}
    scores = _scores(count, game, collections, 1 - matching, seed)
    for number, score in enumerate(scores):
        document = {
            "importType": "ir/direct-manual",
            "userID": 1 + number % users,
            "data": {**score, "matchType": "songTitle"}
            if "Unheard" in score["identifier"]
            else score,
            "context": context,
        }
        line = {
            **document,
            "game": game,
            "orphanID": identifier("O", document),
            "timeInserted": START_MS + number,
        }
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
