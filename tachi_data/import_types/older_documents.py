"""Documents of BATCH-MANUAL as other programs write them, turned into ours where that is certain.

Earlier, the document itself had ``head`` and ``body``, CHUNITHM one ``lamp``, jubeat a ``percent``; since v3, an
in-game ID may be a number. An orphan keeps its score as it was sent.
"""

from __future__ import annotations

from typing import Any

from tachi_data.games import GPT
from tachi_data.games.match_types import IN_GAME_ID, SPECIAL_CHART

# Older names of members.
NAMES = {"jubeat": {"percent": "musicRate"}}
# Match types whose identifier may be a number.
NUMBERED = (IN_GAME_ID.name, SPECIAL_CHART.name)
# The one lamp of CHUNITHM ranked what noteLamp and clearLamp tell today: a full combo was a clear.
CHUNITHM_LAMPS = {
    "FAILED": ("NONE", "FAILED"),
    "CLEAR": ("NONE", "CLEAR"),
    "FULL COMBO": ("FULL COMBO", "CLEAR"),
    "ALL JUSTICE": ("ALL JUSTICE", "CLEAR"),
    "ALL JUSTICE CRITICAL": ("ALL JUSTICE CRITICAL", "CLEAR"),
}


def modern_document(document: Any) -> Any:
    """Return the document with ``meta`` and ``scores``.

    >>> modern_document({"head": {"game": "iidx"}, "body": []})
    {'meta': {'game': 'iidx'}, 'scores': []}
    """
    if not isinstance(document, dict):
        return document
    for old, new in (("head", "meta"), ("body", "scores")):
        if old in document and new not in document:
            document = {new if key == old else key: value for key, value in document.items()}
    return document


def modern_score(score: dict[str, Any], gpt: GPT) -> dict[str, Any]:
    """Return a score with the members of today; what is not certain stays as it is.

    >>> from tachi_data.games import gpt
    >>> modern_score({"score": 1_000_000, "lamp": "ALL JUSTICE"}, gpt("chunithm", "Single"))
    {'score': 1000000, 'noteLamp': 'ALL JUSTICE', 'clearLamp': 'CLEAR'}
    """
    modern = dict(score)
    for old, new in NAMES.get(gpt.game, {}).items():
        if old in modern and new not in modern:
            modern[new] = modern.pop(old)
    if gpt.game == "chunithm" and not {"noteLamp", "clearLamp"} & modern.keys():
        lamp = modern.get("lamp")
        lamps = CHUNITHM_LAMPS.get(lamp) if isinstance(lamp, str) else None
        if lamps is not None:
            del modern["lamp"]
            modern["noteLamp"], modern["clearLamp"] = lamps
    if modern.get("matchType") in NUMBERED and type(modern.get("identifier")) is int:
        modern["identifier"] = str(modern["identifier"])
    return modern
