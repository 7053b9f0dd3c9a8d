"""Data of any size, for benchmarks: import files, and exports of orphans."""

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
    """A BATCH-MANUAL file with that many different scores, a share of them on unknown songs.

    Times lie in sessions of about forty scores. ``collections`` is a catalogue, by default the
    sample's; match types are mixed.
    """
    scores = list(_scores(count, game, collections, unknown, seed))
    meta = {"game": game, "playtype": PLAYTYPES[game], "service": "Benchmark"}
    return json.dumps({"meta": meta, "scores": scores}, ensure_ascii=False).encode()


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
    for number in range(count):
        time_ms += 200_000 if number % 40 else 10 * 60 * 60 * 1000
        chart = chance.choice(charts)
        play = {"chart": chart, "quality": 0.3 + 0.69 * chance.random()}
        result = RESULTS[game](play)
        if game != "iidx":  # Scores that differ in nothing would be duplicates.
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
    """Lines of an export of ``orphan-scores``: that many orphans, a share of which match by now."""
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
