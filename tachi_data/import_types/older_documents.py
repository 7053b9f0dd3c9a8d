"""Documents of BATCH-MANUAL as exporters wrote them earlier, turned into those of today where that is certain.

The document itself had ``head`` and ``body``, and each score its ``playtype``. Scores had older names of members.
CHUNITHM had one ``lamp``, jubeat a ``percent``. An orphan keeps its score as it was sent.
"""

from __future__ import annotations

from typing import Any

from tachi_data.games import GPT

# Older names of members of every game, and of single games.
NAMES = {"hitData": "judgements"}
NAMES_OF_GAME = {"jubeat": {"percent": "musicRate"}}
MATCH_TYPES = {"title": "songTitle"}
# The one lamp of CHUNITHM ranked what noteLamp and clearLamp tell today: a full combo was a clear.
CHUNITHM_LAMPS = {
    "FAILED": ("NONE", "FAILED"),
    "CLEAR": ("NONE", "CLEAR"),
    "FULL COMBO": ("FULL COMBO", "CLEAR"),
    "ALL JUSTICE": ("ALL JUSTICE", "CLEAR"),
    "ALL JUSTICE CRITICAL": ("ALL JUSTICE CRITICAL", "CLEAR"),
}


def modern_document(document: Any) -> Any:
    """Return the document with ``meta`` and ``scores``, and with the playtype that all its scores name.

    >>> old = {"head": {"game": "iidx"}, "body": [{"playtype": "SP"}, {"playtype": "SP"}]}
    >>> modern_document(old)["meta"]
    {'game': 'iidx', 'playtype': 'SP'}
    """
    if not isinstance(document, dict):
        return document
    for old, new in (("head", "meta"), ("body", "scores")):
        if old in document and new not in document:
            document = {new if key == old else key: value for key, value in document.items()}
    meta, scores = document.get("meta"), document.get("scores")
    if isinstance(meta, dict) and "playtype" not in meta and isinstance(scores, list):
        named = {s.get("playtype") if isinstance(s, dict) else None for s in scores if s != []}
        if len(named) == 1 and isinstance(playtype := next(iter(named)), str):
            return {**document, "meta": {**meta, "playtype": playtype}}
    return document


def modern_score(score: dict[str, Any], gpt: GPT) -> dict[str, Any]:
    """Return a score with the members of today; what is not certain stays as it is.

    >>> from tachi_data.games import gpt
    >>> modern_score({"score": 1_000_000, "lamp": "ALL JUSTICE"}, gpt("chunithm", "Single"))
    {'score': 1000000, 'noteLamp': 'ALL JUSTICE', 'clearLamp': 'CLEAR'}
    """
    modern = dict(score)
    for old, new in (NAMES | NAMES_OF_GAME.get(gpt.game, {})).items():
        if old in modern and new not in modern:
            modern[new] = modern.pop(old)
    if modern.get("playtype") == gpt.playtype:
        del modern["playtype"]
    kind = modern.get("matchType")
    if isinstance(kind, str):
        modern["matchType"] = MATCH_TYPES.get(kind, kind)
    if gpt.game == "chunithm" and not {"noteLamp", "clearLamp"} & modern.keys():
        lamp = modern.get("lamp")
        lamps = CHUNITHM_LAMPS.get(lamp) if isinstance(lamp, str) else None
        if lamps is not None:
            del modern["lamp"]
            modern["noteLamp"], modern["clearLamp"] = lamps
    return modern
