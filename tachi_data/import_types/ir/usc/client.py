"""The USC-IR client. Every answer is HTTP 200; a number in the JSON tells how the request went.

The client is asked for the replay of each score, which is kept as a file with the score's ID as its name.
It stays when the score is deleted or its import reverted: the same play, imported again, has the same ID.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tachi_data.import_types.clients import Attachment, Call, Client, Reply, Stored
from tachi_data.records import checked
from tachi_data.records.schema import Int, Object, Str

PLAYTYPES = ("Controller", "Keyboard")
SUCCESS, ACCEPTED, BAD_REQUEST, UNAUTHORISED, FORBIDDEN, NOT_FOUND, FAILED = (
    20, 22, 40, 41, 43, 44, 50,
)  # fmt: skip
CODES = {401: UNAUTHORISED, 403: FORBIDDEN, 404: NOT_FOUND, 429: BAD_REQUEST}
LAMPS = {
    "FAILED": 1,
    "CLEAR": 2,
    "EXCESSIVE CLEAR": 3,
    "ULTIMATE CHAIN": 4,
    "PERFECT ULTIMATE CHAIN": 5,
}
CHART = Object(
    members={
        **{
            name: Str()
            for name in ("chartHash", "artist", "title", "effector", "illustrator", "bpm")
        },
        "level": Int(1, 20),
        "difficulty": Int(0, 3),
    }
)
MOST = 10
NEIGHBOURS = 3
REPLAY = Attachment("replay", 1024 * 1024, ("identifier",))
REPLAYS = "uscir/replays"
SCORE_ID = re.compile("T[0-9a-f]{64}")


def coded(code: int, text: str, body: Any = None) -> Reply:
    """Return an answer with one of the client's own codes."""
    said = {"statusCode": code, "description": text}
    return Reply(200, said if body is None else {**said, "body": body})


def refuse(status: int, text: str) -> Reply:
    """Return a failure with one of the client's own codes."""
    return coded(CODES.get(status, FAILED if status >= 500 else BAD_REQUEST), text)


def options(call: Call) -> dict[str, Any]:
    """Return the options: the chart and the playtype, which are no part of the play."""
    body = call.body if isinstance(call.body, dict) else {}
    chart = checked(body.get("chart"), CHART, "chart")
    return {"chartHash": chart["chartHash"], "playtype": call.path["playtype"]}


USC = Client("boku", refuse=refuse, guest_status=400, playtypes=PLAYTYPES)


def server_score(pb: Mapping[str, Any]) -> dict[str, Any]:
    """Return a personal best as the client shows it."""
    data, meta = pb["scoreData"], pb["scoreMeta"]
    judgements = data["judgements"]
    return {
        "score": data["score"],
        "timestamp": (pb["timeAchieved"] or 0) // 1000,
        "crit": judgements.get("critical") or 0,
        "near": judgements.get("near") or 0,
        "error": judgements.get("miss") or 0,
        "ranking": pb["rankingData"]["rank"],
        "lamp": LAMPS[data["lamp"]],
        "username": pb["username"],
        "noteMod": meta.get("noteMod") or "NORMAL",
        "gaugeMod": meta.get("gaugeMod") or "NORMAL",
    }


def heartbeat(call: Call, stored: Stored) -> Reply:
    """Answer that the service is there."""
    del call, stored
    body = {"serverTime": int(time.time()), "serverName": "tachi_data", "irVersion": "0.4.0-a"}
    return coded(SUCCESS, "The service is there.", body)


def ranking(call: Call, stored: Stored) -> Sequence[Mapping[str, Any]] | None:
    """Return the personal bests on the chart in the path; None where there is no such chart."""
    charts = stored.charts("usc", "sha1", call.path["hash"])
    mine = [c["chartID"] for c in charts if c["playtype"] == call.path["playtype"]]
    return stored.ranking("usc", mine[0]) if mine else None


def knows_chart(call: Call, stored: Stored) -> Reply:
    """Answer whether scores on a chart count."""
    if ranking(call, stored) is None:
        return coded(NOT_FOUND, "This chart is not known.")
    return coded(SUCCESS, "This chart is known.", {})


def record(call: Call, stored: Stored) -> Reply:
    """Answer with the best score on a chart."""
    best = ranking(call, stored)
    if not best:
        return coded(NOT_FOUND, "There is no score on this chart.")
    return coded(SUCCESS, "Found the record.", {"record": server_score(best[0])})


def leaderboard(call: Call, stored: Stored) -> Reply:
    """Answer with the best scores on a chart."""
    best, number = ranking(call, stored), call.query.get("n", "")
    if best is None:
        return coded(NOT_FOUND, "This chart is not known.")
    if call.query.get("mode") != "best":
        return coded(BAD_REQUEST, "mode: only best is supported.")
    if not re.fullmatch("[0-9]{1,9}", number) or int(number) == 0:
        return coded(BAD_REQUEST, "n: expected a positive integer.")
    return coded(
        SUCCESS, "Found scores.", [server_score(pb) for pb in best[: min(int(number), MOST)]]
    )


def reply(document: Mapping[str, Any], call: Call, stored: Stored) -> Reply:
    """Answer how the play compares with the record and with the scores just above and below."""
    errors = document["errors"]
    if errors and errors[0]["type"] == "SongOrChartNotFound":
        return coded(ACCEPTED, "The chart is not known; the score is kept until it is.", {})
    if errors:
        return coded(BAD_REQUEST, f"[{errors[0]['type']}] {errors[0]['message']}")
    if not document["scoreIDs"]:
        return known(call, stored)
    (score,) = stored.records(document)["scores"]
    pbs = stored.ranking("usc", score["chartID"])
    body = comparison(pbs, call.user_id, score["scoreData"]["score"])
    assert body is not None
    return coded(SUCCESS, "Imported the score.", {**body, "sendReplay": score["scoreID"]})


def known(call: Call, stored: Stored) -> Reply:
    """Answer to a play that was sent before. To the client, an answer without the comparison is a failure.

    No replay is asked for, as it came with the first answer, and the score's ID is not known here.
    """
    chart = replace(call, path={**call.path, "hash": call.body["chart"]["chartHash"]})
    body = comparison(ranking(chart, stored) or (), call.user_id, call.body["score"]["score"])
    if body is None:
        return coded(ACCEPTED, "This play was deleted, and does not count.", {})
    return coded(SUCCESS, "This score is known already.", body)


def comparison(pbs: Sequence[Mapping[str, Any]], user_id: int, score: int) -> dict[str, Any] | None:
    """Returns how a play compares with the personal bests on its chart; None if the player has none there."""
    at = next((i for i, pb in enumerate(pbs) if pb["userID"] == user_id), None)
    if at is None:
        return None
    # The record is shown on its own, so it is not among the neighbours.
    above = pbs[max(at - NEIGHBOURS, 1) : at] if at else []
    return {
        "score": server_score(pbs[at]),
        "serverRecord": server_score(pbs[0]),
        "isServerRecord": at == 0,
        "isPB": score == pbs[at]["scoreData"]["score"],
        "adjacentAbove": [server_score(pb) for pb in above],
        "adjacentBelow": [server_score(pb) for pb in pbs[at + 1 : at + 1 + NEIGHBOURS]],
    }


def keep_replay(call: Call, stored: Stored) -> Reply:
    """Keep the replay of a score."""
    identifier = call.body.get("identifier")
    if not identifier:
        return coded(BAD_REQUEST, "identifier: expected the ID of a score, got nothing.")
    if call.file is None:
        return coded(BAD_REQUEST, "replay: expected a file, got nothing.")
    if not SCORE_ID.fullmatch(identifier) or not stored.has_score("usc", identifier):
        return coded(NOT_FOUND, "This is no score of yours.")
    stored.keep_file(REPLAYS, identifier, call.file)
    return coded(SUCCESS, "Kept the replay.", {})
